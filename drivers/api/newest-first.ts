import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Clock } from '@gatehouse/kit';

/** Requests that are handed on in one turn of the event loop: some 4 ms of work. */
const atOnce = 16;
/**
 * Node accepts one connection in a turn. For this long, milliseconds, turns are kept short so that others are
 * accepted.
 */
const acceptWithinMs = 10;

/**
 * Hands requests on a few at a time, the newest few first, and these in their order. 1,000 of them take a
 * quarter of a second, and a stop that comes behind them would wait for all. In between the event loop is
 * free for the buses and the journal. The requests that have waited longest wait on, and expire first. The
 * server's bound on connections limits the number that wait (drop policy: refuse-newest).
 *
 * The order in which requests came is not lost: see `arrivalOf`. Without it an open that came before a stop
 * would be taken for the newer of the two.
 */
export class NewestFirst {
  readonly #onRequest: RequestListener;
  readonly #arrive: () => number;
  readonly #clock: Clock;
  readonly #waiting: (readonly [IncomingMessage, ServerResponse])[] = [];
  readonly #arrivals = new WeakMap<IncomingMessage, number>();
  #scheduled = false;
  /** A connection was accepted in this turn: there may be more. */
  #accepted = false;
  #sinceMs = 0;

  /** @param arrive gives the number of the request that comes now, greater than all before it */
  constructor(onRequest: RequestListener, arrive: () => number, clock: Clock) {
    this.#onRequest = onRequest;
    this.#arrive = arrive;
    this.#clock = clock;
  }

  /** To be called with each new connection of the server. */
  readonly onConnection = (): void => {
    this.#accepted = true;
  };

  readonly listener: RequestListener = (request, response) => {
    this.#arrivals.set(request, this.#arrive());
    if (this.#waiting.length === 0) this.#sinceMs = this.#clock.monotonicMs();
    this.#waiting.push([request, response]);
    this.#schedule();
  };

  /** The number that a request came under. */
  arrivalOf(request: IncomingMessage): number | undefined {
    return this.#arrivals.get(request);
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#turn();
      if (this.#waiting.length > 0) this.#schedule();
    });
  }

  #turn(): void {
    const isOver = this.#clock.monotonicMs() - this.#sinceMs >= acceptWithinMs;
    // The newest of several requests that come together is known only once all of them are accepted.
    if (isOver || !this.#accepted) {
      for (const [request, response] of this.#waiting.splice(-atOnce))
        if (!response.destroyed) this.#onRequest(request, response);
      this.#sinceMs = this.#clock.monotonicMs();
    }
    this.#accepted = false;
  }
}

import { type Clock, describeError, type Log, type Part, sleep } from '@gatehouse/kit';
import type { Priority } from '../bus/request-queue.ts';
import { releaseRelay } from '../profiles/requests.ts';
import type { Board } from './board.ts';

/** Between attempts to release a relay, milliseconds; there is no last attempt. */
const retryMs = 500;

interface Due {
  readonly key: string;
  readonly board: Board;
  readonly channel: number;
  /** A hold by the fire latch outlives this service. */
  readonly outlives: boolean;
  readonly priority: Priority;
  dueMs: number;
}

/**
 * Releases relays that the box has switched on, on boards that cannot time a pulse, and goes on until the
 * relay is read as off. A release is read first and written only if the relay is on; at start, relays that a
 * dead predecessor left on are released after the board's state was read. One entry a relay: bounded by the
 * wiring.
 */
export class RelayRelease implements Part {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #due = new Map<string, Due>();
  readonly #stopping = new AbortController();
  #working: Promise<void> | undefined;
  #wake: () => void = () => undefined;

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  start(): void {
    this.#working = this.#run(this.#stopping.signal);
  }

  /** Lets go at once, so that an orderly stop leaves no relay on; but for what a fire holds open. */
  async stop(): Promise<void> {
    for (const due of this.#due.values()) if (!due.outlives) await this.#attempt(due);
    this.#stopping.abort();
    this.#wake();
    await this.#working;
  }

  /** Releases a relay in `delayMs`; a later order for the same relay moves the time. */
  after(board: Board, channel: number, delayMs: number, outlives = false): void {
    this.#add({ key: keyOf(board, channel), board, channel, outlives, priority: 'safety', dueMs: delayMs });
  }

  /** Releases a relay at once, behind a stop: what is behind that is no more urgent than another stop. */
  behindStop(board: Board, channel: number): void {
    this.#add({ key: keyOf(board, channel), board, channel, outlives: false, priority: 'stop', dueMs: 0 });
  }

  #add({ dueMs, ...due }: Due): void {
    this.#due.set(due.key, { ...due, dueMs: this.#clock.monotonicMs() + dueMs });
    this.#wake();
  }

  /**
   * Somebody has closed the relay anew, and its board times that: an earlier order to let go is void, also
   * one on its way.
   */
  forget(board: Board, channel: number): void {
    this.#due.delete(keyOf(board, channel));
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const nowMs = this.#clock.monotonicMs();
      const due = [...this.#due.entries()].filter(([, entry]) => entry.dueMs <= nowMs);
      for (const [key, entry] of due) {
        const dueMs = entry.dueMs;
        if (!(await this.#attempt(entry))) entry.dueMs = Math.max(entry.dueMs, nowMs + retryMs);
        else if (this.#due.get(key) === entry && entry.dueMs === dueMs) this.#due.delete(key);
      }
      await this.#pause(signal);
    }
  }

  async #pause(signal: AbortSignal): Promise<void> {
    const nextMs = Math.min(...[...this.#due.values()].map((entry) => entry.dueMs));
    const woken = new AbortController();
    this.#wake = () => woken.abort();
    if (signal.aborted) return;
    const waitMs = Number.isFinite(nextMs) ? Math.max(1, nextMs - this.#clock.monotonicMs()) : 60_000;
    await sleep(this.#clock, waitMs, woken.signal);
  }

  /** True once the relay is known to be off. */
  async #attempt(due: Due): Promise<boolean> {
    const { key, board, channel, priority } = due;
    const onTake = () => {
      if (this.#due.get(key) !== due) throw new Error('the relay was closed anew');
    };
    try {
      const before = await board.readRelays({ priority });
      if (!before.bits[channel]) return true;
      await board.write(releaseRelay(board.profile, board.unit, channel), { priority, onTake });
      return (await board.readRelays({ priority })).bits[channel] === false;
    } catch (error) {
      this.#log.warn('relay-release-waits', { bus: board.bus.id, channel, why: describeError(error) });
      return false;
    }
  }
}

function keyOf(board: Board, channel: number): string {
  return `${board.bus.id}/${board.unit}/${channel}`;
}

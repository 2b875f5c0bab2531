import type { OutboxAck, OutboxAckAnswer, OutboxDoubt } from '@gatehouse/contracts';
import { Backoff, type Clock, GatehouseError, type Log, type Random, sleep } from '@gatehouse/kit';
import type { OutboxSource } from './outbox-source.ts';
import { Wake } from './wake.ts';

/** Most time to wait before asking again whether there is something to post; a ring ends the wait. */
const idleMs = 60_000;

/**
 * Time from one post to the next: each is an fsync of the runtime, and another where it deletes the rows. The
 * window does not wait for them, and what a crash keeps from being posted is resent and known again.
 */
const postEveryMs = 50;

type Outcome = OutboxAckAnswer['outcome'];
/** Called with what a post led to, where the runtime says. */
export type OnOutcome = (outcome: Outcome, about: OutboxAck | OutboxDoubt) => void;

/**
 * Passes acknowledgements back to the runtime, which deletes the rows. Cumulative, so only the newest of a
 * class is kept while the runtime is away; one lost with this process is earned again by a resend. What the
 * platform says against an event goes the same way, the newest of a class and kind; the platform says it
 * again with each resend.
 */
export class AckPoster {
  readonly #source: OutboxSource;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #backoff: Backoff;
  readonly #wake = new Wake();
  readonly #due = new Map<string, OutboxAck | OutboxDoubt>();
  readonly #onOutcome: OnOutcome;

  constructor(
    source: OutboxSource,
    clock: Clock,
    random: Random,
    log: Log,
    onOutcome: OnOutcome = () => undefined,
  ) {
    this.#source = source;
    this.#clock = clock;
    this.#log = log;
    this.#backoff = new Backoff({ firstMs: 100, capMs: 2000 }, random);
    this.#onOutcome = onOutcome;
  }

  post(about: OutboxAck | OutboxDoubt): void {
    this.#due.set(keyOf(about), about);
    this.#wake.ring();
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const [about] = this.#due.values();
      if (about) await this.#postOne(about, signal);
      else await this.#wake.wait(this.#clock, idleMs, signal);
    }
  }

  async #postOne(about: OutboxAck | OutboxDoubt, signal: AbortSignal): Promise<void> {
    try {
      const outcome = isAck(about)
        ? await this.#source.acknowledge(about, signal)
        : await this.#source.doubt(about, signal);
      this.#done(about);
      if (outcome !== undefined) this.#onOutcome(outcome, about);
      if (this.#backoff.attempt > 0) this.#log.info('outbox-ack-resumed');
      this.#backoff.reset();
      await sleep(this.#clock, postEveryMs, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof GatehouseError && isFinal(error, about)) {
        // The runtime is there and says that this is not its number (a restored store): asking again changes
        // nothing.
        this.#log.error('outbox-ack-refused', { ...about, error });
        return this.#done(about);
      }
      if (this.#backoff.attempt === 0) this.#log.warn('outbox-ack-failed', { ...about, error });
      this.#behindTheOthers(about);
      await sleep(this.#clock, this.#backoff.nextMs(), signal);
    }
  }

  /** One class that the runtime cannot take now must not keep the others waiting for ever. */
  #behindTheOthers(about: OutboxAck | OutboxDoubt): void {
    const key = keyOf(about);
    const newest = this.#due.get(key) ?? about;
    this.#due.delete(key);
    this.#due.set(key, newest);
  }

  #done(about: OutboxAck | OutboxDoubt): void {
    if (this.#due.get(keyOf(about)) === about) this.#due.delete(keyOf(about));
  }
}

function isAck(about: OutboxAck | OutboxDoubt): about is OutboxAck {
  return 'upTo' in about;
}

function isFinal({ fault, code }: GatehouseError, about: OutboxAck | OutboxDoubt): boolean {
  return fault === 'input' || code === 'ACK_NOT_OURS' || (!isAck(about) && code !== 'PEER_DOWN');
}

function keyOf(about: OutboxAck | OutboxDoubt): string {
  return `${about.eventclass} ${isAck(about) ? 'ack' : about.claim.as}`;
}

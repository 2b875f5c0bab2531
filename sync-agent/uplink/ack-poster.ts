import type { EventClass, OutboxAck } from '@gatehouse/contracts';
import { Backoff, type Clock, GatehouseError, type Log, type Random, sleep } from '@gatehouse/kit';
import type { OutboxSource } from './outbox-source.ts';
import { Wake } from './wake.ts';

/** Most time to wait before asking again whether there is something to post; a ring ends the wait. */
const idleMs = 60_000;

/**
 * Time from one post to the next: each is an fsync of the runtime, and another where it deletes the rows. The window does
 * not wait for them, and what a crash keeps from being posted is resent and known again.
 */
const postEveryMs = 50;

/**
 * Passes acknowledgements back to the runtime, which deletes the rows. Cumulative, so only the newest of a class is
 * kept while the runtime is away; one lost with this process is earned again by a resend.
 */
export class AckPoster {
  readonly #source: OutboxSource;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #backoff: Backoff;
  readonly #wake = new Wake();
  readonly #due = new Map<EventClass, OutboxAck>();

  constructor(source: OutboxSource, clock: Clock, random: Random, log: Log) {
    this.#source = source;
    this.#clock = clock;
    this.#log = log;
    this.#backoff = new Backoff({ firstMs: 100, capMs: 2000 }, random);
  }

  post(ack: OutboxAck): void {
    this.#due.set(ack.eventclass, ack);
    this.#wake.ring();
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const [ack] = this.#due.values();
      if (ack) await this.#postOne(ack, signal);
      else await this.#wake.wait(this.#clock, idleMs, signal);
    }
  }

  async #postOne(ack: OutboxAck, signal: AbortSignal): Promise<void> {
    try {
      await this.#source.acknowledge(ack, signal);
      this.#done(ack);
      if (this.#backoff.attempt > 0) this.#log.info('outbox-ack-resumed');
      this.#backoff.reset();
      await sleep(this.#clock, postEveryMs, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof GatehouseError && (error.fault === 'input' || error.code === 'ACK_NOT_OURS')) {
        // The runtime is there and says that this is not its number (a restored store): asking again changes nothing.
        this.#log.error('outbox-ack-refused', { ...ack, error });
        return this.#done(ack);
      }
      if (this.#backoff.attempt === 0) this.#log.warn('outbox-ack-failed', { ...ack, error });
      this.#behindTheOthers(ack);
      await sleep(this.#clock, this.#backoff.nextMs(), signal);
    }
  }

  /** One class that the runtime cannot take now must not keep the others waiting for ever. */
  #behindTheOthers(ack: OutboxAck): void {
    const newest = this.#due.get(ack.eventclass) ?? ack;
    this.#due.delete(ack.eventclass);
    this.#due.set(ack.eventclass, newest);
  }

  #done(ack: OutboxAck): void {
    if (this.#due.get(ack.eventclass) === ack) this.#due.delete(ack.eventclass);
  }
}

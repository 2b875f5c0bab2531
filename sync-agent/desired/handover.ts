import { DesiredAnswer, type DesiredMessage, maxDesiredBytes } from '@gatehouse/contracts';
import {
  Backoff,
  type Clock,
  GatehouseError,
  type LocalClient,
  type Log,
  type Random,
  sleep,
} from '@gatehouse/kit';
import type { InboundMessage } from '../broker/link.ts';
import { Wake } from '../uplink/wake.ts';
import { WarnBudget } from '../uplink/warn-budget.ts';

/** A large message is verified and written to disk before the answer. */
const answerMs = 30_000;
/** How long nothing is asked while nothing waits; a message ends it. */
const idleMs = 60_000;
/** Time after which a message is handed over again that cannot be judged yet (the box's clock). */
const againMs = 60_000;

/** The runtime as seen from here. */
export type DesiredTaker = Pick<LocalClient, 'call'>;

/**
 * Hands the desired state to the runtime as bytes, which verifies it: what the network reaches first must not
 * be able to change one. Holds one message, the last (drop policy: drop-oldest), until the runtime has taken
 * or refused it. A restart of this service gets it again from the broker, which keeps it.
 */
export class Handover {
  readonly #runtime: DesiredTaker;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #warnings: WarnBudget;
  readonly #backoff: Backoff;
  readonly #wake = new Wake();
  #latest: DesiredMessage | undefined;

  constructor(runtime: DesiredTaker, clock: Clock, random: Random, log: Log) {
    this.#runtime = runtime;
    this.#clock = clock;
    this.#log = log;
    this.#warnings = new WarnBudget(log, clock);
    this.#backoff = new Backoff({ firstMs: 250, capMs: 60_000 }, random);
  }

  /** An empty message is how a broker is told to forget a retained one: it asks for nothing. */
  take({ payload }: InboundMessage): void {
    if (payload.length === 0) return;
    this.#latest =
      payload.length > maxDesiredBytes
        ? { turnedAway: 'MESSAGE_TOO_LONG' }
        : { bytes: payload.toString('base64') };
    this.#wake.ring();
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const message = this.#latest;
      if (!message) await this.#wake.wait(this.#clock, idleMs, signal);
      else if (await this.#hand(message, signal)) {
        if (this.#latest === message) this.#latest = undefined;
      }
    }
  }

  /** True once the message needs no more care. */
  async #hand(message: DesiredMessage, signal: AbortSignal): Promise<boolean> {
    try {
      const options = { body: message, timeoutMs: answerMs, signal };
      const answer = DesiredAnswer.parse(await this.#runtime.call('PUT', '/desired', options));
      this.#backoff.reset();
      if (answer.refusal) this.#warnings.warn('desired-refused', answer.refusal);
      else this.#log.info('desired-handed-over', { taken: answer.taken });
      if (!answer.again) return true;
      await this.#wake.wait(this.#clock, againMs, signal);
      return false;
    } catch (error) {
      if (signal.aborted) return false;
      this.#warnings.warn('desired-not-handed-over', 'runtime', { error });
      // The runtime is there and will not read it, now or later.
      if (error instanceof GatehouseError && error.fault === 'input') return true;
      await sleep(this.#clock, this.#backoff.nextMs(), signal);
      return false;
    }
  }
}

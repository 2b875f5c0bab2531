import { WireEvent, type WithheldReason } from '@gatehouse/contracts';
import { type Clock, GatehouseError, isoWithOffset, type Log } from '@gatehouse/kit';
import { type EgressDecision, type Inspector, type RowOrigin, withheldEvent } from './egress.ts';
import type { OutboxSource } from './outbox-source.ts';

const Timed = WireEvent.pick({ time: true }).loose();

/** Turns outbox rows into events that may leave; what may not is reported to the runtime and replaced. */
export class EgressFilter {
  readonly #inspect: Inspector;
  readonly #source: OutboxSource;
  readonly #clock: Clock;
  readonly #log: Log;
  constructor(inspect: Inspector, source: OutboxSource, clock: Clock, log: Log) {
    this.#inspect = inspect;
    this.#source = source;
    this.#clock = clock;
    this.#log = log;
  }

  /** The decision alone, without any consequence. */
  look(row: unknown, origin: RowOrigin): EgressDecision {
    return this.#inspect(row, origin);
  }

  async admit(row: unknown, origin: RowOrigin, signal: AbortSignal): Promise<WireEvent> {
    const decision = this.#inspect(row, origin);
    if (decision.ok) return decision.event;
    return this.withhold(row, origin, decision.reason, decision.detail, signal);
  }

  /**
   * Reports the refusal before anything of the row can be acknowledged and deleted; throws if the runtime is
   * away, so that the pull is repeated. A runtime that does not take the report must not hold up the events
   * behind.
   */
  async withhold(
    row: unknown,
    origin: RowOrigin,
    reason: WithheldReason,
    detail: string,
    signal: AbortSignal,
  ): Promise<WireEvent> {
    const { epoch, eventclass, sequence } = origin;
    this.#log.error('egress-refused', { eventclass, sequence, reason, detail });
    try {
      await this.#source.refuse({ epoch, eventclass, sequence, reason, detail }, signal);
    } catch (error) {
      if (!(error instanceof GatehouseError) || error.code === 'PEER_DOWN') throw error;
      this.#log.error('egress-refusal-not-recorded', { eventclass, sequence, error });
    }
    const stated = Timed.safeParse(row);
    const time = stated.success ? stated.data.time : isoWithOffset(this.#clock.epochMs());
    return withheldEvent(row, origin, reason, time);
  }
}

import type { Clock, Log, LogFields } from '@gatehouse/kit';

const periodMs = 10_000;

/**
 * Warnings that a hostile peer can cause: one line an event and reason every 10 s, with a count of those left
 * out.
 */
export class WarnBudget {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #seen = new Map<string, { sinceMs: number; leftOut: number }>();
  constructor(log: Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /** `event` and `why` come from closed lists, never from the peer: they are this map's bound. */
  warn(event: string, why: string, fields: LogFields = {}): void {
    const key = `${event} ${why}`;
    const nowMs = this.#clock.monotonicMs();
    const last = this.#seen.get(key);
    if (last && nowMs - last.sinceMs < periodMs) {
      last.leftOut++;
      return;
    }
    this.#seen.set(key, { sinceMs: nowMs, leftOut: 0 });
    this.#log.warn(event, { why, ...fields, ...(last?.leftOut ? { leftOut: last.leftOut } : {}) });
  }
}

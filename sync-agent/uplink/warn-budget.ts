import { type Clock, type Log, type LogFields, WindowLimit } from '@gatehouse/kit';

const periodMs = 10_000;

/**
 * Warnings that a hostile peer can cause: one line an event and reason every 10 s, with a count of those left
 * out.
 */
export class WarnBudget {
  readonly #log: Log;
  readonly #limit: WindowLimit;
  readonly #leftOut = new Map<string, number>();
  constructor(log: Log, clock: Clock) {
    this.#log = log;
    this.#limit = new WindowLimit(1, periodMs, clock);
  }

  /** `event` and `why` come from closed lists, never from the peer: they bound the memory. */
  warn(event: string, why: string, fields: LogFields = {}): void {
    const key = `${event} ${why}`;
    const leftOut = this.#leftOut.get(key) ?? 0;
    if (!this.#limit.take(key)) {
      this.#leftOut.set(key, leftOut + 1);
      return;
    }
    this.#leftOut.delete(key);
    this.#log.warn(event, { why, ...fields, ...(leftOut > 0 ? { leftOut } : {}) });
  }
}

import type { Clock } from '@gatehouse/kit';

/** Refusals told one by one: so many at once, and so many a minute. At 10 a minute a day of flood is 14 400 audit entries of 100 000. */
const most = 10;
const perMinute = 10;

/** Bounds what refusals cost: each is an entry in the audit and an event upstream, and whoever may publish can cause them. */
export class RefusalBudget {
  readonly #clock: Clock;
  #level = most;
  #atMs: number;
  #leftOut = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#atMs = clock.monotonicMs();
  }

  /**
   * Counts `count` refusals of one kind. Returns how many are left out of the record besides the one that is told now, or `undefined` if this
   * one is to be counted only.
   */
  take(count: number): number | undefined {
    const nowMs = this.#clock.monotonicMs();
    this.#level = Math.min(most, this.#level + ((nowMs - this.#atMs) * perMinute) / 60_000);
    this.#atMs = nowMs;
    if (this.#level < 1) {
      this.#leftOut += count;
      return undefined;
    }
    this.#level--;
    const leftOut = this.#leftOut + count - 1;
    this.#leftOut = 0;
    return leftOut;
  }
}

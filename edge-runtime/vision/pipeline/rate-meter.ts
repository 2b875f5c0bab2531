/** Events a second over the last stretch of time. Bounded: at most `maxEvents` are remembered. */
export class RateMeter {
  readonly #windowMs: number;
  readonly #times: number[] = [];
  constructor(windowMs = 10_000) {
    this.#windowMs = windowMs;
  }
  /** `nowMs`: monotonic. */
  count(nowMs: number): void {
    this.#times.push(nowMs);
    this.#forget(nowMs);
  }
  perSecond(nowMs: number): number {
    this.#forget(nowMs);
    return this.#times.length / (this.#windowMs / 1000);
  }
  #forget(nowMs: number) {
    let old = 0;
    while (old < this.#times.length && nowMs - (this.#times[old] ?? nowMs) > this.#windowMs) old++;
    old = Math.max(old, this.#times.length - maxEvents);
    if (old > 0) this.#times.splice(0, old);
  }
}

/** 25 analysed frames a second for ten seconds, with room. */
const maxEvents = 1_000;

/** The breaker of a restart storm: at most `limit` restarts in `windowMs`. */
export class RestartLimit {
  readonly #limit: number;
  readonly #windowMs: number;
  #restartsMs: number[] = [];
  constructor(limit = 5, windowMs = 60_000) {
    this.#limit = limit;
    this.#windowMs = windowMs;
  }
  /** Counts one restart at a monotonic time; false if it is one too many and the service must be held down. */
  allow(nowMs: number): boolean {
    this.#restartsMs = this.#restartsMs.filter((at) => nowMs - at < this.#windowMs);
    if (this.#restartsMs.length >= this.#limit) return false;
    this.#restartsMs.push(nowMs);
    return true;
  }
}

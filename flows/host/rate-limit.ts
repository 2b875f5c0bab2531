import type { Clock } from '@gatehouse/kit';

/** At most `limit` grants in any `windowMs`, for each key; what is over is refused, never queued. */
export class RateLimit {
  readonly #grants = new Map<string, number[]>();
  readonly #limit: number;
  readonly #windowMs: number;
  readonly #clock: Clock;
  constructor(limit: number, windowMs: number, clock: Clock) {
    this.#limit = limit;
    this.#windowMs = windowMs;
    this.#clock = clock;
  }

  take(key: string): boolean {
    const now = this.#clock.monotonicMs();
    this.#forgetBefore(now - this.#windowMs);
    const grants = this.#grants.get(key) ?? [];
    if (grants.length >= this.#limit) return false;
    this.#grants.set(key, [...grants, now]);
    return true;
  }

  /** Keys without a recent grant go, so that redeploys under new ids leave nothing behind. */
  #forgetBefore(startMs: number): void {
    for (const [key, grants] of this.#grants) {
      const recent = grants.filter((atMs) => atMs > startMs);
      if (recent.length > 0) this.#grants.set(key, recent);
      else this.#grants.delete(key);
    }
  }
}

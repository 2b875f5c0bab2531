import type { Clock } from './clock.ts';

/**
 * At most `limit` grants within any `windowMs`, for each key. A request over the limit is refused, never
 * queued.
 */
export class WindowLimit {
  readonly #limit: number;
  readonly #windowMs: number;
  readonly #clock: Clock;
  readonly #grantedMs = new Map<string, readonly number[]>();

  constructor(limit: number, windowMs: number, clock: Clock) {
    this.#limit = limit;
    this.#windowMs = windowMs;
    this.#clock = clock;
  }

  /** Without a key there is one limit for all. Only keys with a grant within the window are remembered. */
  take(key = ''): boolean {
    const nowMs = this.#clock.monotonicMs();
    this.#forget(nowMs);
    const granted = this.#grantedMs.get(key) ?? [];
    if (granted.length >= this.#limit) return false;
    this.#grantedMs.set(key, [...granted, nowMs]);
    return true;
  }

  #forget(nowMs: number): void {
    for (const [key, granted] of this.#grantedMs) {
      const recent = granted.filter((atMs) => nowMs - atMs < this.#windowMs);
      if (recent.length > 0) this.#grantedMs.set(key, recent);
      else this.#grantedMs.delete(key);
    }
  }
}

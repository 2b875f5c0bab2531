import type { Clock } from '@gatehouse/kit';

/** At most `limit` grants within any `windowMs`; what is over is refused, never queued. */
export class RequestLimit {
  readonly #limit: number;
  readonly #windowMs: number;
  readonly #clock: Clock;
  #grantedMs: number[] = [];
  constructor(limit: number, windowMs: number, clock: Clock) {
    this.#limit = limit;
    this.#windowMs = windowMs;
    this.#clock = clock;
  }

  take(): boolean {
    const nowMs = this.#clock.monotonicMs();
    this.#grantedMs = this.#grantedMs.filter((atMs) => nowMs - atMs < this.#windowMs);
    if (this.#grantedMs.length >= this.#limit) return false;
    this.#grantedMs.push(nowMs);
    return true;
  }
}

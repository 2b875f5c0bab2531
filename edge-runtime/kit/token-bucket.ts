import type { Clock } from './clock.ts';

export interface TokenBucketOptions {
  /** Most that may pass at once. */
  readonly capacity: number;
  /** So many tokens come back within `everyMs`, evenly. */
  readonly refill: number;
  readonly everyMs: number;
  readonly clock: Clock;
}

/** A token bucket. It begins full. An amount that does not fit is refused, never queued. */
export class TokenBucket {
  readonly #options: TokenBucketOptions;
  #level: number;
  #atMs: number;

  constructor(options: TokenBucketOptions) {
    this.#options = options;
    this.#level = options.capacity;
    this.#atMs = options.clock.monotonicMs();
  }

  /**
   * Takes `amount` if that leaves `floor` or more, and returns 0. Else takes nothing and returns the
   * milliseconds until it may pass. A floor below zero is an overdraft: it is paid back before anything else
   * passes. An amount above the capacity passes when the bucket is full, and is paid back as well.
   */
  take(amount = 1, floor = 0): number {
    const { capacity, refill, everyMs, clock } = this.#options;
    const nowMs = clock.monotonicMs();
    this.#level = Math.min(capacity, this.#level + ((nowMs - this.#atMs) * refill) / everyMs);
    this.#atMs = nowMs;
    const short = floor - (this.#level - Math.min(amount, capacity));
    if (short > 0) return Math.max(1, Math.ceil((short * everyMs) / refill));
    this.#level -= amount;
    return 0;
  }
}

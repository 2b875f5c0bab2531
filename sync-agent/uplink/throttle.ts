import { type Clock, TokenBucket } from '@gatehouse/kit';

/** Ordinary events may burst for a second's worth, at least for the longest event (10 KiB on the wire). */
const leastBurstBytes = 10 * 1024;
/**
 * Alarms may take this many bursts more than there are; what they took is then paid back before anything else
 * goes.
 */
const overdraftBursts = 4;
/** Half of the smallest burst. */
export const maxSpareBytes = leastBurstBytes / 2;

/**
 * A token bucket of bytes. Over any time T what passes is at most `T x rate + 5 bursts`; ordinary events
 * leave it at zero or above.
 */
export class Throttle {
  readonly #burst: number;
  readonly #bucket: TokenBucket | undefined;

  /** `kbps`: thousands of bits a second; without it everything passes. */
  constructor(kbps: number | undefined, clock: Clock) {
    const bytesPerMs = (kbps ?? 0) / 8;
    this.#burst = Math.max(leastBurstBytes, bytesPerMs * 1000);
    this.#bucket =
      kbps === undefined
        ? undefined
        : new TokenBucket({ capacity: this.#burst, refill: bytesPerMs, everyMs: 1, clock });
  }

  /** Takes `bytes` if they may go now: 0. Else takes nothing and returns the milliseconds until they may. */
  take(bytes: number, urgent: boolean): number {
    return this.#bucket?.take(bytes, urgent ? -overdraftBursts * this.#burst : 0) ?? 0;
  }

  /**
   * The same for at most `maxSpareBytes` of what comes behind every event: half a burst stays untouched, so
   * that no event waits for it, and while events take all that the link gives it gets nothing.
   */
  takeSpare(bytes: number): number {
    return this.#bucket?.take(bytes, this.#burst / 2) ?? 0;
  }
}

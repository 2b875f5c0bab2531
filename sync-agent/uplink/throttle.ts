import type { Clock } from '@gatehouse/kit';

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
  readonly #bytesPerMs: number;
  readonly #burst: number;
  readonly #clock: Clock;
  #tokens: number;
  #atMs: number;

  /** `kbps`: thousands of bits a second; without it everything passes. */
  constructor(kbps: number | undefined, clock: Clock) {
    this.#bytesPerMs = (kbps ?? Number.POSITIVE_INFINITY) / 8;
    this.#burst = Math.max(leastBurstBytes, this.#bytesPerMs * 1000);
    this.#clock = clock;
    this.#tokens = this.#burst;
    this.#atMs = clock.monotonicMs();
  }

  /** Takes `bytes` if they may go now: 0. Else takes nothing and returns the milliseconds until they may. */
  take(bytes: number, urgent: boolean): number {
    return this.#take(bytes, urgent ? -overdraftBursts * this.#burst : 0);
  }

  /**
   * The same for at most `maxSpareBytes` of what comes behind every event: half a burst stays untouched, so
   * that no event waits for it, and while events take all that the link gives it gets nothing.
   */
  takeSpare(bytes: number): number {
    return this.#take(bytes, this.#burst / 2);
  }

  #take(bytes: number, floor: number): number {
    if (this.#bytesPerMs === Number.POSITIVE_INFINITY) return 0;
    const nowMs = this.#clock.monotonicMs();
    this.#tokens = Math.min(this.#burst, this.#tokens + (nowMs - this.#atMs) * this.#bytesPerMs);
    this.#atMs = nowMs;
    const short = floor - (this.#tokens - Math.min(bytes, this.#burst));
    if (short > 0) return Math.max(1, Math.ceil(short / this.#bytesPerMs));
    this.#tokens -= bytes;
    return 0;
  }
}

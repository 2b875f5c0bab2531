import type { Clock } from './clock.ts';

/** While the box is short of processor, time passes so many times slower. */
export const slower = 5;
/** A timer looks again after this long while time is slow, milliseconds. */
const lookAgainMs = 500;

/**
 * Monotonic time that passes slower while the box is short of processor, for limits on silence: a peer that
 * is late then is not dead. Time in which the process did not run at all (it was stopped, or the machine was)
 * counts as slow, too. Wall time is not changed.
 */
export class WorkingClock implements Clock {
  readonly #clock: Clock;
  readonly #usualLookMs: number;
  #atMs: number;
  #workedMs: number;
  #short = false;
  #watched = false;

  /** `usualLookMs`: how often `look` is called. */
  constructor(clock: Clock, usualLookMs: number) {
    this.#clock = clock;
    this.#usualLookMs = usualLookMs;
    this.#atMs = clock.monotonicMs();
    this.#workedMs = this.#atMs;
  }

  /** From now on `look` is called regularly; before, time passes as it does. */
  start(): void {
    this.#workedMs = this.monotonicMs();
    this.#atMs = this.#clock.monotonicMs();
    this.#watched = true;
  }

  /** Tells whether the box is short of processor from now on. */
  look(short: boolean): void {
    this.#workedMs = this.monotonicMs();
    this.#atMs = this.#clock.monotonicMs();
    this.#short = short;
  }

  monotonicMs(): number {
    const passedMs = this.#clock.monotonicMs() - this.#atMs;
    if (!this.#watched) return this.#workedMs + passedMs;
    const usualMs = this.#short ? 0 : Math.min(passedMs, 2 * this.#usualLookMs);
    return this.#workedMs + usualMs + (passedMs - usualMs) / slower;
  }

  epochMs(): number {
    return this.#clock.epochMs();
  }

  after(delayMs: number, fn: () => void): () => void {
    const dueMs = this.monotonicMs() + delayMs;
    let cancel: () => void;
    const wait = () => {
      const leftMs = dueMs - this.monotonicMs();
      // Times are floating-point sums: a hundredth of a millisecond is no reason to wait again.
      if (leftMs <= 0.01) return fn();
      cancel = this.#clock.after(this.#short ? Math.min(leftMs * slower, lookAgainMs) : leftMs, wait);
    };
    cancel = this.#clock.after(delayMs, wait);
    return () => cancel();
  }
}

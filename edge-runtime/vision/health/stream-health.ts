import { DebouncedCondition } from './debounced-condition.ts';

/**
 * Trouble of the stream, counted over time. Bounded: at most `most` are remembered, more than any threshold
 * needs.
 */
export class EventCount {
  readonly #windowMs: number;
  readonly #times: number[] = [];
  static readonly most = 1_000;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }
  /** @param nowMs rising */
  count(nowMs: number): void {
    this.#times.push(nowMs);
    if (this.#times.length > EventCount.most) this.#times.shift();
  }
  within(nowMs: number): number {
    while (this.#times[0] !== undefined && nowMs - this.#times[0] > this.#windowMs) this.#times.shift();
    return this.#times.length;
  }
}

/** Health of the stream itself: no pictures, damaged ones, connections that do not last. */
export class StreamHealth {
  readonly #stale = new DebouncedCondition({
    name: 'stale',
    trouble: 'above',
    unit: 's',
    opens: 5,
    clears: 5,
    openAfterMs: 5_000,
    clearAfterMs: 5_000,
  });
  readonly #damaged = new DebouncedCondition({
    name: 'decode-errors',
    trouble: 'above',
    unit: '/min',
    opens: 30,
    clears: 5,
    openAfterMs: 60_000,
    clearAfterMs: 120_000,
  });
  readonly #unsteady = new DebouncedCondition({
    name: 'reconnecting',
    trouble: 'above',
    unit: '/h',
    opens: 6,
    clears: 2,
    openAfterMs: 0,
    clearAfterMs: 600_000,
  });
  /**
   * Read seldom, and each time for certain: nothing to wait for. GB 50396-2007 allows a drift of 5 s a day.
   */
  readonly #clockOff = new DebouncedCondition({
    name: 'clock-off',
    trouble: 'above',
    unit: 's',
    opens: 5,
    clears: 3,
    openAfterMs: 0,
    clearAfterMs: 0,
  });
  readonly conditions: readonly DebouncedCondition[] = [
    this.#stale,
    this.#damaged,
    this.#unsteady,
    this.#clockOff,
  ];
  readonly #errors = new EventCount(60_000);
  readonly #losses = new EventCount(3_600_000);

  /** ffmpeg complained of what it was given. */
  decodeError(nowMs: number): void {
    this.#errors.count(nowMs);
  }
  /** A connection that had brought pictures ended. */
  lost(nowMs: number): void {
    this.#losses.count(nowMs);
  }
  /** The camera's clock was read: so far from the box's, either way. */
  clockOffset(nowMs: number, offsetMs: number): void {
    this.#clockOff.see(nowMs, Math.abs(offsetMs) / 1000);
  }
  errorsPerMinute(nowMs: number): number {
    return this.#errors.within(nowMs);
  }
  lossesPerHour(nowMs: number): number {
    return this.#losses.within(nowMs);
  }

  /**
   * Looks anew; call about once a second. `frameAgeMs`: since the newest decoded picture was captured, or
   * since the start.
   */
  look(nowMs: number, frameAgeMs: number): void {
    this.#stale.see(nowMs, frameAgeMs / 1000);
    this.#damaged.see(nowMs, this.errorsPerMinute(nowMs));
    this.#unsteady.see(nowMs, this.lossesPerHour(nowMs));
  }
}

/**
 * The only place that reads the machine's clocks. Durations are monotonic; times for people are UTC.
 * Everything else takes a `Clock`, so that tests move time by hand and replays are repeatable.
 */
export interface Clock {
  /** Milliseconds on a clock that never steps; only differences mean something. */
  monotonicMs(): number;
  /** Wall time in milliseconds since 1970-01-01 UTC; may step when the box's time is set. */
  epochMs(): number;
  /** Calls `fn` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, fn: () => void): () => void;
}

/** The real clocks. */
export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  epochMs: () => Date.now(),
  after(delayMs, fn) {
    const timer = setTimeout(fn, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Calls `fn` every `periodMs` until the returned function is called; a throw in `fn` ends the process. */
export function every(clock: Clock, periodMs: number, fn: () => void): () => void {
  let cancel = clock.after(periodMs, tick);
  function tick() {
    cancel = clock.after(periodMs, tick);
    fn();
  }
  return () => cancel();
}

/** Resolves after `delayMs`, or at once (without an error) when `signal` aborts. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const cancel = clock.after(delayMs, done);
    signal?.addEventListener('abort', done, { once: true });
  });
}

/** `2026-11-23T18:30:00.123+08:00`: UTC instant written with the box's own offset (RFC 3339). */
export function isoWithOffset(epochMs: number): string {
  const date = new Date(epochMs);
  const offsetMin = -date.getTimezoneOffset();
  const local = new Date(epochMs + offsetMin * 60_000).toISOString().slice(0, -1);
  const sign = offsetMin < 0 ? '-' : '+';
  const abs = Math.abs(offsetMin);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${local}${sign}${two(Math.floor(abs / 60))}:${two(abs % 60)}`;
}

/**
 * Two readings of two clocks are not one moment, and on a busy box they may lie 100 ms apart. Schedules are
 * in minutes, so a smaller difference is no step.
 */
const leastStepMs = 1_000;

/**
 * A timeline in epoch milliseconds that does not step when somebody sets the clock: wall time at construction
 * plus monotonic time since. Frame times live on it. So dwell survives a time step and still compares with
 * times that were stored before a restart.
 */
export class SteadyTimeline {
  readonly #clock: Clock;
  readonly #offsetMs: number;
  #wallOffsetMs = 0;
  constructor(clock: Clock) {
    this.#clock = clock;
    this.#offsetMs = clock.epochMs() - clock.monotonicMs();
  }
  nowMs(): number {
    return this.#clock.monotonicMs() + this.#offsetMs;
  }
  /**
   * The wall clock minus this timeline, whole milliseconds: 0 until somebody sets the clock. It changes only
   * by steps of a second or more, so it is wrong by less than a second.
   */
  wallOffsetMs(): number {
    const offsetMs = Math.round(this.#clock.epochMs() - this.nowMs());
    if (Math.abs(offsetMs - this.#wallOffsetMs) >= leastStepMs) this.#wallOffsetMs = offsetMs;
    return this.#wallOffsetMs;
  }
}

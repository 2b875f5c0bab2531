import type { Clock } from './clock.ts';

/** True time, and the clock on which limits on silence run; see `ProcessorMonitor.clock`. */
export interface HearingClocks {
  readonly clock: Clock;
  /** The same as `clock` if absent. */
  readonly watchClock?: Clock | undefined;
}

/** The last message of a peer and its age. Nothing here decides: each caller has its own limit on silence. */
export class LastHeard<T> {
  readonly #clocks: HearingClocks;
  #value: T;
  #atMs = 0;
  #watchMs = 0;

  /** `value` counts as heard now. */
  constructor(value: T, clocks: HearingClocks) {
    this.#clocks = clocks;
    this.#value = value;
    this.hear(value);
  }

  get value(): T {
    return this.#value;
  }

  hear(value: T): void {
    const { clock, watchClock = clock } = this.#clocks;
    this.#value = value;
    this.#atMs = clock.monotonicMs();
    this.#watchMs = watchClock.monotonicMs();
  }

  /** Milliseconds since then. For ages that people see. */
  get ageMs(): number {
    return this.#clocks.clock.monotonicMs() - this.#atMs;
  }

  /** Milliseconds since then on the clock of limits. For limits on silence. */
  get silentMs(): number {
    const { clock, watchClock = clock } = this.#clocks;
    return watchClock.monotonicMs() - this.#watchMs;
  }
}

/** A state as it was last heard, its age as of now. */
export function agedNow<T extends { readonly ageMs?: number | undefined }>(heard: LastHeard<T>): T {
  const state = heard.value;
  return state.ageMs === undefined ? state : { ...state, ageMs: state.ageMs + heard.ageMs };
}

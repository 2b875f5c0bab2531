import type { Clock } from '@gatehouse/kit';

/** Bad exchanges in a row after which a unit is asked only now and then. */
const opensAfter = 2;
/** Between probes of a silent unit, milliseconds: doubling from the first to the last. */
const probeMs = { first: 1000, last: 5000 } as const;

interface Silent {
  failures: number;
  intervalMs: number;
  nextProbeMs: number;
}

/**
 * Keeps a unit that does not answer from slowing the others: after two bad exchanges in a row one request is let
 * through every 1, 2, 4, then 5 s as a probe, and all others fail at once. A dead unit so costs its bus one timeout in
 * 5 s (6 % at 300 ms) and is back within 5 s of its power.
 */
export class UnitBreakers {
  readonly #clock: Clock;
  /** Bounded by the 247 unit addresses. */
  readonly #silent = new Map<number, Silent>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** 0 when the unit may be asked now, else milliseconds to its next probe. */
  waitMs(unit: number): number {
    const silent = this.#silent.get(unit);
    if (!silent || silent.failures < opensAfter) return 0;
    return Math.max(0, silent.nextProbeMs - this.#clock.monotonicMs());
  }

  /** The unit answered, be it with a refusal. */
  answered(unit: number): void {
    this.#silent.delete(unit);
  }

  /** The unit did not answer, or not as a board does. */
  failed(unit: number): void {
    const before = this.#silent.get(unit);
    const failures = (before?.failures ?? 0) + 1;
    const isProbe = failures > opensAfter;
    const intervalMs = isProbe ? Math.min(probeMs.last, (before?.intervalMs ?? 0) * 2) : probeMs.first;
    this.#silent.set(unit, { failures, intervalMs, nextProbeMs: this.#clock.monotonicMs() + intervalMs });
  }
}

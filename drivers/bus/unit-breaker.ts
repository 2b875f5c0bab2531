import type { Clock } from '@gatehouse/kit';

/** Bad exchanges in a row after which a unit is asked only now and then. */
const opensAfter = 2;
/** Between probes of a silent unit, milliseconds: doubling from the first to the last. */
const probeMs = { first: 1000, last: 5000 } as const;

/**
 * A probe waits so many times as long as the unit ever took to answer, and no less than this; milliseconds.
 */
const patience = { times: 2, leastMs: 60 } as const;
/**
 * Every so many probes one waits as long as any board on the bus may take: the unit may answer slower than it
 * used to.
 */
const patientEvery = 4;

interface Silent {
  probes: number;
  failures: number;
  intervalMs: number;
  nextProbeMs: number;
}

/**
 * Keeps a unit that does not answer from slowing the others: after two bad exchanges in a row one request is
 * let through every 1, 2, 4, then 5 s as a probe, and all others fail at once. A probe is short where the
 * unit is known to answer fast: a whole time-out of 300 ms would hold up all the others for as long, right
 * when a contact may have changed. A dead unit so costs its bus some 70 ms in 5 s, and is back within 5 s of
 * its power (20 s if it has become twice as slow as it ever was).
 */
export class UnitBreakers {
  readonly #clock: Clock;
  readonly #worstTurnaroundMs: number;
  /** Bounded by the 247 unit addresses. */
  readonly #silent = new Map<number, Silent>();
  readonly #slowestMs = new Map<number, number>();

  /**
   * @param worstTurnaroundMs of the slowest board on the bus, by its profile; what a frame takes comes on
   * top.
   */
  constructor(clock: Clock, worstTurnaroundMs = Number.POSITIVE_INFINITY) {
    this.#clock = clock;
    this.#worstTurnaroundMs = worstTurnaroundMs;
  }

  /** 0 when the unit may be asked now, else milliseconds to its next probe. */
  waitMs(unit: number): number {
    const silent = this.#silent.get(unit);
    if (!silent || silent.failures < opensAfter) return 0;
    return Math.max(0, silent.nextProbeMs - this.#clock.monotonicMs());
  }

  /**
   * How long the next request to a unit may wait for its answer; `undefined`: the whole time-out of the bus.
   */
  patienceMs(unit: number): number | undefined {
    const silent = this.#silent.get(unit);
    const slowestMs = this.#slowestMs.get(unit);
    if (!silent || silent.failures < opensAfter || slowestMs === undefined) return undefined;
    const isPatient = silent.probes % patientEvery === patientEvery - 1;
    return isPatient
      ? slowestMs + this.#worstTurnaroundMs
      : Math.max(patience.leastMs, slowestMs * patience.times);
  }

  /** The unit answered, be it with a refusal, within so many milliseconds. */
  answered(unit: number, tookMs: number): void {
    this.#silent.delete(unit);
    this.#slowestMs.set(unit, Math.max(tookMs, this.#slowestMs.get(unit) ?? 0));
  }

  /** The unit did not answer, or not as a board does. */
  failed(unit: number): void {
    const before = this.#silent.get(unit);
    const failures = (before?.failures ?? 0) + 1;
    const isProbe = failures > opensAfter;
    const intervalMs = isProbe ? Math.min(probeMs.last, (before?.intervalMs ?? 0) * 2) : probeMs.first;
    const probes = isProbe ? (before?.probes ?? 0) + 1 : 0;
    this.#silent.set(unit, {
      probes,
      failures,
      intervalMs,
      nextProbeMs: this.#clock.monotonicMs() + intervalMs,
    });
  }
}

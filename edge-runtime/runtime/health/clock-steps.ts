import { eventTypes, type WireClockStep } from '@gatehouse/contracts';
import {
  type Clock,
  describeError,
  every,
  GatehouseError,
  isoWithOffset,
  type Log,
  type Part,
} from '@gatehouse/kit';
import type { EventStore } from '@gatehouse/store';

const lookMs = 1_000;
/**
 * NTP slews small errors and steps larger ones; a step of less does not change which of two records came
 * first.
 */
const leastStepMs = 2_000;

export interface ClockStepsOptions {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly log: Log;
  /** True if NTP keeps the clock; `undefined` where that is unknown. */
  readonly synchronised?: () => boolean | undefined;
  /** Called with each step, after it was recorded. */
  readonly onStep: (stepMs: number) => void;
}

/**
 * Watches for steps of the wall clock against the monotonic one, and records each in the audit trail and for
 * the platform: instants on both sides of it do not compare. A slow drift is no step; each look compares with
 * the one before.
 */
export class ClockSteps implements Part {
  readonly #options: ClockStepsOptions;
  #offsetMs = 0;
  #unrecorded: WireClockStep | undefined;
  #stop: () => void = () => undefined;
  constructor(options: ClockStepsOptions) {
    this.#options = options;
  }
  start(): void {
    const { clock } = this.#options;
    this.#offsetMs = clock.epochMs() - clock.monotonicMs();
    this.#stop = every(clock, lookMs, () => this.#look());
  }
  stop(): void {
    this.#stop();
  }

  #look(): void {
    const { clock, log, onStep, synchronised } = this.#options;
    const monotonicMs = clock.monotonicMs();
    const nowMs = clock.epochMs();
    const stepMs = Math.round(nowMs - monotonicMs - this.#offsetMs);
    if (this.#unrecorded) this.#record(this.#unrecorded);
    this.#offsetMs = nowMs - monotonicMs;
    if (Math.abs(stepMs) <= leastStepMs) return;
    const before = isoWithOffset(nowMs - stepMs);
    const kept = synchronised?.();
    const step: WireClockStep = {
      stepMs,
      before,
      after: isoWithOffset(nowMs),
      monotonicMs,
      ...(kept === undefined ? {} : { synchronised: kept }),
    };
    log.warn('clock-stepped', step);
    this.#record(step);
    onStep(stepMs);
  }

  /**
   * A step that the disk refuses is recorded at a later look. Of several meanwhile only the last is recorded;
   * the log has all.
   */
  #record(step: WireClockStep): void {
    const { store, log } = this.#options;
    const kept = { true: 'yes', false: 'no', undefined: 'unknown' }[`${step.synchronised}`];
    const what = `clock-stepped ${step.stepMs} ms, from ${step.before}, monotonic ${Math.round(step.monotonicMs)} ms, synchronised: ${kept}`;
    try {
      store.record(
        { eventclass: 'health', type: eventTypes.clockStep, time: step.after, data: step },
        { at: step.after, who: 'gatehouse', what },
      );
      this.#unrecorded = undefined;
    } catch (error) {
      if (!(error instanceof GatehouseError)) throw error;
      if (!this.#unrecorded) log.error('clock-step-not-recorded', { reason: describeError(error) });
      this.#unrecorded = step;
    }
  }
}

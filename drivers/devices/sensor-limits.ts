import type { SensorLimit } from '@gatehouse/contracts';

/** One side of a limit, as a pure machine: replaced, never changed. Times are monotonic milliseconds. */
export interface LimitState {
  /** The value that was read when the alarm began; absent while there is none. It does not run on with the readings. */
  readonly beganAt: number | undefined;
  /** Since when readings have spoken for the other state without a break. */
  readonly againstSinceMs: number | undefined;
}

export const quiet: LimitState = { beganAt: undefined, againstSinceMs: undefined };

/** A limit's two sides, each with the value from which it counts and back from which it does not any more. */
export interface Side {
  readonly is: 'above' | 'below';
  readonly threshold: number;
  readonly hysteresis: number;
  readonly dwellMs: number;
  readonly priority: 1 | 2 | 3;
}

export function sidesOf({ above, below, hysteresis, dwellS, priority }: SensorLimit): Side[] {
  const common = {
    hysteresis,
    dwellMs: dwellS * 1000,
    priority: priority === 1 ? 1 : priority === 2 ? 2 : 3,
  } as const;
  return [
    ...(above === undefined ? [] : [{ is: 'above', threshold: above, ...common } as const]),
    ...(below === undefined ? [] : [{ is: 'below', threshold: below, ...common } as const]),
  ];
}

/**
 * Takes a reading in. The alarm begins when every reading for `dwellMs` was beyond the threshold, and ends when every one for as
 * long was back by more than the hysteresis; a value in between speaks for what holds. `undefined`: nothing is known, so that the
 * dwell begins anew and an alarm stays.
 */
export function stepLimit(
  state: LimitState,
  { is, threshold, hysteresis, dwellMs }: Side,
  value: number | undefined,
  nowMs: number,
): LimitState {
  const { beganAt } = state;
  if (value === undefined) return { beganAt, againstSinceMs: undefined };
  const beyondBy = is === 'above' ? value - threshold : threshold - value;
  const against = beganAt === undefined ? beyondBy > 0 : beyondBy < -hysteresis;
  if (!against) return { beganAt, againstSinceMs: undefined };
  const sinceMs = state.againstSinceMs ?? nowMs;
  if (nowMs - sinceMs < dwellMs) return { beganAt, againstSinceMs: sinceMs };
  return { beganAt: beganAt === undefined ? value : undefined, againstSinceMs: undefined };
}

import type { Box } from '@gatehouse/contracts';
import type { Standing } from './clusters.ts';
import { boxAround } from './life.ts';

/** So many people for so long. */
export interface Level {
  readonly people: number;
  readonly forMs: number;
}

/** For how long a level has been met; `null`: it is not. */
export type Met = {
  readonly ms: number;
  /** Time since it was last met; below the tolerance it goes on. */
  readonly missedMs: number;
} | null;

/** Somebody who stands in the zone. */
export interface Member extends Standing {
  readonly box: Box;
}

/**
 * People together at one place. Their identity does not matter: the gathering goes on while others come and
 * some go.
 */
export interface Gathering {
  readonly key: string;
  readonly sinceMs: number;
  /** Where their feet are, in picture heights. */
  readonly ground: Box;
  /** The distance from there within which somebody still belongs, in picture heights. */
  readonly reach: number;
  /** Around all of them, fractions of the picture. */
  readonly box: Box;
  readonly count: number;
  /** Persons at its place who are not counted, because they have not moved for so long. */
  readonly suspects: number;
  readonly day: Met;
  readonly night: Met;
  /** Time for which so few were left that it clears. */
  readonly fewMs: number;
  readonly openedMs: number | null;
  readonly toldMs: number | null;
  readonly priority: number;
}

/** True if a group stands at a gathering's place. */
export function touches({ ground, reach }: Gathering, group: readonly Member[]): boolean {
  return group.some(
    ({ at: [x, y] }) =>
      x >= ground.x1 - reach && x <= ground.x2 + reach && y >= ground.y1 - reach && y <= ground.y2 + reach,
  );
}

/** Where a group is. */
export function placeOf(
  group: readonly Member[],
  distance: number,
): Pick<Gathering, 'ground' | 'reach' | 'box'> {
  const [xs, ys] = [group.map(({ at }) => at[0]), group.map(({ at }) => at[1])];
  const heights = group.map(({ height }) => height).toSorted((a, b) => a - b);
  return {
    ground: { x1: Math.min(...xs), y1: Math.min(...ys), x2: Math.max(...xs), y2: Math.max(...ys) },
    reach: distance * (heights[Math.floor(heights.length / 2)] ?? 0),
    box: boxAround(group.map(({ box }) => box)),
  };
}

/**
 * Goes on counting how long a level has been met. A short miss counts as met when it is over; a longer one
 * begins anew.
 * @param passedMs watched time since the frame before
 */
export function meet(met: Met, isMet: boolean, passedMs: number, toleranceMs: number): Met {
  if (met === null) return isMet ? { ms: 0, missedMs: 0 } : null;
  if (isMet) return { ms: met.ms + met.missedMs + passedMs, missedMs: 0 };
  const missedMs = met.missedMs + passedMs;
  return missedMs > toleranceMs ? null : { ms: met.ms, missedMs };
}

/**
 * Scenes of cycles in a hall by script: who brings one in, when it stands, when it is taken out, and the
 * disturbances meanwhile. Like `scenes/script.ts` it imports nothing of the product. Times are seconds,
 * lengths fractions of the picture.
 */
import type { Span } from '../scenes/script.ts';

/** A cycle comes in at the left, may stand for a while, and is taken out at the right. */
export interface Visit {
  /** Rows are far apart, so that no cycle is taken for one of the other row. */
  readonly row: 0 | 1;
  /** When its middle crosses the left edge of the zone. */
  readonly inS: number;
  /** Picture widths a second. */
  readonly speed: number;
  /** Where it stands, and for how long; 0: it is pushed through. */
  readonly standsX: number;
  readonly standsS: number;
}

export interface CycleScript {
  readonly fps: number;
  readonly endS: number;
  readonly alarmS: number;
  readonly escalateS: number;
  readonly clearS: number;
  readonly visits: readonly Visit[];
  /** The detector does not see this visit's cycle. */
  readonly dropouts: readonly (Span & { readonly visit: number })[];
  readonly idChanges: readonly { readonly visit: number; readonly atS: number }[];
  /** No frames at all; at its end the box may have been restarted. Nothing moves meanwhile. */
  readonly pauses: readonly (Span & { readonly restart: boolean })[];
  /** Seen as bicycle and as motorcycle in turn, or as both at once. */
  readonly flips: boolean;
  readonly doubled: boolean;
  /** People who stand and talk in the zone all the time. */
  readonly people: number;
  readonly jitter: number;
  readonly seed: number;
}

/** The zone of every scene is that of `scenes/script.ts`: from 0.1 to 0.9 of the width. */
export const [leftX, rightX] = [0.1, 0.9];
export const rowsY = [0.52, 0.86] as const;
export const size = { width: 0.08, height: 0.12 };

/** From when to when it stands. */
export function standing({ inS, speed, standsX, standsS }: Visit): Span {
  const fromS = inS + (standsX - leftX) / speed;
  return { fromS, toS: fromS + standsS };
}

/** When its middle crosses the right edge of the zone. */
export function outS(visit: Visit): number {
  return standing(visit).toS + (rightX - visit.standsX) / visit.speed;
}

/** Where its middle is; beyond the picture's edges it cannot be seen. */
export function middleX(visit: Visit, t: number): number {
  const { fromS, toS } = standing(visit);
  return visit.standsX + visit.speed * (t < fromS ? t - fromS : Math.max(0, t - toS));
}

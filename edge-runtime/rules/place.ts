import type { Box } from '@gatehouse/contracts';

/** Beyond this the mean follows slow change only: shadows, a settling suspension, a drifting detector. */
const memoryMs = 30_000;
/** Weight of a place's first box, in milliseconds of later ones. */
const firstWeightMs = 500;

/**
 * The place of an object: the time-weighted mean of its boxes, so that jitter averages out at any frame rate.
 */
export interface Place {
  readonly box: Box;
  readonly weightMs: number;
}

/** A place known by one box only, which the next boxes soon outweigh. */
export function newPlace(box: Box): Place {
  return { box, weightMs: firstWeightMs };
}

/** Takes one more box in, `elapsedMs` after the one before. */
export function settle({ box, weightMs }: Place, seen: Box, elapsedMs: number): Place {
  const share = elapsedMs / (weightMs + elapsedMs);
  const mix = (mean: number, value: number) => mean + share * (value - mean);
  return {
    box: {
      x1: mix(box.x1, seen.x1),
      y1: mix(box.y1, seen.y1),
      x2: mix(box.x2, seen.x2),
      y2: mix(box.y2, seen.y2),
    },
    weightMs: Math.min(memoryMs, weightMs + elapsedMs),
  };
}

/** Part of a box above which a nearer thing hides it from the detector. */
const hides = 0.5;
/** Part of a box above which a nearer thing changes its look. */
const touches = 0.3;

/**
 * True if `other` hides the object in `box`: it covers half of it, and it is nearer to the camera, that is,
 * it reaches as far down in the picture (within a tenth of the height, for jitter).
 */
export function hiddenBy(box: Box, other: Box): boolean {
  return isNearer(box, other) && coveredPart(box, other) >= hides;
}

/** True if `other` is before a part of `box` that is large enough to change its look. */
export function veiledBy(box: Box, other: Box): boolean {
  return isNearer(box, other) && coveredPart(box, other) >= touches;
}

function isNearer(box: Box, other: Box): boolean {
  return other.y2 >= box.y2 - (box.y2 - box.y1) / 10;
}

function coveredPart(box: Box, other: Box): number {
  const width = Math.min(box.x2, other.x2) - Math.max(box.x1, other.x1);
  const height = Math.min(box.y2, other.y2) - Math.max(box.y1, other.y1);
  if (width <= 0 || height <= 0) return 0;
  return (width * height) / ((box.x2 - box.x1) * (box.y2 - box.y1));
}

/** True if one could be the other after a short drive: up to twice or half the area. */
export function alikeInSize(a: Box, b: Box): boolean {
  const area = (box: Box) => (box.x2 - box.x1) * (box.y2 - box.y1);
  const ratio = area(a) / area(b);
  return ratio >= 0.5 && ratio <= 2;
}

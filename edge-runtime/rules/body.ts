import { type Box, iou } from '@gatehouse/contracts';

/** Overlap with the mean box at which something still stands there (>= 0.6 stays still). */
export const staysIou = 0.6;
/** Part of the narrower box's width in which two boxes of one body overlap. */
const inWidth = 0.85;
/** Part of the larger height by which their feet may differ. */
const inFeet = 0.15;
/** The same of two parts of one body: of the narrower width, and of the larger height. */
const partsInWidth = 0.5;
const partsInFeet = 0.05;
/** A box that is narrower than this part of another is of something else. */
const leastWidth = 0.4;

/**
 * True if two boxes can be of one body. A car behind a branch or at the picture's edge is seen in full or
 * with 55 % of its width, and one vehicle may have two boxes, car and a larger truck. Such boxes lie one
 * above the other and stand on the same ground.
 */
export function sameBody(a: Box, b: Box): boolean {
  const height = Math.max(a.y2 - a.y1, b.y2 - b.y1);
  if (Math.abs(a.y2 - b.y2) > inFeet * height || Math.min(a.y2, b.y2) <= Math.max(a.y1, b.y1)) return false;
  return overlapInWidth(a, b) >= inWidth;
}

/**
 * True if two boxes of one frame can be two parts of one body: one beside the other and halfway before it,
 * with their feet on one line. Cars side by side overlap by less.
 */
export function twoParts(a: Box, b: Box): boolean {
  const height = Math.max(a.y2 - a.y1, b.y2 - b.y1);
  return Math.abs(a.y2 - b.y2) <= partsInFeet * height && overlapInWidth(a, b) >= partsInWidth;
}

/** Part of the narrower box's width in which two boxes overlap; 0 if one is too narrow to be of the other. */
function overlapInWidth(a: Box, b: Box): number {
  const [narrow, wide] = [a.x2 - a.x1, b.x2 - b.x1].toSorted((p, q) => p - q) as [number, number];
  if (narrow < leastWidth * wide) return 0;
  return (Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1)) / narrow;
}

/** True if a box is at a place: it overlaps it, or is another box of the body that stands there. */
export function isAt(place: Box, box: Box): boolean {
  return iou(place, box) >= staysIou || sameBody(place, box);
}

/** True if a box reaches nowhere beyond a place, as what is covered from one side; a twentieth is jitter. */
export function isWithin(place: Box, box: Box): boolean {
  const [x, y] = [(place.x2 - place.x1) / 20, (place.y2 - place.y1) / 20];
  return box.x1 >= place.x1 - x && box.x2 <= place.x2 + x && box.y1 >= place.y1 - y && box.y2 <= place.y2 + y;
}

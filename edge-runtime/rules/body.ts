import { type Box, iou } from '@gatehouse/contracts';

/** Overlap with the mean box at which something still stands there (>= 0.6 stays still). */
export const staysIou = 0.6;
/** Parts in which the boxes of one body agree: in the smaller one's width, and in the larger one's height. */
const inWidth = 0.85;
const inFeet = 0.15;
/** A box that is narrower than this part of another is of something else. */
const leastWidth = 0.4;

/**
 * True if two boxes can be of one body. A car behind a branch or at the picture's edge is seen in full or with
 * 55 % of its width, and one vehicle may have two boxes, car and a larger truck. Such boxes lie one above the
 * other and stand on the same ground.
 */
export function sameBody(a: Box, b: Box): boolean {
  const [narrow, wide] = a.x2 - a.x1 <= b.x2 - b.x1 ? [a, b] : [b, a];
  const width = narrow.x2 - narrow.x1;
  if (width < leastWidth * (wide.x2 - wide.x1)) return false;
  if (Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1) < inWidth * width) return false;
  const height = Math.max(a.y2 - a.y1, b.y2 - b.y1);
  return Math.abs(a.y2 - b.y2) <= inFeet * height && Math.min(a.y2, b.y2) > Math.max(a.y1, b.y1);
}

/** True if a box is at a place: it overlaps it, or is another box of the body that stands there. */
export function isAt(place: Box, box: Box): boolean {
  return iou(place, box) >= staysIou || sameBody(place, box);
}

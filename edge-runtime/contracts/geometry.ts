import type { Box, Point } from './primitives.ts';

/** Where an object stands: the middle of its box's lower edge. */
export function bottomCentre(box: Box): Point {
  return [(box.x1 + box.x2) / 2, box.y2];
}

/** The last fraction that is within the picture. */
const lastWithin = 1 - 1e-9;

/**
 * Ray casting (even-odd rule) in fractions of the picture. Any corner order. A point exactly on a side may
 * fall on either hand, but one on the lower or right edge of the picture is within it: whoever that edge cuts
 * stands there.
 */
export function insidePolygon(point: Point, polygon: readonly Point[]): boolean {
  const [x, y] = [Math.min(lastWithin, point[0]), Math.min(lastWithin, point[1])];
  let inside = false;
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    const [xi, yi] = polygon[i] as Point;
    const [xj, yj] = polygon[j] as Point;
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

/** Intersection over union of two boxes, 0 to 1. */
export function iou(a: Box, b: Box): number {
  const w = Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1);
  const h = Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1);
  if (w <= 0 || h <= 0) return 0;
  const overlap = w * h;
  const union = (a.x2 - a.x1) * (a.y2 - a.y1) + (b.x2 - b.x1) * (b.y2 - b.y1) - overlap;
  return union > 0 ? overlap / union : 0;
}

/**
 * The first two sides (by index) of a polygon that cross or touch although not neighbours, or `undefined`.
 */
export function crossingSides(polygon: readonly Point[]): readonly [number, number] | undefined {
  const n = polygon.length;
  const side = (i: number) => [polygon[i] as Point, polygon[(i + 1) % n] as Point] as const;
  for (let i = 0; i < n; i++)
    for (let j = i + 2; j < n; j++) {
      if (i === 0 && j === n - 1) continue;
      const [a, b] = side(i);
      const [c, d] = side(j);
      if (segmentsMeet(a, b, c, d)) return [i, j];
    }
  return undefined;
}

function segmentsMeet(a: Point, b: Point, c: Point, d: Point): boolean {
  const turn = (p: Point, q: Point, r: Point) =>
    Math.sign((q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]));
  const within = (p: Point, q: Point, r: Point) =>
    Math.min(p[0], q[0]) <= r[0] &&
    r[0] <= Math.max(p[0], q[0]) &&
    Math.min(p[1], q[1]) <= r[1] &&
    r[1] <= Math.max(p[1], q[1]);
  const [t1, t2, t3, t4] = [turn(a, b, c), turn(a, b, d), turn(c, d, a), turn(c, d, b)];
  if (t1 !== t2 && t3 !== t4) return true;
  return (
    (t1 === 0 && within(a, b, c)) ||
    (t2 === 0 && within(a, b, d)) ||
    (t3 === 0 && within(c, d, a)) ||
    (t4 === 0 && within(c, d, b))
  );
}

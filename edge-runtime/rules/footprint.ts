import type { Box, Point } from '@gatehouse/contracts';

/** Part of a box, from below, that stands on the ground. */
const groundPart = 0.35;
/** Directions in which the lane's width is looked for, evenly spread over half a turn. */
const directions = 12;

/** The lower 35 % of a box: where a vehicle covers the ground. */
export function footprint({ x1, y1, x2, y2 }: Box): Box {
  return { x1, y1: y2 - groundPart * (y2 - y1), x2, y2 };
}

/** Part of a box's area that lies in a polygon, 0 to 1. */
export function shareInside(box: Box, polygon: readonly Point[]): number {
  const area = (box.x2 - box.x1) * (box.y2 - box.y1);
  return area > 0 ? Math.min(1, areaOf(clipped(polygon, box)) / area) : 0;
}

/**
 * Part of a lane's width that a box blocks, 0 to 1. The lane is as wide as the shortest line across the
 * polygon through the middle of the part that the box covers.
 * @param aspect width of the picture by its height
 */
export function laneBlocked(box: Box, polygon: readonly Point[], aspect: number): number {
  const middle = middleOf(clipped(polygon, box));
  if (!middle) return 0;
  const edge = corners(box);
  let narrowest = Number.POSITIVE_INFINITY;
  let blocked = 0;
  for (let i = 0; i < directions; i++) {
    const angle = (i * Math.PI) / directions;
    // Equal steps in the picture: x is a fraction of a longer side than y.
    const way: Point = [Math.cos(angle) / aspect, Math.sin(angle)];
    const lane = chord(middle, way, polygon);
    const width = lane.to - lane.from;
    if (!(width < narrowest)) continue;
    narrowest = width;
    const covered = chord(middle, way, edge);
    blocked = (Math.min(lane.to, covered.to) - Math.max(lane.from, covered.from)) / width;
  }
  return Math.max(0, Math.min(1, blocked));
}

/** The stretch of a line that is in a polygon around the point it starts from, in units of `way`. */
function chord([px, py]: Point, [dx, dy]: Point, polygon: readonly Point[]) {
  let from = Number.NEGATIVE_INFINITY;
  let to = Number.POSITIVE_INFINITY;
  for (let i = 0; i < polygon.length; i++) {
    const [ax, ay] = polygon[i] as Point;
    const [bx, by] = polygon[(i + 1) % polygon.length] as Point;
    const ex = bx - ax;
    const ey = by - ay;
    const turn = dx * ey - dy * ex;
    if (turn === 0) continue;
    const along = ((ax - px) * ey - (ay - py) * ex) / turn;
    const onSide = ((ax - px) * dy - (ay - py) * dx) / turn;
    if (onSide < 0 || onSide > 1) continue;
    if (along >= 0) to = Math.min(to, along);
    else from = Math.max(from, along);
  }
  return { from, to };
}

/** A polygon cut to a box (Sutherland and Hodgman 1974). Its area is right for hollow polygons, too. */
function clipped(polygon: readonly Point[], { x1, y1, x2, y2 }: Box): readonly Point[] {
  const right = cut(polygon, 0, 1, x1);
  const across = cut(right, 0, -1, x2);
  const below = cut(across, 1, 1, y1);
  return cut(below, 1, -1, y2);
}

/** The part of a polygon on one side of a line: where `sign` x (coordinate - `at`) is not negative. */
function cut(polygon: readonly Point[], axis: 0 | 1, sign: 1 | -1, at: number): readonly Point[] {
  const kept: Point[] = [];
  for (let i = 0; i < polygon.length; i++) {
    const a = polygon[i] as Point;
    const b = polygon[(i + 1) % polygon.length] as Point;
    const da = sign * (a[axis] - at);
    const db = sign * (b[axis] - at);
    if (da >= 0) kept.push(a);
    if (da >= 0 === db >= 0) continue;
    const share = da / (da - db);
    kept.push([a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])]);
  }
  return kept;
}

function corners({ x1, y1, x2, y2 }: Box): Point[] {
  return [
    [x1, y1],
    [x2, y1],
    [x2, y2],
    [x1, y2],
  ];
}

function areaOf(polygon: readonly Point[]): number {
  let sum = 0;
  for (let i = 0; i < polygon.length; i++) {
    const [ax, ay] = polygon[i] as Point;
    const [bx, by] = polygon[(i + 1) % polygon.length] as Point;
    sum = sum + ax * by - bx * ay;
  }
  return Math.abs(sum) / 2;
}

/** The middle of the box around a polygon, or `undefined` where nothing is. */
function middleOf(polygon: readonly Point[]): Point | undefined {
  if (areaOf(polygon) === 0) return undefined;
  const [xs, ys] = [polygon.map(([x]) => x), polygon.map(([, y]) => y)];
  return [(Math.min(...xs) + Math.max(...xs)) / 2, (Math.min(...ys) + Math.max(...ys)) / 2];
}

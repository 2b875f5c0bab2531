import type { Box, Point } from '@gatehouse/contracts';

/** Part of a box, from below, that stands on the ground (analytics.md). */
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
 * Part of a lane's width that a box blocks, 0 to 1. The lane is as wide as the shortest line across the polygon through the
 * middle of what the box covers of it.
 * @param aspect width of the picture by its height
 */
export function laneBlocked(box: Box, polygon: readonly Point[], aspect: number): number {
  const middle = middleOf(clipped(polygon, box));
  if (!middle) return 0;
  let narrowest = Number.POSITIVE_INFINITY;
  let blocked = 0;
  for (let i = 0; i < directions; i++) {
    const angle = (i * Math.PI) / directions;
    // Equal steps in the picture: x is a fraction of a longer side than y.
    const way: Point = [Math.cos(angle) / aspect, Math.sin(angle)];
    const lane = chord(middle, way, polygon);
    const covered = chord(middle, way, corners(box));
    const width = lane.to - lane.from;
    if (!(width < narrowest)) continue;
    narrowest = width;
    blocked = (Math.min(lane.to, covered.to) - Math.max(lane.from, covered.from)) / width;
  }
  return Math.max(0, Math.min(1, blocked));
}

/** The stretch of a line that is in a polygon around the point it starts from, in units of `way`. */
function chord([px, py]: Point, [dx, dy]: Point, polygon: readonly Point[]) {
  let from = Number.NEGATIVE_INFINITY;
  let to = Number.POSITIVE_INFINITY;
  for (const [[ax, ay], [bx, by]] of sides(polygon)) {
    const [ex, ey] = [bx - ax, by - ay];
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
  return [
    (p: Point) => p[0] - x1,
    (p: Point) => x2 - p[0],
    (p: Point) => p[1] - y1,
    (p: Point) => y2 - p[1],
  ].reduce<readonly Point[]>(
    (shape, depth) =>
      sides(shape).flatMap(([a, b]) => {
        const [da, db] = [depth(a), depth(b)];
        const share = da / (da - db);
        const crossing: Point = [a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])];
        return [...(da >= 0 ? [a] : []), ...(da >= 0 !== db >= 0 ? [crossing] : [])];
      }),
    polygon,
  );
}

function sides(polygon: readonly Point[]): (readonly [Point, Point])[] {
  return polygon.map((a, i) => [a, polygon[(i + 1) % polygon.length] ?? a] as const);
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
  return Math.abs(sides(polygon).reduce((sum, [[ax, ay], [bx, by]]) => sum + ax * by - bx * ay, 0)) / 2;
}

/** The middle of the box around a polygon, or `undefined` where nothing is. */
function middleOf(polygon: readonly Point[]): Point | undefined {
  if (areaOf(polygon) === 0) return undefined;
  const [xs, ys] = [polygon.map(([x]) => x), polygon.map(([, y]) => y)];
  return [(Math.min(...xs) + Math.max(...xs)) / 2, (Math.min(...ys) + Math.max(...ys)) / 2];
}

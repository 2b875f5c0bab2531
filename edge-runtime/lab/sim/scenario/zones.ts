import { type Lens, lensOf, project } from '../layout/projection.ts';
import type { Ground, View } from '../world.ts';

/** A corner of a zone as fractions of the picture. */
export type Fraction = [x: number, y: number];

/** Nearer to the camera's plane than this nothing is projected. */
const nearM = 0.3;
/**
 * Pieces that each side is cut into where the lens bends it: 4 sides and 4 cuts at the picture's edge make 32
 * corners at most.
 */
const bentPieces = 6;

/**
 * A convex ground polygon as the camera sees it, cut off at the picture's edge, in fractions of the picture;
 * empty if it is not in the picture.
 */
export function zonePolygon(polygon: readonly Ground[], view: View): Fraction[] {
  const lens = lensOf(view);
  const pieces = view.distortion === 0 ? 1 : bentPieces;
  const ahead = inFront(polygon, lens);
  const outline = ahead.flatMap((corner, i): Fraction[] => {
    const next = ahead[(i + 1) % ahead.length] as Ground;
    return Array.from({ length: pieces }, (_, k) => {
      const at = mix(corner, next, k / pieces);
      const { x, y } = project(lens, [at[0], 0, at[1]]);
      return [x / view.widthPx, y / view.heightPx];
    });
  });
  const clipped = sides.reduce<Fraction[]>(clip, outline);
  return tidy(clipped.map(([x, y]) => [rounded(x), rounded(y)]));
}

/** The part of a ground polygon in front of the camera. */
function inFront(polygon: readonly Ground[], lens: Lens): Ground[] {
  const depth = ([x, z]: Ground) => project(lens, [x, 0, z]).depthM - nearM;
  return polygon.flatMap((corner, i) => {
    const next = polygon[(i + 1) % polygon.length] as Ground;
    const [a, b] = [depth(corner), depth(next)];
    const kept = a >= 0 ? [corner] : [];
    return a >= 0 === b >= 0 ? kept : [...kept, mix(corner, next, a / (a - b))];
  });
}

/** A point's distance within each edge of the picture. */
const sides: readonly ((point: Fraction) => number)[] = [
  ([x]) => x,
  ([x]) => 1 - x,
  ([, y]) => y,
  ([, y]) => 1 - y,
];

/** Cuts a polygon off at one edge (Sutherland and Hodgman). */
function clip(polygon: readonly Fraction[], inside: (point: Fraction) => number): Fraction[] {
  return polygon.flatMap((corner, i) => {
    const next = polygon[(i + 1) % polygon.length] as Fraction;
    const [a, b] = [inside(corner), inside(next)];
    const kept: Fraction[] = a >= 0 ? [corner] : [];
    if (a >= 0 === b >= 0) return kept;
    const [x, z] = mix(corner, next, a / (a - b));
    return [...kept, [x, z]];
  });
}

function mix(a: readonly [number, number], b: readonly [number, number], t: number): [number, number] {
  return [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t];
}

/** Four decimals: a tenth of a pixel in full HD. */
function rounded(value: number): number {
  return Math.round(Math.min(Math.max(value, 0), 1) * 10_000) / 10_000;
}

/** Without corners that fall together or lie on a straight side. */
function tidy(polygon: readonly Fraction[]): Fraction[] {
  const apart = polygon.filter((corner, i) => {
    const before = polygon.at(i - 1) as Fraction;
    return corner[0] !== before[0] || corner[1] !== before[1];
  });
  const bent = apart.filter((corner, i) => {
    const [before, after] = [apart.at(i - 1) as Fraction, apart[(i + 1) % apart.length] as Fraction];
    const turn =
      (corner[0] - before[0]) * (after[1] - corner[1]) - (corner[1] - before[1]) * (after[0] - corner[0]);
    return Math.abs(turn) > 1e-7;
  });
  return bent.length >= 3 ? bent : [];
}

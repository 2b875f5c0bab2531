import type { Fixture, Ground, Space, Surface } from '../world.ts';

/** A hand-made layout and where its cameras hang. */
export interface Site {
  readonly name: string;
  readonly fixtures: readonly Fixture[];
  readonly surfaces: readonly Surface[];
  readonly places: Readonly<Record<string, readonly Ground[]>>;
  readonly cameras: Readonly<Record<string, Mount>>;
}

/** A camera's mounting; the vertical angle of view in degrees, as data sheets give it. */
export interface Mount {
  readonly at: Space;
  readonly lookAt: Space;
  readonly fovDeg: number;
}

/** The rectangle between two corners, clockwise as seen from above. */
export function rectangle(x1: number, z1: number, x2: number, z2: number): Ground[] {
  return [
    [x1, z1],
    [x2, z1],
    [x2, z2],
    [x1, z2],
  ];
}

/** A rectangle by its middle, with `along` metres in the heading's direction and `across` metres sideways. */
export function turned([x, z]: Ground, along: number, across: number, headingRad: number): Ground[] {
  const [c, s] = [Math.cos(headingRad), Math.sin(headingRad)];
  return rectangle(-along / 2, -across / 2, along / 2, across / 2).map(
    ([a, b]): Ground => [x + a * c - b * s, z + a * s + b * c],
  );
}

/** `count` positions from `from`, `step` metres apart along x. */
export function spaced(from: number, step: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => from + i * step);
}

/** Perpendicular bays of 2.5 x 5.3 m side by side along x: places `bay-1`, `bay-2`, … and their lines. */
export function bays(
  fromX: number,
  z: number,
  count: number,
): { places: Record<string, Ground[]>; lines: Surface[] } {
  const polygons = spaced(fromX, 2.5, count).map((x) => rectangle(x, z, x + 2.5, z + 5.3));
  return {
    places: Object.fromEntries(polygons.map((polygon, i) => [`bay-${i + 1}`, polygon])),
    lines: polygons.map((polygon): Surface => ({ kind: 'bay', polygon, look: 1 })),
  };
}

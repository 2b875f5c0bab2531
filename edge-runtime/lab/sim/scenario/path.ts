import type { Ground } from '../world.ts';

/** A way over the ground with rounded corners, by the metres gone along it. */
export interface Path {
  readonly lengthM: number;
  at(travelledM: number): { readonly at: Ground; readonly headingRad: number };
}

/** Pieces that a rounded corner is cut into. */
const cornerPieces = 12;

/**
 * The way through the points, each inner corner rounded by at most `radiusM` (and half of the shorter side).
 * The heading is that of the chord over `chordM` around the position, as a vehicle's axles have it, so it
 * never jumps.
 */
export function roundedPath(points: readonly Ground[], radiusM: number, chordM: number): Path {
  const line = roundCorners(points, radiusM);
  const lengths = [0];
  for (let i = 1; i < line.length; i++)
    lengths.push((lengths[i - 1] as number) + distance(line[i - 1] as Ground, line[i] as Ground));
  const lengthM = lengths.at(-1) ?? 0;

  const pointAt = (travelledM: number): Ground => {
    const along = Math.min(Math.max(travelledM, 0), lengthM);
    const next = Math.max(
      1,
      lengths.findIndex((length) => length >= along),
    );
    const [before, after] = [lengths[next - 1] ?? 0, lengths[next] ?? 0];
    const [a, b] = [line[next - 1] as Ground, line[next] ?? (line[next - 1] as Ground)];
    return after > before ? mix(a, b, (along - before) / (after - before)) : a;
  };
  const at = (travelledM: number) => {
    const along = Math.min(Math.max(travelledM, 0), lengthM);
    const half = Math.min(chordM / 2, lengthM / 4);
    const [back, front] = [pointAt(along - half), pointAt(along + half)];
    return { at: pointAt(along), headingRad: Math.atan2(front[1] - back[1], front[0] - back[0]) };
  };
  return { lengthM, at };
}

function roundCorners(points: readonly Ground[], radiusM: number): Ground[] {
  return points.flatMap((corner, i) => {
    const [before, after] = [points[i - 1], points[i + 1]];
    if (!before || !after) return [corner];
    const [inM, outM] = [distance(before, corner), distance(corner, after)];
    const cutM = Math.min(radiusM, inM / 2, outM / 2);
    if (cutM < 1e-6) return [corner];
    const [start, end] = [mix(corner, before, cutM / inM), mix(corner, after, cutM / outM)];
    return Array.from({ length: cornerPieces + 1 }, (_, k) => {
      const t = k / cornerPieces;
      return mix(mix(start, corner, t), mix(corner, end, t), t);
    });
  });
}

export function distance(a: Ground, b: Ground): number {
  return Math.hypot(b[0] - a[0], b[1] - a[1]);
}

function mix(a: Ground, b: Ground, t: number): Ground {
  return [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t];
}

/** The same direction, within half a turn of `near`; about-face goes one way, in spite of the last bit. */
export function unwound(angleRad: number, near: number): number {
  const turn = 2 * Math.PI;
  return angleRad - turn * Math.round((angleRad - near) / turn - 1e-9);
}

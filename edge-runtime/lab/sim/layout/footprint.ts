import { sizes } from '../sizes.ts';
import type { ActorKind, Fixture, Ground } from '../world.ts';
import { turned } from './shapes.ts';

/** The ground an actor covers. */
export function actorFootprint(kind: ActorKind, at: Ground, headingRad: number, marginM = 0): Ground[] {
  const { lengthM, widthM } = sizes[kind];
  return turned(at, lengthM + 2 * marginM, widthM + 2 * marginM, headingRad);
}

/** The ground that nobody can stand on because of a fixture. */
export function fixtureFootprint(fixture: Fixture): Ground[] {
  switch (fixture.kind) {
    case 'building':
      return turned(fixture.at, fixture.size[0], fixture.size[2], fixture.headingRad);
    case 'wall':
    case 'hedge':
    case 'fence': {
      const [[x1, z1], [x2, z2]] = [fixture.from, fixture.to];
      const middle: Ground = [(x1 + x2) / 2, (z1 + z2) / 2];
      return turned(middle, Math.hypot(x2 - x1, z2 - z1), 0.5, Math.atan2(z2 - z1, x2 - x1));
    }
    case 'guard-house':
      return turned(fixture.at, 3, 2.4, fixture.headingRad);
    case 'bin-row':
      return turned(fixture.at, 0.9, 2.8, fixture.headingRad);
    case 'bench':
      return turned(fixture.at, 0.6, 1.7, fixture.headingRad);
    default:
      return turned(fixture.at, 0.6, 0.6, 0);
  }
}

/**
 * True if two convex polygons share ground: no side of either has the other wholly beyond it (separating
 * axes).
 */
export function overlaps(a: readonly Ground[], b: readonly Ground[]): boolean {
  return !separated(a, b) && !separated(b, a);
}

function separated(a: readonly Ground[], b: readonly Ground[]): boolean {
  return a.some((corner, i) => {
    const next = a[(i + 1) % a.length] as Ground;
    const normal: Ground = [next[1] - corner[1], corner[0] - next[0]];
    const along = ([x, z]: Ground) => x * normal[0] + z * normal[1];
    return (
      Math.min(...b.map(along)) > Math.max(...a.map(along)) ||
      Math.max(...b.map(along)) < Math.min(...a.map(along))
    );
  });
}

/** True if a ground point lies in a convex polygon, in either corner order. */
export function within([x, z]: Ground, polygon: readonly Ground[]): boolean {
  const sides = polygon.map(([x1, z1], i) => {
    const [x2, z2] = polygon[(i + 1) % polygon.length] as Ground;
    return (x2 - x1) * (z - z1) - (z2 - z1) * (x - x1);
  });
  return sides.every((side) => side >= 0) || sides.every((side) => side <= 0);
}

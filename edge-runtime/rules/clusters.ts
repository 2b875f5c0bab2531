import type { Point } from '@gatehouse/contracts';

/** Somebody on the ground. */
export interface Standing {
  /** Their feet, in picture heights. */
  readonly at: Point;
  /** The height that somebody who stands there has, in picture heights. */
  readonly height: number;
}

/**
 * Groups of people who stand near one another: DBSCAN with two people a core, that is, a person who is linked
 * to anybody of the group belongs to it. Two are linked up to `distance` heights apart, measured in the mean
 * of the heights at their two places, so that people far from the camera must be as close as those near it.
 * Largest group first.
 */
export function clusters<T extends Standing>(people: readonly T[], distance: number): T[][] {
  const left = new Set(people);
  const groups: T[][] = [];
  for (const first of people) {
    if (!left.delete(first)) continue;
    const group = [first];
    // The list grows while it is gone through: each newcomer brings their neighbours.
    for (const one of group)
      for (const other of left)
        if (near(one, other, distance)) {
          left.delete(other);
          group.push(other);
        }
    groups.push(group);
  }
  return groups.toSorted((a, b) => b.length - a.length);
}

function near(a: Standing, b: Standing, distance: number): boolean {
  return Math.hypot(a.at[0] - b.at[0], a.at[1] - b.at[1]) <= (distance * (a.height + b.height)) / 2;
}

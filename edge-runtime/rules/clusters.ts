import type { Point } from '@gatehouse/contracts';

/** Somebody on the ground: feet and box height, both in picture heights. */
export interface Standing {
  readonly at: Point;
  readonly height: number;
}

/**
 * Groups of people who stand near one another: DBSCAN with two people a core, that is, a person who is linked
 * to anybody of the group belongs to it. Two are linked up to `distance` box heights apart, measured in the
 * median of their own two heights, so that people far from the camera must stand as close as those near it.
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

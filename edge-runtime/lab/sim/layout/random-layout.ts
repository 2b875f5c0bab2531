import type { Fixture, Ground, Layout, Surface } from '../world.ts';
import type { Dice } from './dice.ts';
import { rectangle, turned } from './shapes.ts';

/** A place where a vehicle may be parked or drive. */
export interface Spot {
  readonly at: Ground;
  readonly headingRad: number;
}

/**
 * A layout as it grows: its parts, the places of vehicles, and the distance from [0, 0] that is worth looking
 * at.
 */
export interface Plan {
  readonly fixtures: Fixture[];
  readonly surfaces: Surface[];
  readonly places: Record<string, readonly Ground[]>;
  readonly bays: Spot[];
  readonly driving: Spot[];
  radiusM: number;
}

export function emptyPlan(radiusM: number): Plan {
  return { fixtures: [], surfaces: [], places: {}, bays: [], driving: [], radiusM };
}

export function layoutOfPlan(name: string, { fixtures, surfaces, places }: Plan): Layout {
  return { name, fixtures, surfaces, places };
}

const floors = ['asphalt', 'paving', 'concrete', 'brick', 'grass'] as const;

/** Covers everything with some ground, so that nothing is ever seen to end. */
export function base(plan: Plan, dice: Dice, kind = dice.pick(floors)): void {
  plan.surfaces.push({ kind, polygon: rectangle(-120, -120, 120, 120), look: dice.look() });
}

export function ground(plan: Plan, dice: Dice, polygon: readonly Ground[], kind = dice.pick(floors)): void {
  plan.surfaces.push({ kind, polygon, look: dice.look() });
}

/** A building of 1 to 11 floors, `length` metres along its heading; shops have many doors. */
export function building(
  plan: Plan,
  dice: Dice,
  at: Ground,
  length: number,
  depth: number,
  headingRad: number,
  floorsUp = dice.int(1, 11),
): void {
  const [c, s] = [Math.cos(headingRad), Math.sin(headingRad)];
  const doorCount = dice.int(0, Math.max(1, Math.floor(length / 6)));
  const side = dice.chance(0.5) ? 1 : -1;
  const doors = Array.from({ length: doorCount }, (_, i): Ground => {
    const a = -length / 2 + (length * (i + 0.5)) / doorCount;
    const b = (side * depth) / 2;
    return [at[0] + a * c - b * s, at[1] + a * s + b * c];
  });
  const size = [length, 3 * floorsUp + dice.uniform(0.5, 1.5), depth] as const;
  plan.fixtures.push({ kind: 'building', at, size, headingRad, look: dice.look(), doors });
}

/** A straight road from a point, with both directions to drive in. */
export function road(
  plan: Plan,
  dice: Dice,
  middle: Ground,
  lengthM: number,
  widthM: number,
  headingRad: number,
): void {
  ground(
    plan,
    dice,
    turned(middle, lengthM, widthM, headingRad),
    dice.pick(['asphalt', 'asphalt', 'concrete', 'brick']),
  );
  const [c, s] = [Math.cos(headingRad), Math.sin(headingRad)];
  for (const side of [1, -1]) {
    const b = (side * widthM) / 4;
    for (let a = -lengthM / 2; a <= lengthM / 2; a += 7)
      plan.driving.push({
        at: [middle[0] + a * c - b * s, middle[1] + a * s + b * c],
        headingRad: side > 0 ? headingRad : headingRad + Math.PI,
      });
    if (!dice.chance(0.6)) continue;
    const edge = (side * widthM) / 2;
    const at = (a: number): Ground => [middle[0] + a * c - edge * s, middle[1] + a * s + edge * c];
    plan.surfaces.push({
      kind: 'kerb',
      line: [at(-lengthM / 2), at(lengthM / 2)],
      heightM: dice.uniform(0.05, 0.18),
    });
  }
}

/**
 * A row of bays from `from` along `headingRad`, each turned by `turn` from the row (a quarter turn:
 * perpendicular).
 */
export function bayRow(
  plan: Plan,
  dice: Dice,
  from: Ground,
  count: number,
  headingRad: number,
  turn: number,
): void {
  const parallel = Math.abs(Math.sin(turn)) < 0.3;
  const step = parallel ? 6 : 2.5 / Math.abs(Math.sin(turn));
  const lines = dice.chance(0.75);
  const look = dice.look();
  for (let i = 0; i < count; i++) {
    const at: Ground = [from[0] + i * step * Math.cos(headingRad), from[1] + i * step * Math.sin(headingRad)];
    const heading = headingRad + turn;
    plan.bays.push({ at, headingRad: heading });
    const polygon = turned(at, parallel ? 6 : 5.3, 2.5, heading);
    plan.places[`bay-${Object.keys(plan.places).length + 1}`] = polygon;
    if (lines) plan.surfaces.push({ kind: 'bay', polygon, look });
  }
}

/** Marks a fire lane. */
export function fireLane(
  plan: Plan,
  middle: Ground,
  lengthM: number,
  widthM: number,
  headingRad: number,
): void {
  const polygon = turned(middle, lengthM, widthM, headingRad);
  plan.places['fire-lane'] = polygon;
  plan.surfaces.push({ kind: 'fire-lane', polygon });
}

const small = ['lamp', 'bollard', 'sign', 'hydrant', 'bench', 'bin-row'] as const;
const marks = ['stain', 'puddle', 'manhole', 'crack', 'arrow'] as const;

/** Strews trees, street furniture and marks on the ground over the plan. */
export function clutter(plan: Plan, dice: Dice): void {
  const spot = (): Ground => [
    dice.uniform(-plan.radiusM, plan.radiusM),
    dice.uniform(-plan.radiusM, plan.radiusM),
  ];
  const free = (at: Ground): boolean =>
    [...plan.driving, ...plan.bays].every(
      (other) => Math.hypot(other.at[0] - at[0], other.at[1] - at[1]) > 3.2,
    );
  const many = (most: number, add: () => void) => {
    for (let i = dice.int(0, most); i > 0; i--) add();
  };
  many(18, () => {
    const at = spot();
    const heightM = dice.uniform(2.5, 10);
    if (free(at)) plan.fixtures.push({ kind: 'tree', at, heightM, look: dice.look() });
  });
  many(12, () => {
    const at = spot();
    const heightM = dice.uniform(0.4, 1.6);
    if (free(at)) plan.fixtures.push({ kind: 'bush', at, heightM, look: dice.look() });
  });
  many(14, () => {
    const at = spot();
    const kind = dice.pick(small);
    if (free(at)) plan.fixtures.push({ kind, at, headingRad: dice.uniform(0, 6.28), look: dice.look() });
  });
  many(4, () => {
    const [from, angle, length] = [spot(), dice.int(0, 3) * (Math.PI / 2), dice.uniform(3, 16)];
    const to: Ground = [from[0] + length * Math.cos(angle), from[1] + length * Math.sin(angle)];
    const kind = dice.pick(['wall', 'hedge', 'fence'] as const);
    const middle: Ground = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
    if ([from, middle, to].every(free))
      plan.fixtures.push({ kind, from, to, heightM: dice.uniform(0.6, 2.6), look: dice.look() });
  });
  many(16, () => {
    const radiusM = dice.uniform(0.3, 2);
    const headingRad = dice.uniform(0, 6.28);
    plan.surfaces.push({ kind: dice.pick(marks), at: spot(), radiusM, headingRad, look: dice.look() });
  });
  many(4, () => {
    const polygon = turned(spot(), dice.uniform(2, 14), dice.uniform(2, 10), dice.int(0, 1) * (Math.PI / 2));
    ground(plan, dice, polygon);
  });
}

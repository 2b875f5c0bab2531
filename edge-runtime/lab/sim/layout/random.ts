import type { Actor, ActorKind, Layout, Moment, View, World } from '../world.ts';
import { Dice } from './dice.ts';
import { fixtureFootprint } from './footprint.ts';
import { heldOutFamilies, trainFamilies } from './random-families.ts';
import { clutter, layoutOfPlan } from './random-layout.ts';
import { randomPoses } from './random-poses.ts';
import { randomLight, randomView } from './random-view.ts';

/**
 * One world to draw several pictures of: picture i shows `moments[i]` through `views[i]`; the world's own
 * view is the first.
 */
export interface RandomWorld {
  readonly world: World;
  readonly moments: readonly Moment[];
  readonly views: readonly View[];
}

/** Relative to all actors; the detector must learn to leave clutter alone. */
const kindWeights: Readonly<Record<ActorKind, number>> = {
  sedan: 15,
  hatchback: 10,
  suv: 14,
  van: 8,
  minibus: 4,
  truck: 6,
  bus: 3,
  tricycle: 5,
  ebike: 14,
  bicycle: 6,
  person: 46,
  box: 3,
  bag: 2,
  bin: 3,
  pallet: 2,
  sofa: 2,
};

/** Near the camera there are people and hardly anything else. */
const hallWeights: Readonly<Record<ActorKind, number>> = { ...kindWeights, person: 250 };

/** Part of the pictures that show nobody and nothing but clutter. */
const emptyShare = 0.06;

/**
 * A random compound for teaching and measuring a detector: layout, light, cameras, 1 to 25 actors a picture
 * at all sizes and degrees of hiding, some pictures empty. The same arguments give the same world.
 *
 * `train` and `held-out` share nothing but the way actors are drawn. Their layout generators differ
 * (`random-families.ts`: right-angled streets, courts, lots, gates, shops and halls against angled crossings,
 * roundabouts and slanted bays). Their streams come from even against odd seeds, so that no look, light or
 * camera occurs in both for any seeds below 2^31. The scenarios' layouts (`sites`) are in neither.
 */
export function randomWorld(seed: number, family: 'train' | 'held-out' = 'train'): RandomWorld {
  const dice = new Dice(family === 'train' ? seed * 2 : seed * 2 + 1);
  const families = family === 'train' ? trainFamilies : heldOutFamilies;
  const name = dice.pick(Object.keys(families));
  const plan = families[name]?.(dice.fork());
  if (!plan) throw new RangeError(`no layout family ${name}`);
  clutter(plan, dice.fork());
  const layout = layoutOfPlan(`${name}-${seed}`, plan);
  const light = randomLight(dice.fork());
  const actors = randomActors(dice.fork(), name === 'hall' ? hallWeights : kindWeights);
  const taken = layout.fixtures.map(fixtureFootprint);
  const count = dice.int(4, 6);
  const views = Array.from({ length: count }, () =>
    randomView(dice.fork(), layout, plan.radiusM, light.time),
  );
  const moments = views.map((view, i): Moment => {
    const throws = dice.fork();
    const present = presentActors(throws, actors);
    const poses = randomPoses(throws, present, { plan, view, night: light.time !== 'day', taken });
    return { tS: i, poses, arms: armsOf(throws, layout) };
  });
  const view = views[0] as View;
  return { world: { seed: dice.look(), layout, light, view, actors }, moments, views };
}

function randomActors(dice: Dice, weights: Readonly<Record<ActorKind, number>>): Actor[] {
  return Array.from({ length: 40 }, (_, i): Actor => {
    const kind = dice.weighted(weights);
    const twoWheeler = kind === 'ebike' || kind === 'bicycle' || kind === 'tricycle';
    const actor: Actor = { id: `${kind}-${i + 1}`, kind, look: dice.look() };
    return twoWheeler ? { ...actor, rider: dice.chance(0.55) } : actor;
  });
}

/** Few or many, in random order; an empty picture may still hold clutter. */
function presentActors(dice: Dice, actors: readonly Actor[]): Actor[] {
  if (dice.chance(emptyShare)) return actors.filter(({ kind }) => isClutter(kind) && dice.chance(0.5));
  const order = actors
    .map((actor) => ({ actor, at: dice.uniform(0, 1) }))
    .sort((a, b) => a.at - b.at)
    .map(({ actor }) => actor);
  return order.slice(0, Math.round(dice.logUniform(1, 25.5)));
}

function isClutter(kind: ActorKind): boolean {
  return kind === 'box' || kind === 'bag' || kind === 'bin' || kind === 'pallet' || kind === 'sofa';
}

function armsOf(dice: Dice, layout: Layout): number[] {
  const gates = layout.fixtures.filter(({ kind }) => kind === 'barrier-gate');
  return gates.map(() => (dice.chance(0.5) ? 1 : 0));
}

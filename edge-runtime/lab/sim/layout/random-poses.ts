import { sizes } from '../sizes.ts';
import { type Actor, type ActorKind, type Ground, labelClassOf, type Pose, type View } from '../world.ts';
import type { Dice } from './dice.ts';
import { actorFootprint, overlaps } from './footprint.ts';
import { groundAt, type Lens, lensOf, project } from './projection.ts';
import type { Plan } from './random-layout.ts';

/** The parts that one moment is made from. */
export interface Stage {
  readonly plan: Plan;
  readonly view: View;
  readonly night: boolean;
  /** Ground that fixtures cover. */
  readonly taken: readonly (readonly Ground[])[];
}

interface Placed {
  readonly pose: Pose;
  readonly kind: ActorKind;
  readonly footprint: readonly Ground[];
}

/** Wanted heights of actors in a picture 288 pixels high. */
const [leastPx, mostPx] = [10, 220];

/** Puts the actors somewhere in the picture, each at its own place; an actor without room is left out. */
export function randomPoses(dice: Dice, actors: readonly Actor[], stage: Stage): Pose[] {
  const placed: Placed[] = [];
  const lens = lensOf(stage.view);
  for (const actor of actors) {
    const one = placeOne(dice, actor, stage, lens, placed);
    if (one) placed.push(one);
  }
  return placed.map(({ pose }) => pose);
}

function placeOne(
  dice: Dice,
  actor: Actor,
  stage: Stage,
  lens: Lens,
  placed: readonly Placed[],
): Placed | undefined {
  const margin = labelClassOf[actor.kind] === 'person' ? 0.05 : 0.2;
  for (let attempt = 0; attempt < 12; attempt++) {
    const spot = wherever(dice, actor.kind, stage, lens, placed);
    if (!spot || !seen(lens, stage.view, spot.at)) continue;
    const footprint = actorFootprint(actor.kind, spot.at, spot.headingRad, margin);
    if (stage.taken.some((other) => overlaps(other, footprint))) continue;
    if (placed.some((other) => overlaps(other.footprint, footprint))) continue;
    return { pose: poseAt(dice, actor, spot, stage.night), kind: actor.kind, footprint };
  }
  return undefined;
}

interface Spot {
  readonly at: Ground;
  readonly headingRad: number;
  readonly moving: boolean;
}

function wherever(
  dice: Dice,
  kind: ActorKind,
  stage: Stage,
  lens: Lens,
  placed: readonly Placed[],
): Spot | undefined {
  const labelClass = labelClassOf[kind];
  if (labelClass === 'car' || labelClass === 'truck') {
    const how = dice.weighted({ bay: 5, driving: 2, free: 3 });
    if (how === 'bay' && stage.plan.bays.length > 0) return inBay(dice, stage);
    if (how === 'driving' && stage.plan.driving.length > 0) return driving(dice, stage);
    return free(dice, kind, stage, lens, dice.chance(0.3));
  }
  if (labelClass === 'motorcycle' && dice.chance(0.5)) {
    const beside = placed.findLast((other) => labelClassOf[other.kind] === 'motorcycle');
    if (beside) return besideIt(dice, beside.pose, dice.uniform(0.75, 1.1));
  }
  if (labelClass === 'person' && placed.length > 0) {
    const how = dice.weighted({ cluster: 3, behind: 3, free: 4 });
    const other = dice.pick(placed).pose;
    if (how === 'cluster') return near(dice, other.at, dice.uniform(0.5, 2.2));
    if (how === 'behind') return behind(dice, lens, other.at);
  }
  return free(dice, kind, stage, lens, dice.chance(0.5));
}

function inBay(dice: Dice, { plan }: Stage): Spot {
  const { at, headingRad } = dice.pick(plan.bays);
  const turn = dice.chance(0.5) ? Math.PI : 0;
  const askew = dice.uniform(-0.07, 0.07);
  return { at: near(dice, at, 0.25).at, headingRad: headingRad + turn + askew, moving: false };
}

function driving(dice: Dice, { plan }: Stage): Spot {
  const { at, headingRad } = dice.pick(plan.driving);
  return { at: near(dice, at, 2).at, headingRad: headingRad + dice.uniform(-0.15, 0.15), moving: true };
}

function besideIt(dice: Dice, { at, headingRad }: Pose, stepM: number): Spot {
  const side = headingRad + (dice.chance(0.5) ? 1 : -1) * (Math.PI / 2);
  return {
    at: [at[0] + stepM * Math.cos(side), at[1] + stepM * Math.sin(side)],
    headingRad: headingRad + dice.uniform(-0.12, 0.12),
    moving: false,
  };
}

function near(dice: Dice, [x, z]: Ground, withinM: number): Spot {
  const [turn, away] = [dice.uniform(0, 2 * Math.PI), withinM * Math.sqrt(dice.uniform(0, 1))];
  return {
    at: [x + away * Math.cos(turn), z + away * Math.sin(turn)],
    headingRad: dice.uniform(0, 2 * Math.PI),
    moving: dice.chance(0.4),
  };
}

/** A spot beyond something, so that it hides part of the actor who stands there. */
function behind(dice: Dice, lens: Lens, [x, z]: Ground): Spot {
  const away = Math.atan2(z - lens.at[2], x - lens.at[0]);
  const [backM, asideM] = [dice.uniform(0.8, 3), dice.uniform(-1.6, 1.6)];
  return {
    at: [
      x + backM * Math.cos(away) - asideM * Math.sin(away),
      z + backM * Math.sin(away) + asideM * Math.cos(away),
    ],
    headingRad: dice.uniform(0, 2 * Math.PI),
    moving: dice.chance(0.4),
  };
}

/** Somewhere on the ground in the picture, at the distance at which it is as large as the dice say. */
function free(dice: Dice, kind: ActorKind, stage: Stage, lens: Lens, moving: boolean): Spot | undefined {
  const { widthPx, heightPx } = stage.view;
  const wantedPx = dice.logUniform(leastPx, mostPx) * (heightPx / 288);
  const depthM = Math.max(1.2, (lens.focalPx * sizes[kind].heightM) / wantedPx);
  const column = dice.uniform(-0.03, 1.03) * widthPx;
  const sideways = (column - lens.middle[0]) / lens.focalPx;
  const drop = lens.at[1] / depthM + lens.forward[1] + sideways * lens.right[1];
  const row = lens.middle[1] + (lens.focalPx * drop) / lens.up[1];
  // Too steep a camera, or the wanted size lies outside the picture: anywhere in it then.
  const inPicture = row > 0 && row < heightPx * 1.15;
  const at = groundAt(lens, column, inPicture ? row : dice.uniform(0.1, 1.05) * heightPx);
  return at && { at, headingRad: dice.uniform(0, 2 * Math.PI), moving };
}

/** True if a place on the ground is in the picture or just below it, and near enough to be anything. */
function seen(lens: Lens, { widthPx, heightPx }: View, [x, z]: Ground): boolean {
  const { x: px, y: py, depthM } = project(lens, [x, 0.8, z]);
  const near = depthM > 0.9 && depthM < 110;
  return near && px > -0.04 * widthPx && px < 1.04 * widthPx && py > -0.05 * heightPx && py < 1.2 * heightPx;
}

function poseAt(dice: Dice, actor: Actor, { at, headingRad, moving }: Spot, night: boolean): Pose {
  const still = { id: actor.id, at, headingRad, speedMps: 0, travelledM: dice.uniform(0, 30) };
  switch (labelClassOf[actor.kind]) {
    case 'person': {
      const carries = dice.chance(0.35) ? dice.look() : 0;
      if (moving) return { ...still, speedMps: dice.uniform(0.6, 2.4), posture: 'upright', carries };
      const posture = dice.weighted({ upright: 74, sitting: 13, crouching: 13 });
      return { ...still, posture, carries };
    }
    case 'clutter':
      return { ...still, travelledM: 0 };
    case 'motorcycle':
      return {
        ...still,
        speedMps: moving && actor.rider ? dice.uniform(2, 7) : 0,
        headlights: night && moving,
      };
    default: {
      const headlights = dice.chance(night ? (moving ? 0.95 : 0.3) : 0.06);
      return {
        ...still,
        speedMps: moving ? dice.uniform(1, 10) : 0,
        headlights,
        brakeLights: dice.chance(0.15),
      };
    }
  }
}

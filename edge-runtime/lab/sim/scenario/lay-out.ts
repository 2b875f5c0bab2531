import { Dice } from '../layout/dice.ts';
import { type ActorKind, type Ground, labelClassOf } from '../world.ts';
import { type Handling, handlingOf } from './handling.ts';
import { cruise, type Ends, type Motion, timed } from './motion.ts';
import { distance, type Path, roundedPath } from './path.ts';
import type { ActorScript, Point, Stay, Step, StepKey } from './schema.ts';
import type { Going, Segment, Still, Timeline } from './timeline.ts';

/** A fault in a script, with its step. */
export class ScriptProblem extends Error {
  readonly step: number;
  constructor(step: number, message: string) {
    super(message);
    this.name = 'ScriptProblem';
    this.step = step;
  }
}

/** Terms that a script means without saying them. */
export interface Terms {
  /** The middle of a place, by its name. */
  readonly resolve: (point: Point) => Ground;
  readonly durationS: number;
  readonly seed: number;
}

interface MoveStep {
  readonly index: number;
  readonly points: readonly Ground[];
  readonly direction: 1 | -1;
  readonly speedMps: number;
}

interface StayStep {
  readonly index: number;
  readonly does: StepKey;
  readonly stay: Stay;
  readonly fromS: number;
  readonly toS: number;
}

/** An actor's place and time while its script is laid out. */
interface Cursor {
  at: Ground;
  headingRad: number | undefined;
  atS: number | undefined;
  travelledM: number;
}

/** Lays a script out in time. Throws `ScriptProblem` where it cannot be done. */
export function layOut(actor: ActorScript, terms: Terms): Timeline {
  const handling = handlingOf(actor.kind);
  const dice = new Dice(terms.seed);
  const individual = labelClassOf[actor.kind] === 'person' ? dice.uniform(0.85, 1.15) : 1;
  const segments: Segment[] = [];
  const first = actor.script[0] as Step;
  const cursor = startOf(first, terms);
  const movesFromRest = { yes: first.enters === undefined };
  let moves: MoveStep[] = [];

  for (const [index, step] of actor.script.entries()) {
    if (step.enters !== undefined) {
      if (index > 0) throw new ScriptProblem(index, 'only the first step can be "enters"');
      continue;
    }
    const move = moveOf(step, index, terms, handling.speedMps * individual);
    if (move) {
      moves.push(move);
      continue;
    }
    const stay = stayOf(step, index, terms);
    segments.push(...travel(moves, cursor, stay, { handling, kind: actor.kind, rest: movesFromRest.yes }));
    segments.push(...stayPut(stay, cursor, terms, dice));
    movesFromRest.yes = true;
    moves = [];
  }
  segments.push(...travel(moves, cursor, undefined, { handling, kind: actor.kind, rest: movesFromRest.yes }));
  return { segments };
}

function startOf(first: Step, { resolve }: Terms): Cursor {
  const { enters } = first;
  if (enters === undefined)
    return { at: [Number.NaN, 0], headingRad: undefined, atS: undefined, travelledM: 0 };
  const timedEntry = typeof enters === 'object' && 'from' in enters;
  return {
    at: resolve(timedEntry ? enters.from : enters),
    headingRad: undefined,
    atS: timedEntry ? enters.at : undefined,
    travelledM: 0,
  };
}

function moveOf(step: Step, index: number, { resolve }: Terms, usualMps: number): MoveStep | undefined {
  const way = step.drives ?? step.shifts ?? step.advances ?? step.walks ?? step.reverses;
  if (way === undefined) return undefined;
  const [points, speedMps] = 'through' in way ? [way.through, way.speedMps] : [way, usualMps];
  return {
    index,
    points: points.map(resolve),
    direction: step.reverses ? -1 : 1,
    speedMps: step.reverses && !('through' in way) ? usualMps / 3 : speedMps,
  };
}

function stayOf(step: Step, index: number, { durationS }: Terms): StayStep {
  const [does, stay] = Object.entries(step)[0] as [StepKey, Stay];
  const fromS = stay.from === 'start' ? 0 : stay.from;
  // One second more, so that the clip's last moment still lies within it.
  const toS = stay.to === 'end' ? durationS + 1 : stay.to;
  if (toS <= fromS) throw new ScriptProblem(index, `ends at ${toS} s, not after it begins at ${fromS} s`);
  return { index, does, stay, fromS, toS };
}

interface Mover {
  readonly handling: Handling;
  readonly kind: ActorKind;
  /** True if the first move sets off from rest; an actor that comes into view is already moving. */
  readonly rest: boolean;
}

/** The moves between where the cursor is and the next stay (or, without one, out of the world). */
function travel(
  moves: readonly MoveStep[],
  cursor: Cursor,
  next: StayStep | undefined,
  mover: Mover,
): Going[] {
  const legs: {
    readonly index: number;
    readonly path: Path;
    readonly motion: Motion;
    readonly ends: Ends;
    readonly direction: 1 | -1;
  }[] = [];
  for (const [i, move] of moves.entries()) {
    const last = i === moves.length - 1;
    const heading = last && next?.stay.headingDeg !== undefined ? radians(next.stay.headingDeg) : undefined;
    if (Number.isNaN(cursor.at[0]))
      throw new ScriptProblem(move.index, 'it is nowhere yet: begin with "enters" or a stay with "at"');
    const path = pathOf(move, cursor, heading, mover);
    if (path.lengthM < 0.01) throw new ScriptProblem(move.index, 'leads nowhere: it is there already');
    const ends = { restBefore: i > 0 || mover.rest, restAfter: !last || next !== undefined };
    legs.push({
      index: move.index,
      path,
      motion: cruise(path.lengthM, move.speedMps, mover.handling.accelMps2, ends),
      ends,
      direction: move.direction,
    });
    const end = path.at(path.lengthM);
    cursor.at = end.at;
    cursor.headingRad = end.headingRad + (move.direction < 0 ? Math.PI : 0);
  }
  if (legs.length === 0) return [];
  const neededS = legs.reduce((sum, { motion }) => sum + motion.durationS, 0);
  const startS = cursor.atS ?? (next ? next.fromS - neededS : undefined);
  const firstIndex = legs[0]?.index ?? 0;
  if (startS === undefined)
    throw new ScriptProblem(
      firstIndex,
      'says not when: give {from: …, at: seconds} to "enters", or a stay before or after it',
    );
  // With both ends given in time, every leg takes its share of what there is.
  const stretch = next ? (next.fromS - startS) / neededS : 1;
  let atS = startS;
  return legs.map(({ index, path, motion, ends, direction }) => {
    const fitted =
      Math.abs(stretch - 1) < 1e-9
        ? motion
        : timed(path.lengthM, motion.durationS * stretch, mover.handling.accelMps2, ends);
    if (!fitted || fitted.speedMps > mover.handling.mostMps)
      throw new ScriptProblem(
        next?.index ?? index,
        `cannot be there by ${next?.fromS} s: it is free from ${startS.toFixed(1)} s, and the way takes ${neededS.toFixed(1)} s`,
      );
    const going: Going = {
      kind: 'going',
      fromS: atS,
      toS: atS + fitted.durationS,
      path,
      motion: fitted,
      direction,
      travelledM: cursor.travelledM,
    };
    atS = going.toS;
    cursor.travelledM += path.lengthM * direction;
    cursor.atS = atS;
    return going;
  });
}

/** A vehicle leaves along its own axis and arrives along the wanted one; people just turn. */
function pathOf(
  move: MoveStep,
  cursor: Cursor,
  arrivesRad: number | undefined,
  { handling, kind }: Mover,
): Path {
  const points = [cursor.at, ...move.points];
  if (labelClassOf[kind] === 'person') return roundedPath(points, handling.turnRadiusM, handling.chordM);
  const leadM = handling.chordM;
  if (cursor.headingRad !== undefined)
    points.splice(
      1,
      0,
      ahead(
        cursor.at,
        cursor.headingRad,
        move.direction * Math.min(leadM, distance(cursor.at, points[1] as Ground) / 2),
      ),
    );
  if (arrivesRad !== undefined) {
    const end = points.at(-1) as Ground;
    points.splice(
      -1,
      0,
      ahead(end, arrivesRad, -move.direction * Math.min(leadM, distance(end, points.at(-2) as Ground) / 2)),
    );
  }
  return roundedPath(points, handling.turnRadiusM, handling.chordM);
}

function ahead([x, z]: Ground, headingRad: number, byM: number): Ground {
  return [x + byM * Math.cos(headingRad), z + byM * Math.sin(headingRad)];
}

function stayPut(
  { index, does, stay, fromS, toS }: StayStep,
  cursor: Cursor,
  terms: Terms,
  dice: Dice,
): Segment[] {
  if (stay.at !== undefined) {
    if (!Number.isNaN(cursor.at[0]) && distance(cursor.at, terms.resolve(stay.at)) > 0.01)
      throw new ScriptProblem(index, 'it is elsewhere: "at" is only for who is there from the start');
    cursor.at = terms.resolve(stay.at);
  }
  if (Number.isNaN(cursor.at[0]))
    throw new ScriptProblem(index, 'where? Give "at", or "enters" and a way before it');
  if (cursor.atS !== undefined && Math.abs(cursor.atS - fromS) > 1e-6)
    throw new ScriptProblem(index, `begins at ${fromS} s, but it is there from ${cursor.atS} s on`);
  const headingRad = stay.headingDeg === undefined ? (cursor.headingRad ?? 0) : radians(stay.headingDeg);
  cursor.headingRad = headingRad;
  cursor.atS = toS;
  const still: Still = {
    kind: 'still',
    fromS,
    toS,
    at: cursor.at,
    headingRad,
    does,
    travelledM: cursor.travelledM,
  };
  return does === 'loiters' ? loiter(still, stay.radiusM ?? 0.5, cursor, dice) : [still];
}

/** Stands about, takes a few steps now and then, and is back where it began when the stay ends. */
function loiter(still: Still, radiusM: number, cursor: Cursor, dice: Dice): Segment[] {
  const { at: anchor, toS } = still;
  const segments: Segment[] = [];
  const { accelMps2, turnRadiusM, chordM } = handlingOf('person');
  let [at, atS, headingRad] = [anchor, still.fromS, still.headingRad];
  const stand = (untilS: number) => {
    segments.push({ ...still, fromS: atS, toS: untilS, at, headingRad, travelledM: cursor.travelledM });
    atS = untilS;
  };
  const stepTo = (to: Ground) => {
    const path = roundedPath([at, to], turnRadiusM, chordM);
    const motion = cruise(path.lengthM, 0.7, accelMps2, { restBefore: true, restAfter: true });
    segments.push({
      kind: 'going',
      fromS: atS,
      toS: atS + motion.durationS,
      path,
      motion,
      direction: 1,
      travelledM: cursor.travelledM,
    });
    cursor.travelledM += path.lengthM;
    [at, atS, headingRad] = [to, atS + motion.durationS, path.at(path.lengthM).headingRad];
  };
  // A walk across the circle and one back must still fit in.
  const reserveS = 2 * ((2 * radiusM) / 0.7 + 1);
  let nextS = atS + dice.uniform(2, 8);
  for (; nextS + reserveS < toS; nextS = Math.max(nextS, atS) + dice.uniform(3, 9)) {
    const turn = dice.uniform(0, 2 * Math.PI);
    const to = ahead(anchor, turn, radiusM * Math.sqrt(dice.uniform(0.05, 1)));
    // Half a step is none.
    if (distance(at, to) < 0.2) continue;
    stand(nextS);
    stepTo(to);
  }
  if (distance(at, anchor) > 0.01) {
    stand(Math.min(atS + 1.5, toS - reserveS / 2));
    stepTo(anchor);
  }
  stand(toS);
  cursor.headingRad = headingRad;
  return segments;
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}

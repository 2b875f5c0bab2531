/**
 * Ground-truth labels as the rules would get them from a detector and a tracker, with the faults that those
 * have.
 */
import { type Box, iou, type ObjectClass, type Track, type TrackFrame } from '@gatehouse/contracts';
import { Dice } from '../../sim/layout/dice.ts';
import type { Label, LabelClass, LabelFrame } from '../../sim/world.ts';
import { StoodPlaces } from './stood-places.ts';

/** Faults of detector and tracker. */
export interface Faults {
  readonly seed: number;
  /** Standard deviation of a box's edges, as a part of its size. */
  readonly jitter: number;
  /** Chance a frame that an object is missed, and that a miss goes on for a second. */
  readonly miss: number;
  readonly longMiss: number;
  /** Chance a frame that a track goes on under a new id. */
  readonly newId: number;
  /** Chance a frame that a car is called a truck or the other way round. */
  readonly confuse: number;
}

export const noFaults: Faults = { seed: 0, jitter: 0, miss: 0, longMiss: 0, newId: 0, confuse: 0 };
/** A fair detector at 10 frames a second: a new id about every 20 s, a second unseen about every 30 s. */
export const usualFaults: Faults = {
  seed: 1,
  jitter: 0.02,
  miss: 0.04,
  longMiss: 0.003,
  newId: 0.005,
  confuse: 0.04,
};

/** Sets of faults that checks run with. */
export const faultSets: Readonly<Record<string, Faults>> = {
  'perfect tracks': noFaults,
  'a detector with faults': usualFaults,
  'a detector with more faults': { ...usualFaults, seed: 2, jitter: 0.03 },
  // New ids while a queue moves up: the next car is taken for the one before unless that is seen elsewhere.
  'new ids at the wrong moments': { ...usualFaults, seed: 33 },
};

export interface Picture {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** Less of an object than this is not detected, nor is anything lower or narrower than so many pixels. */
const leastVisible = 0.35;
const leastPx = 9;
const longMissMs = 1_000;

const classes: Readonly<Record<LabelClass, ObjectClass>> = {
  person: 'person',
  car: 'car',
  truck: 'truck',
  motorcycle: 'motorcycle',
  clutter: 'object',
};

interface Followed {
  id: number;
  hiddenUntilMs: number;
  /** Where its feet were under this id first, and the farthest that they have been from there, in widths. */
  first: readonly [number, number] | undefined;
  moved: number;
  /** Boxes of the last two seconds. */
  history: { readonly atMs: number; readonly box: Box }[];
}

/** Labels as track frames of one camera, faults and all. The same arguments give the same tracks. */
export function tracksOf(
  frames: readonly LabelFrame[],
  camera: string,
  picture: Picture,
  faults: Faults = noFaults,
): TrackFrame[] {
  const dice = new Dice(faults.seed);
  const followed = new Map<string, Followed>();
  let lastId = 0;
  const newId = () => ++lastId;
  const places = new StoodPlaces();

  const trackOf = (label: Label, atMs: number): Track[] => {
    const one = followed.get(label.id) ?? {
      id: newId(),
      hiddenUntilMs: 0,
      first: undefined,
      moved: 0,
      history: [],
    };
    followed.set(label.id, one);
    if (dice.chance(faults.newId)) Object.assign(one, { id: newId(), first: undefined, moved: 0 });
    if (dice.chance(faults.longMiss)) one.hiddenUntilMs = atMs + longMissMs;
    if (dice.chance(faults.miss) || atMs < one.hiddenUntilMs) return [];
    const box = jittered(fractionsOf(label, picture), faults.jitter, dice);
    one.history = [...one.history.filter((sample) => atMs - sample.atMs <= 2_000), { atMs, box }];
    one.moved = Math.max(one.moved, movedOf(one, box, picture));
    const confused = dice.chance(faults.confuse);
    const { id } = one;
    const still = stands(one);
    if (still) places.keep({ track: id, actor: label.id, box: fractionsOf(label, picture) });
    const moved = one.moved < 1 ? Math.round(one.moved * 10) / 10 : Math.min(10, Math.round(one.moved));
    const name = classOf(label, confused);
    return [{ id, class: name, score: 0.8, box, seen: true, still, moved }];
  };
  return frames.map(({ tS, labels }) => {
    const atMs = Math.round(tS * 1000);
    const tracks = labels.filter(detectable).flatMap((label) => trackOf(label, atMs));
    const shown = new Map(labels.map((label) => [label.id, fractionsOf(label, picture)]));
    return { camera, atMs, tracks, places: places.told(shown) };
  });
}

/** How far its feet are from where they were first seen under its id, in widths of its box. */
function movedOf(one: Followed, { x1, x2, y2 }: Box, { widthPx, heightPx }: Picture): number {
  const feet = [((x1 + x2) / 2) * widthPx, y2 * heightPx] as const;
  one.first ??= feet;
  return Math.hypot(feet[0] - one.first[0], feet[1] - one.first[1]) / ((x2 - x1) * widthPx);
}

function detectable({ box, visible }: Label): boolean {
  return visible >= leastVisible && box.x2 - box.x1 >= leastPx / 2 && box.y2 - box.y1 >= leastPx;
}

function fractionsOf({ box }: Label, { widthPx, heightPx }: Picture): Box {
  return { x1: box.x1 / widthPx, y1: box.y1 / heightPx, x2: box.x2 / widthPx, y2: box.y2 / heightPx };
}

function jittered({ x1, y1, x2, y2 }: Box, jitter: number, dice: Dice): Box {
  const [width, height] = [x2 - x1, y2 - y1];
  // The sum of three even throws is near enough to a normal one, and bounded.
  const normal = () => dice.uniform(-1, 1) + dice.uniform(-1, 1) + dice.uniform(-1, 1);
  const moved = (value: number, size: number) => Math.min(1, Math.max(0, value + jitter * size * normal()));
  return { x1: moved(x1, width), y1: moved(y1, height), x2: moved(x2, width), y2: moved(y2, height) };
}

function classOf(label: Label, confused: boolean): ObjectClass {
  const name = classes[label.class];
  if (!confused) return name;
  return name === 'car' ? 'truck' : name === 'truck' ? 'car' : name;
}

/** Seen for two seconds in much the same place. */
function stands({ history }: Followed): boolean {
  const [first, last] = [history[0], history.at(-1)];
  return (
    first !== undefined &&
    last !== undefined &&
    last.atMs - first.atMs > 1_700 &&
    iou(first.box, last.box) >= 0.75
  );
}

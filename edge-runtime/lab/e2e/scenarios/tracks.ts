/**
 * Ground-truth labels as the rules would get them from a detector and a tracker, with the faults that those
 * have.
 */
import { type Box, iou, type ObjectClass, type Track, type TrackFrame } from '@gatehouse/contracts';
import { Dice } from '../../sim/layout/dice.ts';
import type { Label, LabelClass, LabelFrame } from '../../sim/world.ts';

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

  const trackOf = (label: Label, atMs: number): Track[] => {
    const one = followed.get(label.id) ?? { id: newId(), hiddenUntilMs: 0, history: [] };
    followed.set(label.id, one);
    if (dice.chance(faults.newId)) one.id = newId();
    if (dice.chance(faults.longMiss)) one.hiddenUntilMs = atMs + longMissMs;
    if (dice.chance(faults.miss) || atMs < one.hiddenUntilMs) return [];
    const box = jittered(fractionsOf(label, picture), faults.jitter, dice);
    one.history = [...one.history.filter((sample) => atMs - sample.atMs <= 2_000), { atMs, box }];
    const confused = dice.chance(faults.confuse);
    return [{ id: one.id, class: classOf(label, confused), score: 0.8, box, seen: true, still: stands(one) }];
  };
  return frames.map(({ tS, labels }) => {
    const atMs = Math.round(tS * 1000);
    return { camera, atMs, tracks: labels.filter(detectable).flatMap((label) => trackOf(label, atMs)) };
  });
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

import type { Track } from '@gatehouse/contracts';
import { isAt } from './body.ts';
import { isHidden, isUnique } from './hidden.ts';
import type { Scene } from './scene.ts';
import { type Sight, sightOf } from './sight.ts';
import type { Stay } from './stay-state.ts';

/**
 * A stay that was absent for longer is not continued by a vehicle that was seen coming from elsewhere: that
 * one is passing.
 */
const flickerMs = 1_500;
/** A track that has come so far since it was first seen, in widths, drove in: it did not stand there. */
export const droveIn = 0.5;
/** Having stood this long makes a place: until then a vehicle is still arriving and its place follows it. */
export const settledMs = 2_000;
/** A stay that is younger is not known by a look yet. */
export const youngMs = 5_000;
/** Longer without frames the tracker loses what it had just begun to follow. */
const pauseMs = 2_000;
/** Something else was seen at its place for so long, with nothing in front: it was not there. */
export const goneMs = 1_000;

/** A stay, a track at its place, and all that the frame tells of the two. */
interface Evidence {
  readonly o: Stay;
  readonly track: Track;
  readonly sight: Sight | undefined;
  readonly scene: Scene;
  readonly stays: readonly Stay[];
}

/**
 * The evidence on whether a track at the place of a stay is its object, the strongest first. The first that
 * holds decides. Where none does, nothing speaks against it, and it is.
 */
const table: readonly (readonly [evidence: string, holds: (seen: Evidence) => boolean, same: boolean])[] = [
  ['it has the id of the object', isOwn, true],
  ['the tracker tells no motion, and it did not come from elsewhere or the gap is a flicker', isNear, true],
  ['the tracker tells no motion', ({ track }) => !isUnique(track), false],
  ['the object was seen to leave', ({ o }) => o.left, false],
  ['it drove in, and the place was seen without the object', isNext, false],
  ['the place looks as it did', ({ sight }) => sight === 'alike', true],
  ['the place looks other, and nothing is in front', isUncovered, false],
  ['the place was seen without the object for a second', ({ o }) => o.otherMs >= goneMs, false],
  ['the object was seen elsewhere for a second', ({ o }) => o.awayMs >= goneMs, false],
  ['the object had hardly been seen: one of many that pass', isPassing, false],
  ['the object had not stood for long, and was there a frame before: ids were swapped', isSwapped, true],
  ['it drove in', ({ track }) => hasDriven(track), false],
  ['the object is seen elsewhere', isElsewhere, false],
];

/** True if a track at the place of a stay may be its object. */
export function mayBe(o: Stay, track: Track, stays: readonly Stay[], scene: Scene): boolean {
  const seen: Evidence = { o, track, sight: sightOf(o, scene.places), scene, stays };
  return table.find(([, holds]) => holds(seen))?.[2] ?? true;
}

/** True if another at the place drove in: where the place was seen without the object, it is the next one. */
export function hasNext(o: Stay, tracks: readonly Track[]): boolean {
  return tracks.some((track) => track.id !== o.trackId && hasDriven(track) && isAt(o.place.box, track.box));
}

function isOwn({ o, track }: Evidence): boolean {
  return track.id === o.trackId || track.id === o.lookId || o.formerIds.includes(track.id);
}

function isNear({ o, track, stays }: Evidence): boolean {
  const isKnown = stays.some(({ trackId }) => trackId === track.id);
  return !isUnique(track) && (o.absentMs <= flickerMs || !isKnown);
}

function isNext({ o, track, sight }: Evidence): boolean {
  return sight === 'alike' && o.otherMs > 0 && hasDriven(track);
}

function isUncovered({ o, track, sight, scene }: Evidence): boolean {
  const others = scene.tracks.filter((other) => other !== track);
  return sight === 'other' && !isHidden(o, sight, others);
}

/** Over a pause nobody saw others pass. */
function isPassing({ o, scene: { atMs, beforeMs } }: Evidence): boolean {
  const watchedMs = o.absentMs + o.hiddenMs + Math.min(pauseMs, atMs - beforeMs);
  const isPause = atMs - o.lastMs - watchedMs > pauseMs;
  return o.stoodMs < youngMs && o.ownMs < settledMs && !isPause;
}

function isSwapped({ o, scene: { beforeMs } }: Evidence): boolean {
  return o.stoodMs < youngMs && o.lastMs === beforeMs;
}

/** Its size says nothing: a vehicle that drives away from the camera is small soon. */
function isElsewhere({ o, scene: { tracks } }: Evidence): boolean {
  return tracks.some(({ id }) => id === o.trackId);
}

function hasDriven({ moved = 0 }: Track): boolean {
  return moved >= droveIn;
}

import { type Box, classGroup, iou, type ObjectClass, type Track } from '@gatehouse/contracts';
import { goneMs, isHidden } from './absence.ts';
import { isAt, sameBody, staysIou, twoParts } from './body.ts';
import { alikeInSize, newPlace } from './place.ts';
import type { Scene } from './scene.ts';
import { sightOf } from './sight.ts';
import type { Stay } from './stay-state.ts';

/** Overlap with a place that is not settled yet: what rolls to its stop has not arrived before. */
const arrivedIou = 0.75;
/** Having stood this long makes a place: until then a vehicle is still arriving and its place follows it. */
export const settledMs = 2_000;
/**
 * A stay that was absent for longer is not continued by a vehicle that was seen coming from elsewhere: that
 * one is passing.
 */
const flickerMs = 1_500;
/**
 * A track that has come so far since it was first seen, in widths, drove in: it did not stand there before.
 */
const droveIn = 0.5;
/**
 * A stay that is younger has no look yet. Another track that is at its place in the very next frame has
 * swapped ids with its object.
 */
const youngMs = 5_000;
/** Longer without frames the tracker loses what it had just begun to follow. */
const pauseMs = 2_000;
/** Most stays of one zone and rule; above, newcomers are not watched (drop policy: drop-newest). */
export const maxStays = 64;

/**
 * Gives each stay, oldest first, the track that is its object at its place; a track sits in one place only.
 * Its own track goes before any other.
 */
export function seat(occupancies: readonly Stay[], scene: Scene): ReadonlyMap<string, Track> {
  const seats = new Map<string, Track>();
  const free = new Set(scene.tracks);
  for (const o of occupancies) {
    if (o.left && o.openedMs === null) continue;
    const fits = [...free].filter((track) => isThere(o, track) && mayBe(o, track, occupancies, scene));
    const [best] = fits.toSorted((a, b) => fit(o, b) - fit(o, a));
    if (!best) continue;
    seats.set(o.key, best);
    free.delete(best);
  }
  return seats;
}

/** Its own track fits best, then that which overlaps most. */
function fit({ trackId, place }: Stay, { id, box }: Track): number {
  return (id === trackId ? 1 : 0) + iou(place.box, box);
}

function isThere(o: Stay, track: Track): boolean {
  return goesOnAs(o.class, track.class) && isAt(o.place.box, track.box) && !isArriving(o, track);
}

/** It rolls on: what is at the place has not come to stand there yet. */
function isArriving({ stoodMs, place }: Stay, { moved = 0, box }: Track): boolean {
  return stoodMs < settledMs && moved >= droveIn && iou(place.box, box) < arrivedIou;
}

/**
 * True if a track at the place of a stay may be the object of the stay. Under its own id it is. Under another
 * one the place must look as it did, and what drove in is another where the place was seen without the object
 * before. Where the picture says nothing, the object must not have been seen to leave, and the track must not
 * have come from elsewhere.
 */
function mayBe(o: Stay, track: Track, occupancies: readonly Stay[], scene: Scene): boolean {
  const { atMs, tracks, places, beforeMs } = scene;
  if (o.trackId === track.id) return true;
  if (track.moved === undefined) return o.absentMs <= flickerMs || !seenElsewhere(occupancies, track);
  if (o.left) return false;
  const drove = track.moved >= droveIn;
  const sight = sightOf(o, places);
  if (sight === 'alike') return !drove || o.otherMs === 0;
  if (
    sight === 'other' &&
    !isHidden(
      o,
      sight,
      tracks.filter((other) => other !== track),
    )
  )
    return false;
  if (o.otherMs >= goneMs) return false;
  // A track that never stood for moments is one of many that pass. Over a pause nobody saw them pass.
  const isYoung = o.stoodMs < youngMs;
  const watchedMs = o.absentMs + o.hiddenMs + Math.min(pauseMs, atMs - beforeMs);
  const isPause = atMs - o.lastMs - watchedMs > pauseMs;
  if (isYoung && o.ownMs < settledMs && !isPause) return false;
  const hasSwapped = isYoung && o.lastMs === beforeMs;
  return hasSwapped || (!drove && !tracks.some(({ id }) => id === o.trackId));
}

/**
 * The picture shows that the object of a stay is there, whether or not it is detected. After the place was
 * seen without it, what drove in is another of like look.
 */
export function isHeld(o: Stay, { places, tracks }: Scene): boolean {
  if (o.left || sightOf(o, places) !== 'alike') return false;
  const isAnother = ({ id, moved = 0, box }: Track) =>
    id !== o.trackId && moved >= droveIn && isAt(o.place.box, box);
  return o.otherMs === 0 || !tracks.some(isAnother);
}

function seenElsewhere(occupancies: readonly Stay[], { id }: Track): boolean {
  return occupancies.some(({ trackId }) => trackId === id);
}

/** A stay founded on a stray box of a vehicle that is now seen at its own place again. */
export function isStray(o: Stay, seats: ReadonlyMap<string, Track>): boolean {
  return o.stoodMs < settledMs && [...seats.values()].some((track) => track.id === o.trackId);
}

/** Founds a stay for each counted object in the zone that has none. */
export function arrivals(stays: readonly Stay[], seats: ReadonlyMap<string, Track>, scene: Scene) {
  const { tracks, terms } = scene;
  const seated = new Set(seats.values());
  const replaced = new Set<string>();
  const founded: Stay[] = [];
  for (const track of tracks) {
    if (stays.length - replaced.size + founded.length >= maxStays) break;
    if (seated.has(track) || !terms.classes.includes(track.class)) continue;
    if (!terms.inside(track.box) || isKnown(track, seated, stays, scene)) continue;
    const before = stays.find(
      (o) =>
        !seats.has(o.key) &&
        !replaced.has(o.key) &&
        o.trackId === track.id &&
        alikeInSize(o.place.box, track.box),
    );
    const arriving = before !== undefined && before.stoodMs < settledMs && before.openedMs === null;
    if (arriving) replaced.add(before.key);
    seated.add(track);
    const shiftedFrom = arriving ? before.shiftedFrom : (before?.key ?? null);
    founded.push(newStay(track, shiftedFrom, founded.length, scene));
  }
  return { founded, replaced };
}

/** True for another box of what has its stay already. */
function isKnown(track: Track, seated: ReadonlySet<Track>, stays: readonly Stay[], scene: Scene) {
  if ([...seated].some((other) => sameObject(other, track))) return true;
  return stays.some((o) => {
    // A parked vehicle that the detector has lost stands out from an empty zone like anything else left
    // behind.
    if (track.class === 'object') return goesOnAs('object', o.class) && covers(o.place.box, track.box);
    if (!goesOnAs(o.class, track.class) || !isHeld(o, scene)) return false;
    return isAt(o.place.box, track.box) || twoParts(o.place.box, track.box);
  });
}

function newStay(track: Track, shiftedFrom: string | null, n: number, { atMs, terms }: Scene): Stay {
  // A thing left behind is reported only once it is sure. Its stay began when somebody put it down.
  const sinceMs = track.class === 'object' ? Math.min(atMs, track.sinceMs ?? atMs) : atMs;
  return {
    key: terms.keyOf(Math.round(atMs), n),
    class: track.class,
    seenAsMs: {},
    place: newPlace(track.box),
    box: track.box,
    trackId: track.id,
    ownMs: 0,
    lookId: null,
    sinceMs,
    lastMs: atMs,
    stoodMs: atMs - sinceMs,
    absentMs: 0,
    hiddenMs: 0,
    otherMs: 0,
    heldMs: 0,
    left: false,
    shiftedFrom,
    openedMs: null,
    toldMs: null,
    promptedMs: null,
    priority: null,
  };
}

/**
 * True if an object that was seen as one class can be the same thing as one now seen as another at its place:
 * classes of one group, and a vehicle that was an unknown thing while the detector did not see it. Never the
 * other way round: a thing that a departed vehicle leaves in the picture must not hold its incident.
 */
function goesOnAs(before: ObjectClass, now: ObjectClass): boolean {
  const [from, to] = [classGroup(before), classGroup(now)];
  return from === to || (from === 'object' && (to === 'vehicle' || to === 'cycle'));
}

function sameObject(a: Track, b: Track): boolean {
  if (classGroup(a.class) === classGroup(b.class))
    return (
      iou(a.box, b.box) >= staysIou ||
      (classGroup(a.class) === 'vehicle' && (sameBody(a.box, b.box) || twoParts(a.box, b.box)))
    );
  if (a.class === 'object') return goesOnAs('object', b.class) && covers(b.box, a.box);
  return b.class === 'object' && goesOnAs('object', a.class) && covers(a.box, b.box);
}

/** True if half of `inner` lies in `outer`. */
function covers(outer: Box, inner: Box): boolean {
  const width = Math.min(outer.x2, inner.x2) - Math.max(outer.x1, inner.x1);
  const height = Math.min(outer.y2, inner.y2) - Math.max(outer.y1, inner.y1);
  return width > 0 && height > 0 && 2 * width * height >= (inner.x2 - inner.x1) * (inner.y2 - inner.y1);
}

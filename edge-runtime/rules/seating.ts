import { type Box, classGroup, iou, type ObjectClass, type Track } from '@gatehouse/contracts';
import { isAt, isWithin, sameBody, staysIou, twoParts } from './body.ts';
import { isUnique } from './hidden.ts';
import { droveIn, hasNext, mayBe, settledMs, youngMs } from './identity.ts';
import { alikeInSize, newPlace } from './place.ts';
import type { Scene } from './scene.ts';
import { sightOf } from './sight.ts';
import type { Stay } from './stay-state.ts';
import { noSureness } from './sureness.ts';

/** Overlap with a place that is not settled yet: what rolls to its stop has not arrived before. */
const arrivedIou = 0.75;
/** Most stays of one zone and rule; above, newcomers are not watched (drop policy: drop-newest). */
export const maxStays = 64;

/**
 * Gives each stay, the longest first, the track that is its object at its place; a track sits in one place
 * only.
 * Its own track goes before any other.
 */
export function seat(occupancies: readonly Stay[], scene: Scene): ReadonlyMap<string, Track> {
  const seats = new Map<string, Track>();
  const free = new Set(scene.tracks);
  for (const o of occupancies.toSorted((a, b) => b.stoodMs - a.stoodMs)) {
    if (o.left && o.openedMs === null) continue;
    const fits = [...free].filter((track) => isThere(o, track, scene) && mayBe(o, track, occupancies, scene));
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

function isThere(o: Stay, track: Track, scene: Scene): boolean {
  return goesOnAs(o.class, track.class) && isAt(o.place.box, track.box) && !isArriving(o, track, scene);
}

/** It rolls on: what is at the place has not come to stand there yet. */
function isArriving(o: Stay, track: Track, scene: Scene): boolean {
  const { moved = 0, box } = track;
  return isUnsettled(o, track, scene) && moved >= droveIn && iou(o.place.box, box) < arrivedIou;
}

/**
 * Its track is not still, and it came a moment ago. What creeps by a tenth of its length a second is not
 * still; nor is the box of a vehicle that something nearer begins to cover, and that vehicle stands.
 */
function isUnsettled({ stoodMs, sinceMs, place }: Stay, track: Track, { atMs }: Scene): boolean {
  const isRolling = isUnique(track) && !track.still && atMs - sinceMs < youngMs;
  return stoodMs < (isRolling && !isWithin(place.box, track.box) ? youngMs : settledMs);
}

/**
 * The picture shows that the object of a stay is there, whether or not it is detected. After the place was
 * seen without it, what drove in is another of like look.
 */
export function isHeld(o: Stay, { places, tracks }: Scene): boolean {
  if (o.left || sightOf(o, places) !== 'alike') return false;
  return o.otherMs === 0 || !hasNext(o, tracks);
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
    const arriving = before !== undefined && isUnsettled(before, track, scene) && before.openedMs === null;
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
    formerIds: [],
    ownMs: 0,
    lookId: null,
    sinceMs,
    lastMs: atMs,
    stoodMs: atMs - sinceMs,
    absentMs: 0,
    hiddenMs: 0,
    otherMs: 0,
    awayMs: 0,
    heldMs: 0,
    bundled: noSureness(track),
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

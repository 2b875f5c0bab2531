import { type Box, classGroup, iou, type ObjectClass, type Track } from '@gatehouse/contracts';
import { alikeInSize, newPlace } from './place.ts';
import type { Stay, StayTerms } from './stay-state.ts';

/** One frame as the stays of a zone see it. */
export interface Scene {
  readonly atMs: number;
  /** Time of the frame before. */
  readonly beforeMs: number;
  /** Time since then, or 0 if it is too long to be taken as watched. */
  readonly watchedMs: number;
  readonly tracks: readonly Track[];
  readonly terms: StayTerms;
}

/** Overlap with the mean box at which something still stands there (>= 0.6 stays still). */
const staysIou = 0.6;
/** Having stood this long makes a place: until then a vehicle is still arriving and its place follows it. */
export const settledMs = 2_000;
/**
 * A stay that was absent for longer is not continued by a vehicle that was seen coming from elsewhere: that
 * one is passing.
 */
const flickerMs = 1_500;
/** Most stays of one zone and rule; above, newcomers are not watched (drop policy: drop-newest). */
export const maxStays = 64;

/**
 * Gives each stay, oldest first, the track that is at its place; a track sits in one place only. While a
 * place has been empty for moments at most, any track there is its object again. Later only a track that was
 * at no other place is.
 */
export function seat(occupancies: readonly Stay[], tracks: readonly Track[]): ReadonlyMap<string, Track> {
  const seats = new Map<string, Track>();
  const free = new Set(tracks);
  for (const o of occupancies) {
    if (o.left && o.openedMs === null) continue;
    let best: Track | undefined;
    let bestIou = staysIou;
    for (const track of free) {
      if (!goesOnAs(o.class, track.class)) continue;
      if (o.absentMs > flickerMs && o.trackId !== track.id && seenElsewhere(occupancies, track)) continue;
      const overlap = iou(o.place.box, track.box);
      if (overlap < bestIou || (best && overlap === bestIou)) continue;
      best = track;
      bestIou = overlap;
    }
    if (!best) continue;
    seats.set(o.key, best);
    free.delete(best);
  }
  return seats;
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
  const { atMs, tracks, terms } = scene;
  const seated = new Set(seats.values());
  const replaced = new Set<string>();
  const founded: Stay[] = [];
  for (const track of tracks) {
    if (stays.length - replaced.size + founded.length >= maxStays) break;
    if (seated.has(track) || !terms.classes.includes(track.class)) continue;
    if (!terms.inside(track.box)) continue;
    // A second box of a vehicle that has its seat already.
    if ([...seated].some((other) => sameObject(other, track))) continue;
    // A parked vehicle that the detector has lost stands out from an empty zone like anything else left
    // behind.
    if (
      track.class === 'object' &&
      stays.some((o) => goesOnAs('object', o.class) && covers(o.place.box, track.box))
    )
      continue;
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
    // A thing left behind is reported only once it is sure. Its stay began when somebody put it down.
    const sinceMs = Math.min(atMs, track.sinceMs ?? atMs);
    founded.push({
      key: terms.keyOf(Math.round(atMs), founded.length),
      class: track.class,
      seenAsMs: {},
      place: newPlace(track.box),
      box: track.box,
      trackId: track.id,
      sinceMs,
      lastMs: atMs,
      stoodMs: atMs - sinceMs,
      absentMs: 0,
      hiddenMs: 0,
      left: false,
      shiftedFrom: arriving ? before.shiftedFrom : (before?.key ?? null),
      openedMs: null,
      toldMs: null,
      promptedMs: null,
      priority: null,
    });
  }
  return { founded, replaced };
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
  if (classGroup(a.class) === classGroup(b.class)) return iou(a.box, b.box) >= staysIou;
  if (a.class === 'object') return goesOnAs('object', b.class) && covers(b.box, a.box);
  return b.class === 'object' && goesOnAs('object', a.class) && covers(a.box, b.box);
}

/** True if half of `inner` lies in `outer`. */
function covers(outer: Box, inner: Box): boolean {
  const width = Math.min(outer.x2, inner.x2) - Math.max(outer.x1, inner.x1);
  const height = Math.min(outer.y2, inner.y2) - Math.max(outer.y1, inner.y1);
  return width > 0 && height > 0 && 2 * width * height >= (inner.x2 - inner.x1) * (inner.y2 - inner.y1);
}

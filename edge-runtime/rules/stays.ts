import type { ObjectClass, Track, TrackFrame } from '@gatehouse/contracts';
import { isSeenToLeave, miss } from './absence.ts';
import { isAt } from './body.ts';
import { isUnique, ownTrack } from './hidden.ts';
import { settledMs } from './identity.ts';
import { orderOf, toldBy, watchedMs } from './life.ts';
import { settle } from './place.ts';
import type { Scene } from './scene.ts';
import { arrivals, isHeld, isStray, seat } from './seating.ts';
import { lookIdOf } from './sight.ts';
import type { Stay, StayState, StayTerms } from './stay-state.ts';
import { surer } from './sureness.ts';

export interface AdvancedStays {
  readonly state: StayState;
  /** Keys of the stays whose object was seen in this frame. */
  readonly standing: ReadonlySet<string>;
  /** Stays that ended with this frame, opened or not. */
  readonly ended: readonly Stay[];
}

/**
 * Something else was seen at its place for so long: the time before it is found there again does not count.
 */
const brokenMs = 3_000;
/**
 * After a longer pause the tracker may have started anew, and its ids with it; trackers that tell how far a
 * track has moved never give out an id twice.
 */
const idsLastMs = 2_000;

/** Remembered tracks of one stay (drop policy: drop-oldest): a body has two boxes, each with new ids. */
const mostFormerIds = 4;

/** Takes one frame in. A frame that is not newer than the last changes nothing. */
export function advance(state: StayState, frame: TrackFrame, terms: StayTerms): AdvancedStays {
  const { atMs } = frame;
  const order = orderOf(state.lastMs, atMs);
  if (order === 'old') return { state, standing: new Set(), ended: [] };
  if (order === 'anew') return advance(rebased(state, atMs), frame, terms);
  const pauseMs = state.lastMs === null ? 0 : atMs - state.lastMs;
  const scene: Scene = {
    atMs,
    beforeMs: state.lastMs ?? atMs,
    // Over a longer pause nothing was seen to stand, and nothing was seen to be absent.
    watchedMs: watchedMs(state.lastMs, atMs, terms.gapMs),
    tracks: frame.tracks.filter((track) => track.seen),
    places: frame.places ?? [],
    terms,
  };
  const known = state.occupancies
    .filter((o) => o.openedMs !== null || pauseMs <= terms.forgetMs)
    .map((o) =>
      pauseMs > idsLastMs && !frame.tracks.some(isUnique) ? { ...o, trackId: null, formerIds: [] } : o,
    )
    .map((o) => (isSeenToLeave(o, scene) ? { ...o, left: true } : o));
  const seats = seat(known, scene);
  const stays = known.filter((o) => seats.has(o.key) || !isStray(o, seats));
  const arrived = arrivals(stays, seats, scene);
  const joinsAfterMs = terms.joinsShiftsAfterMs ?? Number.POSITIVE_INFINITY;
  const { present, standing } = joinShifts(
    [
      ...stays
        .filter((o) => !arrived.replaced.has(o.key))
        .map((o) => {
          const track = seats.get(o.key);
          return track ? stand(o, track, scene) : o;
        }),
      ...arrived.founded,
    ],
    new Set([...seats.keys(), ...arrived.founded.map((o) => o.key)]),
    joinsAfterMs,
  );
  const kept: Stay[] = [];
  const ended: Stay[] = [];
  for (const o of present) {
    const held = !standing.has(o.key) && isHeld(o, scene) && !present.some((other) => isDouble(o, other));
    if (held) standing.add(o.key);
    const now = held ? hold(o, scene) : standing.has(o.key) ? o : miss(o, scene);
    (hasEnded(now, present, scene) ? ended : kept).push(now);
  }
  return { state: { lastMs: atMs, occupancies: kept }, standing, ended };
}

/** Its object is detected there. */
function stand(o: Stay, track: Track, { atMs, terms, places }: Scene): Stay {
  const unseenMs = Math.min(atMs - o.lastMs, terms.gapMs);
  const now = there(o, atMs, terms);
  return {
    ...now,
    ownMs: track.id === o.trackId ? o.ownMs + now.stoodMs - o.stoodMs : 0,
    ...(terms.classes.includes(track.class) ? named(o, track.class, unseenMs) : null),
    place: settle(o.place, track.box, unseenMs),
    bundled: surer(o.bundled, track, unseenMs),
    box: track.box,
    trackId: track.id,
    formerIds: formerIdsOf(o, track.id),
    lookId: lookIdOf(o, track.id, places),
  };
}

function formerIdsOf({ trackId, formerIds }: Stay, now: number): readonly number[] {
  if (trackId === now) return formerIds;
  const others = formerIds.filter((id) => id !== now && id !== trackId);
  return [...(trackId === null ? [] : [trackId]), ...others].slice(0, mostFormerIds);
}

/** It is not detected, but the picture shows that it is there. */
function hold(o: Stay, { atMs, terms, tracks }: Scene): Stay {
  const now = there(o, atMs, terms);
  // While its track is seen elsewhere it may be another of like look.
  const otherMs = ownTrack(o, tracks) ? o.otherMs : 0;
  return { ...now, otherMs, heldMs: o.heldMs + now.stoodMs - o.stoodMs };
}

/**
 * It is there. Unseen time up to the tolerance counts as stood, and hidden time besides; longer unseen time
 * does not, nor does any in which something else was seen at its place.
 */
function there(o: Stay, atMs: number, { hiddenMs, gapMs }: StayTerms): Stay {
  const unseenMs = atMs - o.lastMs;
  const unbroken = o.otherMs < brokenMs && unseenMs - Math.min(o.hiddenMs, hiddenMs) <= gapMs;
  return {
    ...o,
    lastMs: atMs,
    stoodMs: o.stoodMs + (unbroken ? unseenMs : 0),
    absentMs: 0,
    hiddenMs: 0,
    otherMs: 0,
    awayMs: 0,
    left: false,
  };
}

/**
 * Takes in that it was seen as `objectClass` for so long. Its own class is the one that it was seen as for
 * the longest.
 */
function named(o: Stay, objectClass: ObjectClass, seenMs: number): Pick<Stay, 'class' | 'seenAsMs'> {
  const asThisMs = (o.seenAsMs[objectClass] ?? 0) + seenMs;
  return {
    seenAsMs: { ...o.seenAsMs, [objectClass]: asThisMs },
    class: asThisMs > (o.seenAsMs[o.class] ?? 0) ? objectClass : o.class,
  };
}

/**
 * A vehicle that shifted within the zone and stands again before its first stay was over continues that stay,
 * if it had stood for long: the new one is joined to it. A queue that moves up has not. Returns the stays and
 * which of them have their object in this frame.
 */
function joinShifts(stays: readonly Stay[], seated: ReadonlySet<string>, joinsAfterMs: number) {
  if (stays.every((o) => o.shiftedFrom === null)) return { present: stays, standing: new Set(seated) };
  const joined = new Map(stays.map((o) => [o.key, o]));
  const standing = new Set(seated);
  for (const o of stays) {
    if (o.shiftedFrom === null) continue;
    const from = joined.get(o.shiftedFrom);
    const counts = from && (from.openedMs !== null || from.stoodMs >= joinsAfterMs);
    if (!counts || seated.has(from.key)) joined.set(o.key, { ...o, shiftedFrom: null });
    else if (seated.has(o.key) && o.stoodMs >= settledMs) {
      const { class: name, place, box, trackId, formerIds, ownMs, lookId, lastMs } = o;
      joined.set(from.key, {
        ...from,
        class: name,
        place,
        box,
        trackId,
        formerIds,
        ownMs,
        lookId,
        lastMs,
        stoodMs: from.stoodMs + o.stoodMs,
        absentMs: 0,
        hiddenMs: 0,
        otherMs: 0,
        awayMs: 0,
        left: false,
      });
      joined.delete(o.key);
      standing.delete(o.key);
      standing.add(from.key);
    }
  }
  return { present: [...joined.values()], standing };
}

/**
 * It is over when it was absent for long enough. Before it is an incident, also when it was seen to drive out
 * of the zone.
 */
function hasEnded(o: Stay, stays: readonly Stay[], { tracks, terms }: Scene): boolean {
  if (Math.round(o.absentMs) >= terms.clearMs) return !stays.some((next) => mayJoin(o, next, terms));
  if (!o.left || o.openedMs !== null) return false;
  const track = tracks.find((other) => other.id === o.trackId);
  return track !== undefined && !terms.inside(track.box);
}

/** One body has one stay: the picture shows the object of a longer stay at its place. */
function isDouble(o: Stay, other: Stay): boolean {
  return (
    other.stoodMs > o.stoodMs && o.openedMs === null && !other.left && isAt(other.place.box, o.place.box)
  );
}

/** Its object stands elsewhere in the zone since before it was over, and is about to have settled there. */
function mayJoin({ key, absentMs }: Stay, next: Stay, { clearMs }: StayTerms): boolean {
  return next.shiftedFrom === key && next.absentMs === 0 && absentMs - next.stoodMs < clearMs;
}

/**
 * The state on a timeline that starts anew at or before `atMs`: observed time stays, the rest counts as
 * unseen.
 */
function rebased({ occupancies }: StayState, atMs: number): StayState {
  const moved = (o: Stay) => ({ ...toldBy(o, atMs), trackId: null, formerIds: [], lastMs: atMs });
  return { lastMs: null, occupancies: occupancies.map(moved) };
}

import { iou, type ObjectClass, type Track, type TrackFrame } from '@gatehouse/contracts';
import { orderOf, toldBy, watchedMs } from './life.ts';
import { alikeInSize, hiddenBy, settle } from './place.ts';
import { arrivals, isStray, type Scene, seat, settledMs } from './seating.ts';
import type { Stay, StayState, StayTerms } from './stay-state.ts';

export interface AdvancedStays {
  readonly state: StayState;
  /** Keys of the stays whose object was seen in this frame. */
  readonly standing: ReadonlySet<string>;
  /** Stays that ended with this frame, opened or not. */
  readonly ended: readonly Stay[];
}

/** Overlap below which it has certainly moved (< 0.2 active). */
const movedIou = 0.2;
/** Seen elsewhere for this long it has driven off; less may be two tracks that swapped their ids. */
const drivenOffMs = 2_000;
/** After a longer pause the tracker may have started anew, and its ids with it. */
const idsLastMs = 2_000;

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
    terms,
  };
  const known = state.occupancies
    .filter((o) => o.openedMs !== null || pauseMs <= terms.forgetMs)
    .map((o) => (pauseMs > idsLastMs ? { ...o, trackId: null } : o));
  const seats = seat(known, scene.tracks);
  const stays = known.filter((o) => seats.has(o.key) || !isStray(o, seats));
  const arrived = arrivals(stays, seats, scene);
  const { present, standing } = (terms.joinsShifts ? joinShifts : apart)(
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
  );
  const kept: Stay[] = [];
  const ended: Stay[] = [];
  for (const o of present) {
    const now = standing.has(o.key) ? o : miss(o, scene);
    (hasEnded(now, scene) ? ended : kept).push(now);
  }
  return { state: { lastMs: atMs, occupancies: kept }, standing, ended };
}

/**
 * Its object is there. Unseen time up to the tolerance counts as stood, and hidden time besides; longer
 * unseen time does not.
 */
function stand(o: Stay, track: Track, { atMs, terms }: Scene): Stay {
  const unseenMs = atMs - o.lastMs;
  const unbroken = unseenMs - Math.min(o.hiddenMs, terms.hiddenMs) <= terms.gapMs;
  return {
    ...o,
    ...(terms.classes.includes(track.class) ? named(o, track.class, Math.min(unseenMs, terms.gapMs)) : null),
    place: settle(o.place, track.box, Math.min(unseenMs, terms.gapMs)),
    box: track.box,
    trackId: track.id,
    lastMs: atMs,
    stoodMs: o.stoodMs + (unbroken ? unseenMs : 0),
    absentMs: 0,
    hiddenMs: 0,
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

function apart(stays: readonly Stay[], seated: ReadonlySet<string>) {
  const present = stays.map((o) => (o.shiftedFrom === null ? o : { ...o, shiftedFrom: null }));
  return { present, standing: seated };
}

/**
 * A vehicle that shifted within the zone and stands again before its first stay was over continues that stay:
 * the new one is joined to it. Returns the stays and which of them have their object in this frame.
 */
function joinShifts(stays: readonly Stay[], seated: ReadonlySet<string>) {
  if (stays.every((o) => o.shiftedFrom === null)) return { present: stays, standing: seated };
  const joined = new Map(stays.map((o) => [o.key, o]));
  const standing = new Set(seated);
  for (const o of stays) {
    if (o.shiftedFrom === null) continue;
    const from = joined.get(o.shiftedFrom);
    if (!from || seated.has(from.key)) joined.set(o.key, { ...o, shiftedFrom: null });
    else if (seated.has(o.key) && o.stoodMs >= settledMs) {
      const { class: name, place, box, trackId, lastMs } = o;
      joined.set(from.key, {
        ...from,
        class: name,
        place,
        box,
        trackId,
        lastMs,
        stoodMs: from.stoodMs + o.stoodMs,
        absentMs: 0,
        hiddenMs: 0,
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
 * Its object is not there: absent if the place is in view or the object is seen elsewhere, else hidden.
 * Counted from the first frame without it: of the time before that frame nobody knows, and one missed frame
 * is no absence.
 */
function miss(o: Stay, { beforeMs, watchedMs, tracks }: Scene): Stay {
  const missedMs = o.lastMs < beforeMs ? watchedMs : 0;
  const away = tracks.some((track) => track.id === o.trackId && iou(track.box, o.place.box) < movedIou);
  const hides = (track: Track) =>
    hiddenBy(o.place.box, track.box) && (track.id !== o.trackId || !alikeInSize(o.place.box, track.box));
  const hidden = !away && !o.left && tracks.some(hides);
  const absentMs = o.absentMs + (hidden ? 0 : missedMs);
  return {
    ...o,
    absentMs,
    hiddenMs: o.hiddenMs + (hidden ? missedMs : 0),
    left: o.left || (away && absentMs >= drivenOffMs),
  };
}

/**
 * It is over when it was absent for long enough. Before it is an incident, also when it was seen to drive out
 * of the zone.
 */
function hasEnded(o: Stay, { tracks, terms }: Scene): boolean {
  if (Math.round(o.absentMs) >= terms.clearMs) return true;
  if (!o.left || o.openedMs !== null) return false;
  const track = tracks.find((other) => other.id === o.trackId);
  return track !== undefined && !terms.inside(track.box);
}

/**
 * The state on a timeline that starts anew at or before `atMs`: observed time stays, the rest counts as
 * unseen.
 */
function rebased({ occupancies }: StayState, atMs: number): StayState {
  const moved = (o: Stay) => ({ ...toldBy(o, atMs), trackId: null, lastMs: atMs });
  return { lastMs: null, occupancies: occupancies.map(moved) };
}

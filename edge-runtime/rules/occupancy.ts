import { type Box, iou, type ObjectClass, type Track, type TrackFrame } from '@gatehouse/contracts';
import { orderOf, toldBy, watchedMs } from './life.ts';
import { alikeInSize, hiddenBy, type Place, settle } from './place.ts';
import { arrivals, isStray, type Scene, seat, settledMs } from './seating.ts';

/**
 * One stay of one object at one place of a zone. The place carries it, not the track: whatever of the same class
 * group is seen at the place continues the stay, so an ID switch, an occlusion or a restart does not end it.
 * All times are frame times in milliseconds.
 */
export interface Occupancy {
  readonly key: string;
  /** As what it has been seen for the longest. */
  readonly class: ObjectClass;
  /** Milliseconds seen as each counted class. */
  readonly seenAsMs: Readonly<Partial<Record<ObjectClass, number>>>;
  readonly place: Place;
  /** As last seen. */
  readonly box: Box;
  /** The track last seen here, if ids can still be trusted. A hint for where the object went; the stay never hangs on it. */
  readonly trackId: number | null;
  readonly sinceMs: number;
  /** When it was last seen standing here. */
  readonly lastMs: number;
  /** Time it is known to have stood here. */
  readonly stoodMs: number;
  /** Time since `lastMs` in which the place was in view and empty, or its object was seen elsewhere. */
  readonly absentMs: number;
  /** Time since `lastMs` in which something nearer hid the place. */
  readonly hiddenMs: number;
  /** It was seen driving off; another object that stops here later is another stay. */
  readonly left: boolean;
  /** Key of the stay that the same vehicle interrupted to shift to here. */
  readonly shiftedFrom: string | null;
  readonly openedMs: number | null;
  /** When a finding last told of it. */
  readonly toldMs: number | null;
  /** When its voice prompt was told. */
  readonly promptedMs: number | null;
  /** The most urgent priority that was told of it; it never falls while it is open. */
  readonly priority: number | null;
}

export interface OccupancyState {
  readonly lastMs: number | null;
  readonly occupancies: readonly Occupancy[];
}

export const noOccupancies: OccupancyState = { lastMs: null, occupancies: [] };

export interface OccupancyTerms {
  /** Whether something with this box stands in the zone. */
  inside(box: Box): boolean;
  readonly classes: readonly ObjectClass[];
  /** Continuous absence that ends a stay. */
  readonly clearMs: number;
  /** Unseen time up to which a stay counts as unbroken. */
  readonly gapMs: number;
  /** Hidden time, on top of it, that still counts when the object is there again afterwards. */
  readonly hiddenMs: number;
  /** After a longer time without frames, a stay that is no incident yet is forgotten. */
  readonly forgetMs: number;
  /** Whether an object that shifts within the zone goes on with its stay; else each place is a stay of its own. */
  readonly joinsShifts: boolean;
  keyOf(sinceMs: number, n: number): string;
}

export interface OccupancyStep {
  readonly state: OccupancyState;
  /** Keys of the stays whose object was seen in this frame. */
  readonly standing: ReadonlySet<string>;
  /** Stays that ended with this frame, opened or not. */
  readonly ended: readonly Occupancy[];
}

/** Overlap below which it has certainly moved (analytics.md: < 0.2 active). */
const movedIou = 0.2;
/** Seen elsewhere for this long it has driven off; less may be two tracks that swapped their ids. */
const drivenOffMs = 2_000;
/** After a longer pause the tracker may have started anew, and its ids with it. */
const idsLastMs = 2_000;

/** Takes one frame in. A frame that is not newer than the last changes nothing. */
export function advance(state: OccupancyState, frame: TrackFrame, terms: OccupancyTerms): OccupancyStep {
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
  const kept: Occupancy[] = [];
  const ended: Occupancy[] = [];
  for (const o of present) {
    const now = standing.has(o.key) ? o : miss(o, scene);
    (hasEnded(now, scene) ? ended : kept).push(now);
  }
  return { state: { lastMs: atMs, occupancies: kept }, standing, ended };
}

/** Its object is there: unseen time up to the tolerance counts as stood, hidden time besides; longer unseen time does not. */
function stand(o: Occupancy, track: Track, { atMs, terms }: Scene): Occupancy {
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

/** Takes in that it was seen as `objectClass` for so long; the class it was seen as for the longest is its own. */
function named(
  o: Occupancy,
  objectClass: ObjectClass,
  seenMs: number,
): Pick<Occupancy, 'class' | 'seenAsMs'> {
  const asThisMs = (o.seenAsMs[objectClass] ?? 0) + seenMs;
  return {
    seenAsMs: { ...o.seenAsMs, [objectClass]: asThisMs },
    class: asThisMs > (o.seenAsMs[o.class] ?? 0) ? objectClass : o.class,
  };
}

function apart(stays: readonly Occupancy[], seated: ReadonlySet<string>) {
  const present = stays.map((o) => (o.shiftedFrom === null ? o : { ...o, shiftedFrom: null }));
  return { present, standing: seated };
}

/**
 * A vehicle that shifted within the zone and stands again before its first stay was over continues that stay:
 * the new one is joined to it. Returns the stays and which of them have their object in this frame.
 */
function joinShifts(stays: readonly Occupancy[], seated: ReadonlySet<string>) {
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
        ...{ class: name, place, box, trackId, lastMs },
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
 * Its object is not there: absent if the place is in view or the object is seen elsewhere, else hidden. Counted from
 * the first frame without it: of the time before that frame nobody knows, and one missed frame is no absence.
 */
function miss(o: Occupancy, { beforeMs, watchedMs, tracks }: Scene): Occupancy {
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

/** Over when absent for long enough; before it is an incident also when it was seen to drive out of the zone. */
function hasEnded(o: Occupancy, { tracks, terms }: Scene): boolean {
  if (Math.round(o.absentMs) >= terms.clearMs) return true;
  if (!o.left || o.openedMs !== null) return false;
  const track = tracks.find((other) => other.id === o.trackId);
  return track !== undefined && !terms.inside(track.box);
}

/** The state on a timeline that starts anew at or before `atMs`: what was observed stays, the rest counts as unseen. */
function rebased({ occupancies }: OccupancyState, atMs: number): OccupancyState {
  const moved = (o: Occupancy) => ({ ...toldBy(o, atMs), trackId: null, lastMs: atMs });
  return { lastMs: null, occupancies: occupancies.map(moved) };
}

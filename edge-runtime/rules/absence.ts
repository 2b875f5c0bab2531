import { type Box, iou, type Track } from '@gatehouse/contracts';
import { isAt } from './body.ts';
import { alikeInSize, hiddenBy, veiledBy } from './place.ts';
import type { Scene } from './scene.ts';
import { type Sight, sightOf } from './sight.ts';
import type { Stay } from './stay-state.ts';

/** Overlap below which it has certainly moved (< 0.2 active). */
const movedIou = 0.2;
/** Seen elsewhere for this long it has driven off; less may be two tracks that swapped their ids. */
const drivenOffMs = 2_000;
/** Something else was seen at its place for so long, with nothing in front: it was not there. */
export const goneMs = 1_000;

/** Of a tracker that tells how far tracks have moved; such a tracker never gives out an id twice. */
export function isUnique({ moved }: Track): boolean {
  return moved !== undefined;
}

/**
 * True if its track is seen clear of its place, and the place has been seen without it. While the place still
 * looks as it did, two tracks have swapped ids; while something is before it, nobody knows.
 */
export function isSeenToLeave(o: Stay, { tracks, places }: Scene): boolean {
  const own = tracks.find((track) => track.id === o.trackId);
  if (!own || !isUnique(own) || touches(own.box, o.place.box)) return false;
  const sight = sightOf(o, places);
  return o.otherMs > 0 || (sight !== 'alike' && !isHidden(o, sight, tracks));
}

/**
 * The object of a stay is not there: absent if it is seen elsewhere, or something else is seen at the place,
 * or nothing is known but that it is in view and empty; hidden if something nearer is before it, or nothing
 * is clear. Counted from the first frame without it: of the time before that frame nobody knows, and one
 * missed frame is no absence.
 */
export function miss(o: Stay, { beforeMs, watchedMs, tracks, places, terms }: Scene): Stay {
  const missedMs = o.lastMs < beforeMs ? watchedMs : 0;
  const sight = sightOf(o, places);
  const own = tracks.find((track) => track.id === o.trackId);
  const away = own !== undefined && !isUnique(own) && iou(own.box, o.place.box) < movedIou;
  const unclear = sight === 'unclear' || (sight === undefined && o.lookId !== null);
  const isUnknown = unclear && o.hiddenMs + missedMs <= terms.hiddenMs;
  const hidden = !away && !o.left && (isHidden(o, sight, tracks) || isUnknown);
  const absentMs = o.absentMs + (hidden ? 0 : missedMs);
  return {
    ...o,
    absentMs,
    hiddenMs: o.hiddenMs + (hidden ? missedMs : 0),
    // Also the first frame says that it is not there.
    otherMs: o.otherMs + (!hidden && sight === 'other' ? Math.max(1, missedMs) : 0),
    left: o.left || (away && absentMs >= drivenOffMs),
  };
}

/**
 * True if a track is before the place: before half of it, or, where the place is known by its look, before so
 * much that it looks other. What has come to stand at the place is another occupant, and hides nothing.
 */
export function isHidden(o: Stay, sight: Sight | undefined, tracks: readonly Track[]): boolean {
  const isBefore = sight === 'other' ? veiledBy : hiddenBy;
  return tracks.some(
    (track) =>
      isBefore(o.place.box, track.box) &&
      !(isUnique(track) && track.still && isAt(o.place.box, track.box)) &&
      (track.id !== o.trackId || !alikeInSize(o.place.box, track.box)),
  );
}

function touches(a: Box, b: Box): boolean {
  return Math.min(a.x2, b.x2) > Math.max(a.x1, b.x1) && Math.min(a.y2, b.y2) > Math.max(a.y1, b.y1);
}

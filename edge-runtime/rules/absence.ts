import { type Box, iou } from '@gatehouse/contracts';
import { isHidden, isUnique, ownTrack } from './hidden.ts';
import { goneMs, hasNext } from './identity.ts';
import type { Scene } from './scene.ts';
import { sightOf } from './sight.ts';
import type { Stay } from './stay-state.ts';

/** Overlap below which it has certainly moved (< 0.2 active). */
const movedIou = 0.2;
/** Seen elsewhere for this long it has driven off; less may be two tracks that swapped their ids. */
const drivenOffMs = 2_000;

/**
 * True if its track is seen clear of its place, and the place has been seen without it. While the place still
 * looks as it did, two tracks have swapped ids; while something is before it, nobody knows.
 */
export function isSeenToLeave(o: Stay, { tracks, places }: Scene): boolean {
  const own = ownTrack(o, tracks);
  if (!own || !isUnique(own) || touches(own.box, o.place.box)) return false;
  const sight = sightOf(o, places);
  if (sight === 'alike') return o.otherMs >= goneMs || (o.otherMs > 0 && hasNext(o, tracks));
  return o.otherMs > 0 || !isHidden(o, sight, tracks);
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
  const elsewhere = own !== undefined && iou(own.box, o.place.box) < movedIou;
  const away = elsewhere && !isUnique(own);
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
    awayMs: o.awayMs + (elsewhere ? missedMs : 0),
    left: o.left || (away && absentMs >= drivenOffMs),
  };
}

function touches(a: Box, b: Box): boolean {
  return Math.min(a.x2, b.x2) > Math.max(a.x1, b.x1) && Math.min(a.y2, b.y2) > Math.max(a.y1, b.y1);
}

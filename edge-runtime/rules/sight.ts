import { iou, type StoodAt } from '@gatehouse/contracts';
import type { Stay } from './stay-state.ts';

/** From this likeness on a place looks as it did; up to the other it shows something else. */
const looksAlike = 0.85;
const looksOther = 0.6;
/** Overlap of the place that vision tells of with that of the stay. */
const samePlace = 0.5;

/** The parts of a stay by which the picture knows its place. */
type Placed = Pick<Stay, 'lookId' | 'trackId' | 'place'>;

/** The picture's answer about a stay's place. */
export type Sight = 'alike' | 'other' | 'unclear';

/**
 * Tells what the picture shows at the place of a stay, beside what is detected there: its object, whether or
 * not the detector sees it; something else (bare ground, or another object, or what hides it); or neither for
 * sure. `undefined` where nothing is known: its object had no look, or the light is changing.
 */
export function sightOf(o: Placed, places: readonly StoodAt[]): Sight | undefined {
  const mine = places.filter(
    ({ track, box }) => (track === o.lookId || track === o.trackId) && iou(box, o.place.box) >= samePlace,
  );
  if (mine.length === 0) return undefined;
  const like = Math.max(...mine.map((place) => place.like));
  if (like >= looksAlike) return 'alike';
  return like <= looksOther ? 'other' : 'unclear';
}

/** The track whose look the place is known by from now on: that which sits there, once it has a look. */
export function lookIdOf(o: Placed, trackId: number, places: readonly StoodAt[]): number | null {
  const isKnown = places.some(({ track, box }) => track === trackId && iou(box, o.place.box) >= samePlace);
  return isKnown ? trackId : o.lookId;
}

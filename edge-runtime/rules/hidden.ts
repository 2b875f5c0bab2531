import type { Track } from '@gatehouse/contracts';
import { isAt } from './body.ts';
import { alikeInSize, hiddenBy, veiledBy } from './place.ts';
import type { Sight } from './sight.ts';
import type { Stay } from './stay-state.ts';

/** Of a tracker that tells how far tracks have moved; such a tracker never gives out an id twice. */
export function isUnique({ moved }: Track): boolean {
  return moved !== undefined;
}

/** The track with the id of the object, if it can be the object: one of another size has taken its id. */
export function ownTrack(o: Stay, tracks: readonly Track[]): Track | undefined {
  return tracks.find(({ id, box }) => id === o.trackId && alikeInSize(o.place.box, box));
}

/**
 * True if a track is before the place: before half of it, or, where the place is known by its look, before so
 * much that it looks other. What has come to stand at the place is another occupant, and hides nothing.
 */
export function isHidden(o: Stay, sight: Sight | undefined, tracks: readonly Track[]): boolean {
  const isBefore = sight === 'other' ? veiledBy : hiddenBy;
  const own = ownTrack(o, tracks);
  return tracks.some(
    (track) =>
      isBefore(o.place.box, track.box) &&
      !(isUnique(track) && track.still && isAt(o.place.box, track.box)) &&
      track !== own,
  );
}

import { type Box, iou } from '@gatehouse/contracts';

/** What association compares: only boxes of one class group can be the same object. */
export interface Placed {
  readonly group: string;
  readonly box: Box;
}

export interface Pairing<T, D> {
  readonly pairs: readonly (readonly [T, D])[];
  readonly looseTracks: readonly T[];
  readonly looseDetections: readonly D[];
}

/**
 * Pairs tracks with detections by overlap, best pair first, each at most once. Greedy: bounded by one sort, where
 * the Hungarian method is cubic in what a hostile picture may hold. Ties go to the earlier track and detection, so
 * that the outcome depends on nothing but the input.
 */
export function pairByOverlap<T extends Placed, D extends Placed>(
  tracks: readonly T[],
  detections: readonly D[],
  leastIou: number,
): Pairing<T, D> {
  const options: { track: T; detection: D; overlap: number }[] = [];
  for (const track of tracks)
    for (const detection of detections) {
      if (track.group !== detection.group) continue;
      const overlap = iou(track.box, detection.box);
      if (overlap >= leastIou) options.push({ track, detection, overlap });
    }
  options.sort((a, b) => b.overlap - a.overlap);
  const takenTracks = new Set<T>();
  const takenDetections = new Set<D>();
  const pairs: (readonly [T, D])[] = [];
  for (const { track, detection } of options) {
    if (takenTracks.has(track) || takenDetections.has(detection)) continue;
    takenTracks.add(track);
    takenDetections.add(detection);
    pairs.push([track, detection]);
  }
  return {
    pairs,
    looseTracks: tracks.filter((track) => !takenTracks.has(track)),
    looseDetections: detections.filter((detection) => !takenDetections.has(detection)),
  };
}

/** Drops boxes that repeat a better one of the same group: detectors suppress per class, so one car comes as car and truck. */
export function withoutRepeats<D extends Placed & { readonly score: number }>(
  detections: readonly D[],
  sameIou: number,
): D[] {
  const kept: D[] = [];
  for (const detection of detections.toSorted((a, b) => b.score - a.score))
    if (!kept.some((other) => other.group === detection.group && iou(other.box, detection.box) >= sameIou))
      kept.push(detection);
  return kept;
}

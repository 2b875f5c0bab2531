import { type Box, iou } from '@gatehouse/contracts';

/** Input of association: only boxes of one class group can be the same object. */
export interface Placed {
  readonly group: string;
  readonly box: Box;
}

export interface Pairing<T, D> {
  readonly pairs: readonly (readonly [T, D])[];
  readonly looseTracks: readonly T[];
  readonly looseDetections: readonly D[];
}

/** How good a pair is; `undefined` if it is none. */
export type Rating<T, D> = (track: T, detection: D) => number | undefined;

/**
 * Pairs tracks with detections of their class group, best rating first, each at most once. Greedy: bounded by
 * one sort, where the Hungarian method is cubic in what a hostile picture may hold. Ties go to the earlier
 * track and detection, so that the outcome depends on nothing but the input.
 */
export function pairBest<T extends Placed, D extends Placed>(
  tracks: readonly T[],
  detections: readonly D[],
  rate: Rating<T, D>,
): Pairing<T, D> {
  const options: { track: T; detection: D; rating: number }[] = [];
  for (const track of tracks)
    for (const detection of detections) {
      if (track.group !== detection.group) continue;
      const rating = rate(track, detection);
      if (rating !== undefined) options.push({ track, detection, rating });
    }
  options.sort((a, b) => b.rating - a.rating);
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

/** Rates by overlap of the boxes, from `leastIou` on. */
export function byOverlap(leastIou: number): Rating<Placed, Placed> {
  return (track, detection) => {
    const overlap = iou(track.box, detection.box);
    return overlap >= leastIou ? overlap : undefined;
  };
}

/** A side of what moves grows or shrinks by less than this from one frame to the next. */
const mostGrowth = 1.7;

/** Whether one could be the other a moment later. */
export function alikeInSize(a: Box, b: Box): boolean {
  const alike = (p: number, q: number) => p <= mostGrowth * q && q <= mostGrowth * p;
  return alike(a.x2 - a.x1, b.x2 - b.x1) && alike(a.y2 - a.y1, b.y2 - b.y1);
}

/**
 * Drops boxes that repeat a better one of the same group: detectors suppress per class, so one car comes as
 * car and truck.
 */
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

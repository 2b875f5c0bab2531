import { classGroup, iou, type Track } from '@gatehouse/contracts';
import type { Detection } from '../detect/detector.ts';
import { alikeInSize, byOverlap, pairBest, type Rating, withoutRepeats } from './associate.ts';
import { Followed } from './followed.ts';
import type { GreyPicture } from './look.ts';

export type { GreyPicture } from './look.ts';

export interface TrackerOptions {
  /**
   * Detections from this score on, if their model is sure of them, are paired first and may start a track.
   */
  readonly highScore?: number;
  /** Detections from this score on may only continue a track (ByteTrack's second stage). */
  readonly lowScore?: number;
  /** Overlap that pairs a high-score detection with a predicted box. */
  readonly highIou?: number;
  /** Overlap that pairs a low-score detection. */
  readonly lowIou?: number;
  /** How long a track lives on unseen, milliseconds. Time, not frames. */
  readonly coastMs?: number;
  /** Most tracks at once; above, the lowest-scoring newcomers are not taken (drop policy: drop-newest). */
  readonly maxTracks?: number;
}

/** A detector that feeds a tracker gives out its detections from this score on. */
export const trackedFrom = 0.1;

const defaults: Required<TrackerOptions> = {
  highScore: 0.35,
  lowScore: trackedFrom,
  highIou: 0.3,
  lowIou: 0.5,
  coastMs: 2_000,
  maxTracks: 200,
};

/**
 * A standing object is found where it stood, and nowhere else: with less overlap, whatever passes before it
 * while it is hidden would get its id.
 */
const stillIou = 0.4;
/** Mahalanobis distance squared that 99 of 100 right pairs keep (chi-square, two degrees of freedom). */
const farthest = 9.2;
/** Two boxes of one class group that overlap this much are one object detected twice. */
const repeatIou = 0.7;

/**
 * Follows the objects of one camera: two-stage association by overlap (ByteTrack, Zhang et al. 2022) over a
 * constant-velocity Kalman filter. Pure: its state is its input so far; no clock, no randomness.
 */
export class Tracker {
  readonly #options: Required<TrackerOptions>;
  #followed: Followed[] = [];
  #nextId = 1;
  #atMs = Number.NEGATIVE_INFINITY;

  constructor(options: TrackerOptions = {}) {
    this.#options = { ...defaults, ...options };
  }

  /**
   * Takes one frame's detections and says what is followed now, by rising id. A frame that is not newer than
   * the last one changes nothing.
   * @param atMs the frame's own time, milliseconds
   * @param detections boxes in fractions of the picture, any order
   * @param picture what was seen, if it is at hand: what stands still is then known by its look, too
   */
  update(atMs: number, detections: readonly Detection[], picture?: GreyPicture): Track[] {
    if (atMs > this.#atMs) {
      this.#atMs = atMs;
      this.#take(atMs, detections, picture);
    }
    return this.#followed.map((followed) => followed.track());
  }

  #take(atMs: number, detections: readonly Detection[], picture: GreyPicture | undefined): void {
    const { highScore, lowScore, highIou, lowIou, coastMs } = this.#options;
    const inPicture = this.#followed.filter((followed) => followed.advance(atMs));
    const placed = withoutRepeats(
      detections.filter(isUsable).map((detection) => ({ ...detection, group: classGroup(detection.class) })),
      repeatIou,
    );
    const isHigh = ({ score, doubtful }: Detection) => score >= highScore && !doubtful;
    const high = placed.filter(isHigh);
    const low = placed.filter((detection) => !isHigh(detection) && detection.score >= lowScore);

    const first = pairBest(inPicture, high, byExpectation(highIou));
    const second = pairBest(first.looseTracks, low, byOverlap(lowIou));
    for (const [followed, { class: name, score, box }] of [...first.pairs, ...second.pairs])
      followed.see({ class: name, score, box }, picture);

    this.#followed = inPicture.filter(
      (followed) => followed.unseenMs() === 0 || (followed.confirmed && followed.unseenMs() <= coastMs),
    );
    this.#followed = this.#followed.map((followed) =>
      followed.replaced ? new Followed(this.#nextId++, atMs, followed.last, picture) : followed,
    );
    for (const { class: name, score, box } of first.looseDetections) {
      if (this.#followed.length >= this.#options.maxTracks) break;
      this.#followed.push(new Followed(this.#nextId++, atMs, { class: name, score, box }, picture));
    }
  }
}

/**
 * Rates by how likely the detection is where the track is expected: between frames a second apart a car moves
 * by more than its length, and nothing overlaps. What overlaps is let in besides: people turn faster than the
 * filter expects.
 */
function byExpectation(leastIou: number): Rating<Followed, Detection & { readonly group: string }> {
  return (followed, { box }) => {
    const { distance, likelihood } = followed.fit(box);
    const overlap = iou(followed.box, box);
    if (followed.still) return overlap >= stillIou ? likelihood : undefined;
    const near = distance <= farthest && alikeInSize(followed.box, box);
    return near || overlap >= leastIou ? likelihood : undefined;
  };
}

function isUsable({ box, score }: Detection): boolean {
  return box.x1 < box.x2 && box.y1 < box.y2 && Number.isFinite(score);
}

import { classGroup, type Track } from '@gatehouse/contracts';
import type { Detection } from '../detect/detector.ts';
import { pairByOverlap, withoutRepeats } from './associate.ts';
import { Followed } from './followed.ts';

export interface TrackerOptions {
  /** Detections from this score on are paired first and may start a track. */
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

const defaults: Required<TrackerOptions> = {
  highScore: 0.35,
  lowScore: 0.1,
  highIou: 0.3,
  lowIou: 0.5,
  coastMs: 2_000,
  maxTracks: 200,
};

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
   * Takes one frame's detections and says what is followed now, by rising id. A frame that is not newer than the
   * last one changes nothing.
   * @param atMs the frame's own time, milliseconds
   * @param detections boxes in fractions of the picture, any order
   */
  update(atMs: number, detections: readonly Detection[]): Track[] {
    if (atMs > this.#atMs) {
      this.#atMs = atMs;
      this.#take(atMs, detections);
    }
    return this.#followed.map((followed) => followed.track());
  }

  #take(atMs: number, detections: readonly Detection[]): void {
    const { highScore, lowScore, highIou, lowIou, coastMs } = this.#options;
    const inPicture = this.#followed.filter((followed) => followed.advance(atMs));
    const placed = withoutRepeats(
      detections.filter(isUsable).map((detection) => ({ ...detection, group: classGroup(detection.class) })),
      repeatIou,
    );
    const high = placed.filter((detection) => detection.score >= highScore);
    const low = placed.filter((detection) => detection.score < highScore && detection.score >= lowScore);

    const first = pairByOverlap(inPicture, high, highIou);
    const second = pairByOverlap(first.looseTracks, low, lowIou);
    for (const [followed, { class: name, score, box }] of [...first.pairs, ...second.pairs])
      followed.see({ class: name, score, box });

    this.#followed = inPicture.filter(
      (followed) => followed.unseenMs() === 0 || (followed.confirmed && followed.unseenMs() <= coastMs),
    );
    for (const { class: name, score, box } of first.looseDetections) {
      if (this.#followed.length >= this.#options.maxTracks) break;
      this.#followed.push(new Followed(this.#nextId++, atMs, { class: name, score, box }));
    }
  }
}

function isUsable({ box, score }: Detection): boolean {
  return box.x1 < box.x2 && box.y1 < box.y2 && Number.isFinite(score);
}

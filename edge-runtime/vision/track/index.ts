import { classGroup, iou, type StoodAt, type Track } from '@gatehouse/contracts';
import type { Detection } from '../detect/detector.ts';
import { alikeInSize, byOverlap, pairBest, type Rating, withoutRepeats } from './associate.ts';
import { Followed } from './followed.ts';
import { type KeptObjects, packObjects, unpackObjects } from './kept-objects.ts';
import { LeftPlaces, stoodAt } from './left-places.ts';
import type { GreyPicture } from './look.ts';
import { StoodPlace } from './stood-place.ts';

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
  /** The first id that it gives out. */
  readonly firstId?: number;
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
  firstId: 1,
  maxTracks: 200,
};

/**
 * A standing object is found where it stood, and nowhere else: with less overlap, whatever passes before it
 * while it is hidden would get its id.
 */
const stillIou = 0.4;
/** Mahalanobis distance squared that 99 of 100 right pairs keep (chi-square, two degrees of freedom). */
const farthest = 9.2;
/** After a longer pause without frames what did not stand still is somewhere else, milliseconds. */
const longestPauseMs = 5_000;
/** Looks that were kept longer ago are not resumed, milliseconds. */
const keptForMs = 24 * 3_600_000;
/** Ids of a run begin at its start in seconds since 2020: none is used twice, also not after a restart. */
const idsBeginMs = Date.UTC(2020, 0);
/** Below the ids of left objects (see static-foreground.ts). */
const mostFirstId = 900_000_000;
/** Most places that a frame tells of (drop policy: drop those that were left). */
const maxPlaces = 64;
/** Two boxes of one class group that overlap this much are one object detected twice. */
const repeatIou = 0.7;

/** The first id of a run that starts at this time, epoch milliseconds. */
export function firstIdAt(epochMs: number): number {
  return Math.min(mostFirstId, Math.max(1, Math.floor((epochMs - idsBeginMs) / 1000)));
}

/**
 * Follows the objects of one camera: two-stage association by overlap (ByteTrack, Zhang et al. 2022) over a
 * constant-velocity Kalman filter. Pure: its state is its input so far; no clock, no randomness.
 */
export class Tracker {
  readonly #options: Required<TrackerOptions>;
  readonly #left = new LeftPlaces();
  /** Not resumed yet. */
  #kept: KeptObjects | undefined;
  #followed: Followed[] = [];
  #nextId: number;
  #atMs = Number.NEGATIVE_INFINITY;

  constructor(options: TrackerOptions = {}) {
    this.#options = { ...defaults, ...options };
    this.#nextId = this.#options.firstId;
  }

  /**
   * Takes one frame's detections and says what is followed now, by rising id. A frame that is not newer than
   * the last one changes nothing. An object that stands still is followed for as long as the picture shows it
   * at its place, however long it is not detected.
   * @param atMs the frame's own time, milliseconds
   * @param detections boxes in fractions of the picture, any order
   * @param picture what was seen, if it is at hand: what stands still is then known by its look, too
   */
  update(atMs: number, detections: readonly Detection[], picture?: GreyPicture): Track[] {
    if (atMs > this.#atMs) {
      const pauseMs = atMs - this.#atMs;
      this.#atMs = atMs;
      if (pauseMs > longestPauseMs) this.#followed = this.#followed.filter(({ still }) => still);
      this.#take(atMs, detections, picture);
    }
    return this.#followed.map((followed) => followed.track());
  }

  /** Places where objects stood still, as the picture of the last frame shows them. */
  get places(): StoodAt[] {
    const standing = this.#followed.flatMap(({ id, place, isKnownByPlace }) =>
      place && isKnownByPlace ? stoodAt(id, place) : [],
    );
    const left = this.#left.places.flatMap(({ track, place }) => stoodAt(track, place));
    return [...standing, ...left].slice(0, maxPlaces);
  }

  /** The objects that stand still, to be kept over a restart; `undefined` before the first frame. */
  save(): Uint8Array | undefined {
    if (this.#atMs === Number.NEGATIVE_INFINITY) return undefined;
    return packObjects({ atMs: this.#atMs, objects: this.#followed.flatMap((followed) => followed.keep()) });
  }

  /**
   * Goes on with what `save` gave; false if the bytes are not whole. Call it before the first frame, which
   * drops what is over a day old.
   */
  restore(bytes: Uint8Array): boolean {
    this.#kept = unpackObjects(bytes);
    if (!this.#kept) return false;
    this.#nextId = Math.max(this.#nextId, ...this.#kept.objects.map(({ id }) => id + 1));
    return true;
  }

  #resume(atMs: number): void {
    const { atMs: savedMs = 0, objects = [] } = this.#kept ?? {};
    this.#kept = undefined;
    if (Math.abs(atMs - savedMs) > keptForMs) return;
    for (const { id, class: name, look } of objects) {
      const followed = new Followed(id, atMs, { class: name, score: 0, box: look.box });
      followed.resume(StoodPlace.kept(atMs, look));
      this.#followed.push(followed);
    }
  }

  #take(atMs: number, detections: readonly Detection[], picture: GreyPicture | undefined): void {
    const { highScore, lowScore, highIou, lowIou, coastMs } = this.#options;
    if (this.#kept && picture) this.#resume(atMs);
    if (picture) this.#look(atMs, picture);
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
    for (const [followed, detection] of first.pairs) followed.see(plain(detection), true, picture);
    for (const [followed, detection] of second.pairs) followed.see(plain(detection), false, picture);

    const followed = inPicture.filter(
      (one) => one.unseenMs() === 0 || one.held || (one.confirmed && one.unseenMs() <= coastMs),
    );
    this.#remember(inPicture, new Set(followed));
    this.#followed = followed.map((one) =>
      one.replaced ? new Followed(this.#nextId++, atMs, one.last, picture) : one,
    );
    for (const detection of first.looseDetections) {
      if (this.#followed.length >= this.#options.maxTracks) break;
      this.#followed.push(new Followed(this.#nextId++, atMs, plain(detection), picture));
    }
  }

  /** Judges all places by the picture. What was lost and shows again is followed again. */
  #look(atMs: number, picture: GreyPicture): void {
    for (const { place } of this.#followed) place?.look(atMs, picture);
    const taken = this.#followed.flatMap(({ place }) => (place?.sure ? [place] : []));
    this.#followed.push(...this.#left.look(atMs, picture, taken));
    this.#followed.sort((a, b) => a.id - b.id);
  }

  /** Remembers the places that objects have left, or at which they are not followed any more. */
  #remember(before: readonly Followed[], after: ReadonlySet<Followed>): void {
    for (const one of before) {
      const left = one.takeLeft();
      if (left && one.group !== 'person') this.#left.add({ track: one.id, place: left, lost: undefined });
      else if (one.place && one.isKnownByPlace && !after.has(one))
        this.#left.add({ track: one.id, place: one.place, lost: one });
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
    if (followed.still) return overlap >= stillIou && !followed.placeTaken ? likelihood : undefined;
    const near = distance <= farthest && alikeInSize(followed.box, box);
    return near || overlap >= leastIou ? likelihood : undefined;
  };
}

function isUsable({ box, score }: Detection): boolean {
  return box.x1 < box.x2 && box.y1 < box.y2 && Number.isFinite(score);
}

/** A detection without what the association added to it. */
function plain({ class: name, score, box, bundled }: Detection): Detection {
  return { class: name, score, box, ...(bundled ? { bundled } : {}) };
}

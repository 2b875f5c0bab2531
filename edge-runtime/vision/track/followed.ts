import { type Box, type ClassGroup, classGroup, type ObjectClass, type Track } from '@gatehouse/contracts';
import type { Detection } from '../detect/detector.ts';
import { boxOf, correct, type Fit, fit, type Motion, predict, startMotion } from './kalman.ts';
import type { KeptObject } from './kept-objects.ts';
import type { GreyPicture } from './look.ts';
import { Stillness } from './stillness.ts';
import type { StoodPlace } from './stood-place.ts';

/** Votes for a class fade with this time constant, so that an early mistake does not stick for hours. */
const voteFadeMs = 30_000;
/** A velocity says nothing about where a thing is after longer than this. */
const longestPredictionMs = 2_000;
/** A place that looks like something else for less time is hidden by a passer-by. */
const takenAfterMs = 2_000;
/** Least part of its detections that must be sure. */
const leastSure = 0.2;
/** How far it has moved is told in tenths of a width, from one width on in whole ones, up to so many. */
const mostMoved = 10;

/** One object being followed. */
export class Followed {
  readonly id: number;
  readonly group: ClassGroup;
  /** Where it is believed to be at the current frame, fractions of the picture. */
  box: Box;
  #motion: Motion;
  #score: number;
  #lastClass: ObjectClass;
  #bundled: Track['bundled'];
  #atMs: number;
  #lastSeenMs: number;
  #hits = 1;
  #sureHits = 1;
  readonly #firstBox: Box;
  #moved = 0;
  /** It was not detected in the frame before. */
  #lost = false;
  readonly #votes = new Map<ObjectClass, number>();
  readonly #stillness = new Stillness();

  constructor(id: number, atMs: number, detection: Detection, picture?: GreyPicture) {
    this.id = id;
    this.group = classGroup(detection.class);
    this.box = detection.box;
    this.#motion = startMotion(detection.box);
    this.#score = detection.score;
    this.#lastClass = detection.class;
    this.#bundled = detection.bundled;
    this.#atMs = atMs;
    this.#lastSeenMs = atMs;
    this.#firstBox = detection.box;
    this.#votes.set(detection.class, detection.score);
    this.#stillness.see(atMs, detection.box, picture);
  }

  /** Seen twice or more: worth coasting for. */
  get confirmed(): boolean {
    return this.#hits >= 2;
  }

  get still(): boolean {
    return this.#stillness.still;
  }

  /** Where it stands still, and what the picture shows there. */
  get place(): StoodPlace | undefined {
    return this.#stillness.place;
  }

  /**
   * Its place can speak for it: it is no person (a coat on a chair would be one of a crowd), and the detector
   * was sure of it often enough. A drain cover that was taken for a car had sure detections in 5 % of its
   * frames, and the ground always looks like itself; a real car has them in nearly all.
   */
  get isKnownByPlace(): boolean {
    return this.group !== 'person' && this.#sureHits >= leastSure * this.#hits && this.place?.sure === true;
  }

  /** The picture shows that it is where it stood, whether or not it is detected. */
  get held(): boolean {
    return this.isKnownByPlace && this.place?.verdict === 'alike';
  }

  /** The place that it has left since the last call. */
  takeLeft(): StoodPlace | undefined {
    return this.#stillness.takeLeft();
  }

  /**
   * It is lost, and its place has looked like something else since then: what is detected there is another.
   */
  get placeTaken(): boolean {
    const { place } = this;
    return this.#lost && place?.verdict === 'unlike' && this.#atMs - place.alikeMs >= takenAfterMs;
  }

  /** Another object is seen at its place now. */
  get replaced(): boolean {
    return this.#stillness.replaced;
  }

  /** How well a box fits where it is expected to be. */
  fit(box: Box): Fit {
    return fit(this.#motion, box);
  }

  unseenMs(): number {
    return this.#atMs - this.#lastSeenMs;
  }

  /**
   * Moves the belief to the time of a new frame; false once it has left the picture. What stands still stays
   * where it was seen last: the velocity of its filter would be the detector's jitter.
   */
  advance(atMs: number): boolean {
    const dtMs = Math.min(atMs - this.#atMs, longestPredictionMs);
    this.#lost = this.unseenMs() > 0;
    this.#atMs = atMs;
    if (this.#stillness.still) return true;
    this.#motion = predict(this.#motion, dtMs / 1000, this.#lost);
    const box = boxOf(this.#motion);
    if (box) this.box = box;
    return box !== undefined;
  }

  /** It stands as it stood before a restart. */
  resume(place: StoodPlace): void {
    this.#hits = 2;
    this.#lastSeenMs = Number.NEGATIVE_INFINITY;
    this.#stillness.resume(place);
  }

  /**
   * @param sure the detector is sure of it; else the detection only continues the track
   */
  see(detection: Detection, sure: boolean, picture?: GreyPicture): void {
    if (sure) this.#sureHits++;
    const fade = Math.exp(-(this.#atMs - this.#lastSeenMs) / voteFadeMs);
    for (const [name, weight] of this.#votes) this.#votes.set(name, weight * fade);
    this.#votes.set(detection.class, (this.#votes.get(detection.class) ?? 0) + detection.score);
    this.box = detection.box;
    this.#score = detection.score;
    this.#lastClass = detection.class;
    this.#bundled = detection.bundled;
    this.#lastSeenMs = this.#atMs;
    this.#hits++;
    this.#moved = Math.max(this.#moved, widthsBetween(this.#firstBox, detection.box));
    this.#stillness.see(this.#atMs, detection.box, picture);
    this.#motion = this.#stillness.still ? startMotion(this.box) : correct(this.#motion, this.box);
  }

  /** Its last detection. */
  get last(): Detection {
    const bundled = this.#bundled && { bundled: this.#bundled };
    return { class: this.#lastClass, score: this.#score, box: this.box, ...bundled };
  }

  track(): Track {
    return {
      id: this.id,
      class: this.#class(),
      score: this.#score,
      box: this.box,
      seen: this.unseenMs() === 0,
      still: this.#stillness.still,
      moved: this.#moved < 1 ? Math.round(this.#moved * 10) / 10 : Math.floor(this.#moved),
      ...(this.#bundled ? { bundled: this.#bundled } : {}),
    };
  }

  /** Its memory for a restart, if it stands still and is known by its look. */
  keep(): KeptObject[] {
    return this.held && this.place ? [{ id: this.id, class: this.#class(), look: this.place.keep() }] : [];
  }

  /** The class with most score behind it; the first voted for wins a tie. */
  #class(): ObjectClass {
    let best: readonly [ObjectClass, number] | undefined;
    for (const vote of this.#votes) if (!best || vote[1] > best[1]) best = vote;
    return (best as readonly [ObjectClass, number])[0];
  }
}

/** The distance between the feet of two boxes, in widths of the second. */
function widthsBetween(a: Box, b: Box): number {
  const away = Math.hypot((a.x1 + a.x2 - b.x1 - b.x2) / 2, a.y2 - b.y2);
  return Math.min(mostMoved, away / (b.x2 - b.x1));
}

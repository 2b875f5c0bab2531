import { type Box, type ClassGroup, classGroup, type ObjectClass, type Track } from '@gatehouse/contracts';
import type { Detection } from '../detect/detector.ts';
import { boxOf, correct, type Fit, fit, type Motion, predict, startMotion } from './kalman.ts';
import type { GreyPicture } from './look.ts';
import { Stillness } from './stillness.ts';

/** Votes for a class fade with this time constant, so that an early mistake does not stick for hours. */
const voteFadeMs = 30_000;
/** A velocity says nothing about where a thing is after longer than this. */
const longestPredictionMs = 2_000;

/** One object being followed. */
export class Followed {
  readonly id: number;
  readonly group: ClassGroup;
  /** Where it is believed to be at the current frame, fractions of the picture. */
  box: Box;
  #motion: Motion;
  #score: number;
  #lastClass: ObjectClass;
  #atMs: number;
  #lastSeenMs: number;
  #hits = 1;
  readonly #votes = new Map<ObjectClass, number>();
  readonly #stillness = new Stillness();

  constructor(id: number, atMs: number, detection: Detection, picture?: GreyPicture) {
    this.id = id;
    this.group = classGroup(detection.class);
    this.box = detection.box;
    this.#motion = startMotion(detection.box);
    this.#score = detection.score;
    this.#lastClass = detection.class;
    this.#atMs = atMs;
    this.#lastSeenMs = atMs;
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
    const coasting = this.unseenMs() > 0;
    this.#atMs = atMs;
    if (this.#stillness.still) return true;
    this.#motion = predict(this.#motion, dtMs / 1000, coasting);
    const box = boxOf(this.#motion);
    if (box) this.box = box;
    return box !== undefined;
  }

  see(detection: Detection, picture?: GreyPicture): void {
    const fade = Math.exp(-(this.#atMs - this.#lastSeenMs) / voteFadeMs);
    for (const [name, weight] of this.#votes) this.#votes.set(name, weight * fade);
    this.#votes.set(detection.class, (this.#votes.get(detection.class) ?? 0) + detection.score);
    this.box = detection.box;
    this.#score = detection.score;
    this.#lastClass = detection.class;
    this.#lastSeenMs = this.#atMs;
    this.#hits++;
    this.#stillness.see(this.#atMs, detection.box, picture);
    this.#motion = this.#stillness.still ? startMotion(this.box) : correct(this.#motion, this.box);
  }

  /** Its last detection. */
  get last(): Detection {
    return { class: this.#lastClass, score: this.#score, box: this.box };
  }

  track(): Track {
    return {
      id: this.id,
      class: this.#class(),
      score: this.#score,
      box: this.box,
      seen: this.unseenMs() === 0,
      still: this.#stillness.still,
    };
  }

  /** The class with most score behind it; the first voted for wins a tie. */
  #class(): ObjectClass {
    let best: readonly [ObjectClass, number] | undefined;
    for (const vote of this.#votes) if (!best || vote[1] > best[1]) best = vote;
    return (best as readonly [ObjectClass, number])[0];
  }
}

import type { Box } from '@gatehouse/contracts';
import { type GreyPicture, isPlain, type Look, likeness, lookAround, lookAt, mixed } from './look.ts';

/** From this likeness on the place looks as it did; below the other it shows something else. */
export const looksAlike = 0.85;
export const looksOther = 0.6;
/** The look is taken as late as this after the object became still: until then it may roll to its stop. */
const rollsOutMs = 2_000;
/** It is sure this long after that: a passer-by that was taken for it is past. */
const sureAfterMs = 3_000;
/** The look follows slow change, such as shadows and dusk, with this time constant. */
const followsMs = 10_000;
/** The ring around it is at least so much like itself while the light is the same. */
const ringAlike = 0.75;
/** After other light for so long the place is learned anew, if its object is detected there. */
const newLightMs = 3_000;
/** A place that is less like itself a moment later, because of noise, has no look. */
const leastSelf = 0.6;
/**
 * Likeness is told in twentieths. It is told anew only after a change of more than one: most frames repeat
 * it.
 */
const steps = 20;

/** The picture's answer about a place. `unclear`: neither, or the light has changed. */
export type Verdict = 'alike' | 'unlike' | 'unclear';

/** The memory of a place, as it survives a restart. */
export interface StoodLook {
  readonly box: Box;
  readonly look: Look;
  readonly ring: Look;
  /** Likeness of the place to itself a moment later; noise keeps it below 1. */
  readonly self: number;
}

/**
 * The place where an object became still, and what the picture showed there: its own look, and the look of
 * the ring around it. The ring tells light from objects. Light changes both; an object that comes or goes
 * changes the place alone.
 */
export class StoodPlace {
  readonly #sinceMs: number;
  #box: Box;
  #look: Look;
  #ring: Look;
  #self: number;
  #alikeMs: number;
  #lookedMs: number;
  /** Since when place and ring have looked different together. */
  #otherLightMs: number | undefined;
  #verdict: Verdict | undefined;
  #told: number | undefined;

  private constructor(atMs: number, sinceMs: number, { box, look, ring, self }: StoodLook) {
    this.#sinceMs = sinceMs;
    this.#box = box;
    this.#look = look;
    this.#ring = ring;
    this.#self = self;
    this.#alikeMs = atMs;
    this.#lookedMs = atMs;
  }

  /** Of an object that has just become still. */
  static of(atMs: number, box: Box, picture: GreyPicture): StoodPlace {
    const look = { box, look: lookAt(picture, box), ring: lookAround(picture, box), self: 0 };
    return new StoodPlace(atMs, atMs, look);
  }

  /** As it was kept over a restart. */
  static kept(atMs: number, look: StoodLook): StoodPlace {
    return new StoodPlace(atMs, atMs - rollsOutMs - sureAfterMs, look);
  }

  get box(): Box {
    return this.#box;
  }
  /** `undefined` while it has no look: it is rolling out, or the place is too even or too noisy. */
  get verdict(): Verdict | undefined {
    return this.#verdict;
  }
  /**
   * Likeness to what it looked like, -1 to 1; `undefined` while nothing can be said, as in changing light.
   */
  get like(): number | undefined {
    return this.#told;
  }
  /** When it last looked as it did. */
  get alikeMs(): number {
    return this.#alikeMs;
  }
  /** It has looked so for some time. */
  get sure(): boolean {
    return this.#self >= leastSelf && this.#alikeMs - this.#sinceMs >= rollsOutMs + sureAfterMs;
  }

  /** Judges the place by the picture of one frame. */
  look(atMs: number, picture: GreyPicture): void {
    const elapsedMs = atMs - this.#lookedMs;
    this.#lookedMs = atMs;
    if (atMs - this.#sinceMs < rollsOutMs) return;
    const now = lookAt(picture, this.#box);
    const raw = likeness(this.#look, now);
    if (!this.sure) this.#self = Math.max(this.#self, Math.min(1, raw));
    if (isPlain(this.#look) || this.#self < leastSelf) {
      this.#tell(undefined, undefined);
      return;
    }
    const like = Math.min(1, raw / this.#self);
    if (like >= looksAlike) {
      this.#alikeMs = atMs;
      this.#otherLightMs = undefined;
      const part = elapsedMs / (followsMs + elapsedMs);
      this.#look = mixed(this.#look, now, part);
      this.#ring = mixed(this.#ring, lookAround(picture, this.#box), part);
      this.#tell('alike', like);
    } else if (ringLikeness(this.#ring, lookAround(picture, this.#box)) >= ringAlike) {
      this.#otherLightMs = undefined;
      this.#tell(like <= looksOther ? 'unlike' : 'unclear', like);
    } else {
      this.#otherLightMs ??= atMs;
      this.#tell('unclear', undefined);
    }
  }

  /** Its object is detected there, after `look`. */
  see(atMs: number, box: Box, picture: GreyPicture): void {
    const rolls = atMs - this.#sinceMs < rollsOutMs;
    const newLight = this.#otherLightMs !== undefined && atMs - this.#otherLightMs >= newLightMs;
    if (!rolls && !newLight) return;
    if (rolls) this.#box = box;
    this.#look = lookAt(picture, this.#box);
    this.#ring = lookAround(picture, this.#box);
    this.#alikeMs = atMs;
    this.#otherLightMs = undefined;
  }

  keep(): StoodLook {
    return { box: this.#box, look: this.#look, ring: this.#ring, self: this.#self };
  }

  #tell(verdict: Verdict | undefined, like: number | undefined): void {
    this.#verdict = verdict;
    if (like === undefined || this.#told === undefined || Math.abs(like - this.#told) > 1 / steps)
      this.#told = like === undefined ? undefined : Math.round(like * steps) / steps;
  }
}

/** Likeness of two rings; a ring that was even and still is, such as asphalt, is alike. */
function ringLikeness(before: Look, now: Look): number {
  return isPlain(before) && isPlain(now) ? 1 : likeness(before, now);
}

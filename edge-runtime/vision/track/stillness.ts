import { type Box, iou } from '@gatehouse/contracts';
import { type GreyPicture, type Look, likeness, lookAt, mixed } from './look.ts';

interface Place {
  readonly sinceMs: number;
  readonly box: Box;
  look: Look;
  /** When it last looked so. */
  alikeMs: number;
  /** It has looked so for some time: what was taken for its look is not that of a passer-by. */
  sure: boolean;
}

interface Sample {
  readonly atMs: number;
  readonly box: Box;
}

/** Thresholds on the overlap of the newest box with the mean of the last ones. */
const becomesStill = 0.75;
const staysStill = 0.6;
const active = 0.2;

/**
 * Thresholds on the likeness of the place where it became still to what it looked like then: alike, a
 * jittering box has not moved; unlike for so long (a passer-by hides it for less), another thing stands
 * there.
 */
const looksAlike = 0.9;
const looksUnlike = 0.85;
const unlikeMs = 8_000;
/** Its look is taken as late as this after it became still. */
const rollsOutMs = 2_000;
/** It is sure this long after it became still: a passer-by that was taken for it is past. */
const sureAfterMs = 5_000;
/** The remembered look follows slow change, such as shadows, by this part a sample. */
const lookPart = 0.02;

/** Ten boxes, at most one every 200 ms: at least 1.8 s of them whatever the frame rate. */
const sampleEveryMs = 200;
const spanMs = 9 * sampleEveryMs;
/** At low frame rates that span holds few boxes; fewer than three say nothing. */
const leastSamples = 3;
/** Frame times are rounded to milliseconds on their way. */
const roundingMs = 2;

/** Whether one track stands still: sampled by time, with hysteresis, and one stray box does not end it. */
export class Stillness {
  #samples: Sample[] = [];
  #still = false;
  #strayed = false;
  #replaced = false;
  /** Where it became still and what the picture showed there. */
  #place: Place | undefined;

  get still(): boolean {
    return this.#still;
  }

  /** Another thing has come to stand where it stood. */
  get replaced(): boolean {
    return this.#replaced;
  }

  /** Takes in a box that was seen (never a predicted one). */
  see(atMs: number, box: Box, picture?: GreyPicture): void {
    const last = this.#samples.at(-1);
    if (last && atMs - last.atMs < sampleEveryMs - roundingMs) return;
    this.#samples.push({ atMs, box });
    while (this.#samples.length > leastSamples && this.#spans(1, atMs)) this.#samples.shift();
    const agreement = iou(box, meanBox(this.#samples.map((sample) => sample.box)));
    if (this.#still) this.#judgeStill(agreement, this.#likeness(atMs, box, picture));
    else if (this.#samples.length >= leastSamples && this.#spans(0, atMs) && agreement >= becomesStill)
      this.#settle(atMs, box, picture);
  }

  #settle(atMs: number, box: Box, picture: GreyPicture | undefined): void {
    this.#still = true;
    this.#place = picture && { sinceMs: atMs, box, look: lookAt(picture, box), alikeMs: atMs, sure: false };
  }

  /** `alike`, `unlike` for long, or neither. */
  #likeness(atMs: number, box: Box, picture: GreyPicture | undefined): 'alike' | 'unlike' | undefined {
    const place = this.#place;
    if (!picture || !place) return undefined;
    // It may still be rolling to its stop.
    if (atMs - place.sinceMs < rollsOutMs) {
      this.#place = { ...place, box, look: lookAt(picture, box), alikeMs: atMs };
      return undefined;
    }
    if (!place.look.some((value) => value !== 0)) return undefined;
    const look = lookAt(picture, place.box);
    const like = likeness(place.look, look);
    if (like >= looksUnlike) {
      place.alikeMs = atMs;
      place.sure ||= atMs - place.sinceMs >= sureAfterMs;
    }
    if (like >= looksAlike) place.look = mixed(place.look, look, lookPart);
    if (like >= looksAlike) return 'alike';
    if (atMs - place.alikeMs < unlikeMs) return undefined;
    if (place.sure) return 'unlike';
    this.#settle(atMs, box, picture);
    return undefined;
  }

  #judgeStill(agreement: number, look: 'alike' | 'unlike' | undefined): void {
    if (look === 'alike' || (agreement >= staysStill && look !== 'unlike')) {
      this.#strayed = false;
      return;
    }
    // Below "active" it has certainly moved; between the two the second box in a row decides.
    if (agreement < active || this.#strayed || look === 'unlike') {
      this.#still = false;
      this.#place = undefined;
      this.#replaced = look === 'unlike';
      this.#samples = this.#samples.slice(-1);
    }
    this.#strayed = !this.#strayed && this.#still;
  }

  /** Whether the samples from the given one on reach back far enough to judge by. */
  #spans(from: number, atMs: number): boolean {
    const sample = this.#samples[from];
    return sample !== undefined && atMs - sample.atMs >= spanMs - roundingMs;
  }
}

function meanBox(boxes: readonly Box[]): Box {
  const sum = { x1: 0, y1: 0, x2: 0, y2: 0 };
  for (const box of boxes) {
    sum.x1 += box.x1 / boxes.length;
    sum.y1 += box.y1 / boxes.length;
    sum.x2 += box.x2 / boxes.length;
    sum.y2 += box.y2 / boxes.length;
  }
  return sum;
}

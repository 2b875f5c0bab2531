import { type Box, iou } from '@gatehouse/contracts';
import type { GreyPicture } from './look.ts';
import { StoodPlace } from './stood-place.ts';

interface Sample {
  readonly atMs: number;
  readonly box: Box;
}

/** Thresholds on the overlap of the newest box with the mean of the last ones. */
const becomesStill = 0.75;
const staysStill = 0.6;
const active = 0.2;
/** Overlap with its place at which a box is that of the object there. */
const atPlace = 0.5;

/**
 * Another thing stands where it stood after the place has looked unlike for so long; a passer-by hides it for
 * less.
 */
const unlikeMs = 8_000;

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
  #place: StoodPlace | undefined;
  #left: StoodPlace | undefined;

  get still(): boolean {
    return this.#still;
  }

  /** Where it stands still, if pictures were at hand when it stopped. */
  get place(): StoodPlace | undefined {
    return this.#place;
  }

  /** The place that it has left since the last call, if it was known by its look. */
  takeLeft(): StoodPlace | undefined {
    const left = this.#left;
    this.#left = undefined;
    return left;
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
    if (this.#still) this.#judgeStill(agreement, this.#lookOf(atMs, box, picture));
    else if (this.#samples.length >= leastSamples && this.#spans(0, atMs) && agreement >= becomesStill)
      this.#settle(atMs, box, picture);
  }

  /** It stands still as it did before a restart. */
  resume(place: StoodPlace): void {
    this.#still = true;
    this.#place = place;
  }

  #settle(atMs: number, box: Box, picture: GreyPicture | undefined): void {
    this.#still = true;
    this.#place = picture && StoodPlace.of(atMs, box, picture);
  }

  /** `alike`, `unlike` for long, or neither. A box that has left the place says nothing about it. */
  #lookOf(atMs: number, box: Box, picture: GreyPicture | undefined): 'alike' | 'unlike' | undefined {
    const place = this.#place;
    if (!picture || !place) return undefined;
    if (iou(box, place.box) >= atPlace) place.see(atMs, box, picture);
    if (place.verdict === 'alike') return 'alike';
    if (place.verdict !== 'unlike' || atMs - place.alikeMs < unlikeMs) return undefined;
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
      if (this.#place?.sure) this.#left = this.#place;
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

import { type Box, iou } from '@gatehouse/contracts';

interface Sample {
  readonly atMs: number;
  readonly box: Box;
}

/** Thresholds of analytics.md, on the overlap of the newest box with the mean of the last ones. */
const becomesStill = 0.75;
const staysStill = 0.6;
const active = 0.2;

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

  get still(): boolean {
    return this.#still;
  }

  /** Takes in a box that was seen (never a predicted one). */
  see(atMs: number, box: Box): void {
    const last = this.#samples.at(-1);
    if (last && atMs - last.atMs < sampleEveryMs - roundingMs) return;
    this.#samples.push({ atMs, box });
    while (this.#samples.length > leastSamples && this.#spans(1, atMs)) this.#samples.shift();
    const agreement = iou(box, meanBox(this.#samples.map((sample) => sample.box)));
    if (this.#still) this.#judgeStill(agreement);
    else
      this.#still = this.#samples.length >= leastSamples && this.#spans(0, atMs) && agreement >= becomesStill;
  }

  #judgeStill(agreement: number): void {
    if (agreement >= staysStill) {
      this.#strayed = false;
      return;
    }
    // Below "active" it has certainly moved; between the two the second box in a row decides.
    if (agreement < active || this.#strayed) {
      this.#still = false;
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

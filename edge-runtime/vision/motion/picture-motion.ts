import { type LumaPicture, meanOf } from '../scene/luma.ts';

/** Blocks along the longer side; each about 6 x 6 points of the luma picture. */
const blocksAcross = 16;
/** What stands is background after about this time, milliseconds. */
const backgroundMs = 5_000;
/** How a block's own restlessness (leaves, rain, a flag, noise at night) is learned and forgotten, milliseconds. */
const restlessMs = 30_000;
/** A block has changed by this many grey levels at least... */
const leastChange = 6;
/** ... and by this many times its own restlessness. */
const timesRestless = 3;
/** More of the picture than this at once is a change of light or of view, not something that moves. */
const globalPart = 0.6;
/** Longer between two pictures than this and they are not compared, milliseconds. */
const forgetMs = 15_000;

/** What a decoded picture shows against those before it. */
export interface PictureChange {
  /** Something moves. */
  readonly motion: boolean;
  /** The whole picture became another: light, or the view. */
  readonly global: boolean;
}

const nothing: PictureChange = { motion: false, global: false };

/**
 * Motion on small luma pictures, at any and also at an uneven rate. A steady shift of all grey levels is not motion; a block that
 * is always restless has to exceed itself, so that rain or a tree keeps nobody awake for longer than half a minute or so.
 */
export class PictureMotion {
  #background: Float32Array | undefined;
  #restless: Float32Array = new Float32Array(0);
  #width = 0;
  #atMs = 0;

  /** @param atMs capture time, rising */
  see(atMs: number, picture: LumaPicture): PictureChange {
    const blocks = blocksOf(picture);
    const background = this.#background;
    const dtMs = atMs - this.#atMs;
    if (
      !background ||
      this.#width !== picture.width ||
      background.length !== blocks.length ||
      dtMs > forgetMs
    ) {
      this.#startOver(atMs, picture.width, blocks);
      return nothing;
    }
    this.#atMs = atMs;
    const shift = medianShift(blocks, background);
    let changed = 0;
    let lit = 0;
    for (let i = 0; i < blocks.length; i++) {
      const now = blocks[i] as number;
      const step = now - (background[i] as number);
      const change = Math.abs(step - shift);
      if (Math.abs(step) > leastChange) lit++;
      const restless = this.#restless[i] as number;
      if (change > Math.max(leastChange, timesRestless * restless)) changed++;
      this.#restless[i] = restless + (change - restless) * part(dtMs, restlessMs);
    }
    const global = Math.max(changed, lit) > globalPart * blocks.length;
    if (global) this.#startOver(atMs, picture.width, blocks, this.#restless);
    else this.#learn(blocks, background, shift, dtMs);
    return { motion: changed > 0 && !global, global };
  }

  #learn(blocks: Float32Array, background: Float32Array, shift: number, dtMs: number) {
    const share = part(dtMs, backgroundMs);
    for (let i = 0; i < blocks.length; i++) {
      // The light's part is taken over at once, or a slow dawn would be motion.
      const from = (background[i] as number) + shift;
      background[i] = from + ((blocks[i] as number) - from) * share;
    }
  }

  #startOver(
    atMs: number,
    width: number,
    blocks: Float32Array,
    restless: Float32Array = new Float32Array(blocks.length),
  ) {
    this.#background = blocks;
    this.#restless = restless;
    this.#width = width;
    this.#atMs = atMs;
  }
}

/** The share of something new that an average with a time constant takes in after `dtMs`. */
function part(dtMs: number, constantMs: number): number {
  return 1 - Math.exp(-Math.max(0, dtMs) / constantMs);
}

/** Mean grey of each block, row by row. */
function blocksOf(picture: LumaPicture): Float32Array {
  const { width, height, pixels } = picture;
  const size = Math.max(1, Math.round(Math.max(width, height) / blocksAcross));
  const across = Math.ceil(width / size);
  const down = Math.ceil(height / size);
  const sums = new Float32Array(across * down);
  const counts = new Uint16Array(across * down);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const block = Math.floor(y / size) * across + Math.floor(x / size);
      sums[block] = (sums[block] as number) + (pixels[y * width + x] as number);
      counts[block] = (counts[block] as number) + 1;
    }
  for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] as number) / (counts[i] as number);
  return sums.length > 0 ? sums : Float32Array.of(meanOf(picture));
}

/** By how much most of the picture became lighter; something that moves does not shift the median. */
function medianShift(blocks: Float32Array, background: Float32Array): number {
  const shifts = blocks.map((value, i) => value - (background[i] as number)).sort();
  return shifts[Math.floor(shifts.length / 2)] ?? 0;
}

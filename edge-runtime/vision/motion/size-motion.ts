import type { CompressedPicture } from '../ring/stream-ring.ts';

/** What is usual is learned from this much of the stream, milliseconds, and from at most so many pictures. */
const windowMs = 20_000;
const maxPictures = 512;
/** No judgement before this many are known. */
const leastPictures = 40;
/** The usual size is looked up anew every so many pictures: sorting is the only cost. */
const refreshEvery = 16;
/**
 * The usual size is the 40th of 100: when half of the window was motion it still tells the size of a quiet picture. A size that
 * stays up (rain, more noise at dusk) is usual after 12 s.
 */
const usualQuantile = 0.4;
/** The mean of so many pictures in a row is judged: a single large one is what rate control does. */
const runLength = 3;
/** A run this many times the usual is motion... */
const timesUsual = 1.6;
/** ... if it is also this far above it: so many times the usual scatter, and so many bytes. */
const timesScatter = 5;
const leastBytes = 300;

/**
 * Motion by the compressed size of predicted pictures: what moves costs bits. Nearly free, and with every picture, also those
 * that nobody decodes. It only ever wakes; whether something really moves is decided on decoded pictures.
 */
export class SizeMotion {
  #sizes: { readonly atMs: number; readonly bytes: number }[] = [];
  #run: number[] = [];
  #sinceRefresh = refreshEvery;
  #usual = 0;
  #scatter = 0;

  /** True if this picture and those before it are larger than usual. */
  see({ atMs, key, bytes }: CompressedPicture): boolean {
    if (key) return false;
    this.#run = [...this.#run, bytes].slice(-runLength);
    const spike = this.#judge();
    this.#sizes.push({ atMs, bytes });
    const oldest = this.#sizes[0];
    if (this.#sizes.length > maxPictures || (oldest && atMs - oldest.atMs > windowMs)) this.#sizes.shift();
    if (++this.#sinceRefresh >= refreshEvery) this.#refresh();
    return spike;
  }

  /** Another connection, another stream. */
  reset(): void {
    this.#sizes = [];
    this.#run = [];
  }

  #judge(): boolean {
    if (this.#sizes.length < leastPictures || this.#run.length < runLength) return false;
    const mean = this.#run.reduce((sum, bytes) => sum + bytes, 0) / runLength;
    const above = mean - this.#usual;
    return mean > timesUsual * this.#usual && above > timesScatter * this.#scatter && above > leastBytes;
  }

  #refresh() {
    this.#sinceRefresh = 0;
    // Numbers in a typed array are sorted without a comparison in JavaScript: half of what this cost for a quiet camera.
    const sorted = Float64Array.from(this.#sizes, ({ bytes }) => bytes).sort();
    this.#usual = quantile(sorted, usualQuantile);
    // Half the distance between the 15th and the 65th of 100 around it: about a standard deviation.
    this.#scatter = Math.max(0, (quantile(sorted, 0.65) - quantile(sorted, 0.15)) / 2);
  }
}

function quantile(sorted: Float64Array, part: number): number {
  return sorted[Math.floor(part * (sorted.length - 1))] ?? 0;
}

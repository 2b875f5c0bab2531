import { brightest, type CellPicture, darkest } from './cell-picture.ts';

/** Levels of the tone curve, and the fineness of the histogram that each level's median is read from. */
const levels = 12;
const levelWidth = (brightest - darkest) / levels;
const buckets = 160;
const reach = 3;
const bucketWidth = (2 * reach) / buckets;
/** One cell in three is measured: 2,000 are enough for a median, and 3 divides no usual number of columns. */
const everyCell = 3;
/** A level with fewer cells than this part of all leans on the whole picture's median. */
const leanPart = 0.03;
/**
 * A level is believed by how many of its cells agree with its median (within these buckets, 0.11): all from
 * the second part on, none below the first. Where a shadow of the baseline has gone, half of a level may have
 * changed, and not by exposure.
 */
const agreeBuckets = 3;
const agreePart = 0.6;
const believedPart = 0.8;
/** A level departs from the whole picture by this at most (natural logarithm). */
const mostDeparture = 0.5;

/**
 * How the light of a picture differs from that of the baseline: medians of the difference, over the whole
 * picture for the colours and for each level of luma (a tone curve: exposure, gamma, black level and clipping
 * move dark and bright unequally). A median, because what is put down in a picture is less than half of it.
 */
export class LightShift {
  /** Median difference over all levels, and of the colours. */
  overall = 0;
  red = 0;
  blue = 0;
  readonly #curve = new Float32Array(levels + 1);
  readonly #byLevel = Array.from({ length: levels }, () => new Uint32Array(buckets));
  readonly #all = new Uint32Array(buckets);
  readonly #red = new Uint32Array(buckets);
  readonly #blue = new Uint32Array(buckets);

  /**
   * Measures `now` against `base` over the cells whose `use` is 1, if those are at least the `least` part of
   * all.
   */
  measure(now: CellPicture, base: CellPicture, use: Uint8Array, least: number): void {
    for (const histogram of [this.#all, this.#red, this.#blue, ...this.#byLevel]) histogram.fill(0);
    let count = 0;
    for (let cell = 0; cell < use.length; cell += everyCell) {
      if (use[cell] === 0) continue;
      count++;
      const luma = base.luma[cell] as number;
      const bucket = bucketOf((now.luma[cell] as number) - luma);
      add(this.#all, bucket);
      add(this.#byLevel[levelOf(luma)] as Uint32Array, bucket);
      add(this.#red, bucketOf((now.red[cell] as number) - (base.red[cell] as number)));
      add(this.#blue, bucketOf((now.blue[cell] as number) - (base.blue[cell] as number)));
    }
    if (count < (least * use.length) / everyCell) return;
    this.overall = median(this.#all, count);
    this.red = median(this.#red, count);
    this.blue = median(this.#blue, count);
    this.#bend(leanPart * count);
  }

  /** Forgets what was measured: the light of the baseline itself. */
  reset(): void {
    this.overall = 0;
    this.red = 0;
    this.blue = 0;
    this.#curve.fill(0);
  }

  /** The light's addition to a luma of the baseline; linear between the middles of the levels. */
  at(luma: number): number {
    const level = Math.min(levels - 1, Math.max(0, (luma - darkest) / levelWidth - 0.5));
    const i = level | 0;
    const low = this.#curve[i] as number;
    return low + (level - i) * ((this.#curve[i + 1] as number) - low);
  }

  #bend(lean: number): void {
    for (let level = 0; level < levels; level++) {
      const histogram = this.#byLevel[level] as Uint32Array;
      const count = countIn(histogram, 0, buckets - 1);
      const middle = count > 0 ? median(histogram, count) : this.overall;
      const at = bucketOf(middle);
      const agree = countIn(histogram, at - agreeBuckets, at + agreeBuckets) / Math.max(1, count);
      const believed = Math.min(1, Math.max(0, (agree - agreePart) / (believedPart - agreePart)));
      const trusted = believed * (count / (count + lean + 1)) * (middle - this.overall);
      this.#curve[level] = this.overall + Math.min(mostDeparture, Math.max(-mostDeparture, trusted));
    }
    this.#curve[levels] = this.#curve[levels - 1] as number;
  }
}

function levelOf(luma: number): number {
  return Math.min(levels - 1, Math.max(0, ((luma - darkest) / levelWidth) | 0));
}

function bucketOf(difference: number): number {
  return Math.min(buckets - 1, Math.max(0, ((difference + reach) / bucketWidth) | 0));
}

function add(histogram: Uint32Array, bucket: number): void {
  histogram[bucket] = (histogram[bucket] as number) + 1;
}

function countIn(histogram: Uint32Array, from: number, to: number): number {
  let count = 0;
  for (let bucket = Math.max(0, from); bucket <= Math.min(buckets - 1, to); bucket++)
    count += histogram[bucket] as number;
  return count;
}

/** The median of a histogram of `count` values, linear within its bucket. */
function median(histogram: Uint32Array, count: number): number {
  let below = 0;
  for (let bucket = 0; bucket < buckets; bucket++) {
    const here = histogram[bucket] as number;
    if (below + here >= count / 2 && here > 0)
      return (bucket + (count / 2 - below) / here) * bucketWidth - reach;
    below += here;
  }
  return 0;
}

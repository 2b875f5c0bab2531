import { type Random, seededRandom } from '@gatehouse/kit';

/** Seeded choices, one stream a purpose, so that one more throw for a tree moves no car. */
export class Dice {
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    // Neighbouring seeds of mulberry32 begin alike.
    for (let i = 0; i < 4; i++) this.#random();
  }

  /** An independent stream for one purpose. */
  fork(): Dice {
    return new Dice(this.look());
  }

  uniform(from: number, to: number): number {
    return from + (to - from) * this.#random();
  }

  /** Evenly over orders of magnitude. */
  logUniform(from: number, to: number): number {
    return Math.exp(this.uniform(Math.log(from), Math.log(to)));
  }

  /** A whole number, both ends included. */
  int(from: number, to: number): number {
    return from + Math.floor(this.#random() * (to - from + 1));
  }

  chance(p: number): boolean {
    return this.#random() < p;
  }

  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T {
    const chosen = list[Math.floor(this.#random() * list.length)];
    if (chosen === undefined) throw new RangeError('nothing to pick from');
    return chosen;
  }

  /** A key, by its weight. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K {
    const entries = Object.entries(weights) as [K, number][];
    let left = this.uniform(
      0,
      entries.reduce((sum, [, weight]) => sum + weight, 0),
    );
    for (const [key, weight] of entries) {
      left -= weight;
      if (left < 0) return key;
    }
    return (entries.at(-1) as [K, number])[0];
  }

  /** A seed for something's looks. */
  look(): number {
    return Math.floor(this.#random() * 0x7fff_ffff);
  }
}

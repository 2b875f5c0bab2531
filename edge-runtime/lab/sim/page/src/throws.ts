import { type Random, seededRandom } from '../../../../kit/random.ts';

/** Seeded choices of how things look. */
export class Throws {
  readonly #random: Random;

  constructor(seed: number, purpose = 0) {
    this.#random = seededRandom(
      Math.imul(seed ^ 0x9e37_79b9, 0x85eb_ca6b) ^ Math.imul(purpose + 1, 0xc2b2_ae35),
    );
    for (let i = 0; i < 3; i++) this.#random();
  }

  uniform(from: number, to: number): number {
    return from + (to - from) * this.#random();
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
    return list[Math.floor(this.#random() * list.length)] as T;
  }
}

import { errorOf } from '@gatehouse/kit';

type BusyKey = 'CAMERA_NAMES_BUSY' | 'CLIP_BUSY' | 'REDACTION_BUSY' | 'STILL_BUSY';

/** Lets a few in at once and lets some wait; refuses the rest at once (drop policy: drop-newest). */
export class Turnstile {
  readonly #most: number;
  readonly #mostWaiting: number;
  readonly #key: BusyKey;
  #inside = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(most: number, mostWaiting: number, key: BusyKey) {
    this.#most = most;
    this.#mostWaiting = mostWaiting;
    this.#key = key;
  }

  /** Runs `work` when there is room. Throws the code it was made with when too many wait. */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    await this.#enter();
    try {
      return await work();
    } finally {
      // A waiting one takes over the place of the one that ends.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#inside--;
    }
  }

  async #enter(): Promise<void> {
    if (this.#inside < this.#most) {
      this.#inside++;
      return;
    }
    if (this.#waiting.length >= this.#mostWaiting) throw errorOf(this.#key, { most: this.#mostWaiting });
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}

import type { Random } from './random.ts';

export interface BackoffOptions {
  readonly firstMs: number;
  readonly capMs: number;
  readonly factor?: number;
  /**
   * `full` waits between a tenth and all of the step. It is for calls that thousands of boxes make to one
   * server.
   */
  readonly jitter?: 'equal' | 'full';
}

/**
 * Exponential back-off with jitter, by default on the upper half (AWS "equal jitter"): attempt n waits
 * between half and all of `min(cap, first * factor^n)`, so that forty cameras behind one switch do not return
 * at once.
 */
export class Backoff {
  readonly #options: Required<BackoffOptions>;
  readonly #random: Random;
  #attempt = 0;
  constructor(options: BackoffOptions, random: Random = Math.random) {
    this.#options = { factor: 2, jitter: 'equal', ...options };
    this.#random = random;
  }
  get attempt(): number {
    return this.#attempt;
  }
  /** The wait before the next attempt, in milliseconds. */
  nextMs(): number {
    const { firstMs, capMs, factor, jitter } = this.#options;
    const full = Math.min(capMs, firstMs * factor ** Math.min(this.#attempt, 30));
    this.#attempt++;
    const least = jitter === 'full' ? full / 10 : full / 2;
    return least + (full - least) * this.#random();
  }
  reset(): void {
    this.#attempt = 0;
  }
}

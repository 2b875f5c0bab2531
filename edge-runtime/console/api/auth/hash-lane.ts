import { type Clock, errorOf, sleep } from '@gatehouse/kit';
import { RetryLater } from '../errors.ts';

export interface HashLaneOptions {
  readonly clock: Clock;
  /** Hashes that may wait behind the running one. */
  readonly waiting: number;
  /** Hashes of one peer that may wait. */
  readonly waitingOfPeer: number;
  /** The lane rests after each hash for as long as it took, so it uses half a core at most. */
  readonly rests: boolean;
}

interface Waiting {
  readonly peer: string;
  readonly run: () => Promise<void>;
}

/**
 * Hashes passwords one at a time. A hash takes about 50 ms of a core and 19 MiB, and rules and doors need the
 * cores too. Known clients have a lane of their own, so they never wait behind strangers. A full lane refuses
 * the newest.
 */
export class HashLane {
  readonly #options: HashLaneOptions;
  readonly #waiting: Waiting[] = [];
  #busy = false;
  constructor(options: HashLaneOptions) {
    this.#options = options;
  }

  /** Runs a hash in its turn. Throws `LOGIN_BUSY`. */
  run<T>(peer: string, hash: () => Promise<T>): Promise<T> {
    const { waiting, waitingOfPeer } = this.#options;
    const ofPeer = this.#waiting.filter((one) => one.peer === peer).length;
    if (this.#waiting.length >= waiting || ofPeer >= waitingOfPeer)
      return Promise.reject(new RetryLater(errorOf('LOGIN_BUSY'), 2));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ peer, run: () => hash().then(resolve, reject) });
      if (!this.#busy) void this.#work();
    });
  }

  async #work(): Promise<void> {
    const { clock, rests } = this.#options;
    this.#busy = true;
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      const startMs = clock.monotonicMs();
      await next.run();
      const tookMs = clock.monotonicMs() - startMs;
      if (rests && tookMs > 0) await sleep(clock, tookMs);
    }
    this.#busy = false;
  }
}

import { type Clock, sleep } from '@gatehouse/kit';

/** A bell for one sleeper: `ring` ends the current wait, or the next one if nobody waits yet. */
export class Wake {
  #rung = false;
  #ring: (() => void) | undefined;

  ring(): void {
    this.#rung = true;
    this.#ring?.();
  }

  /** Waits for a ring, at most `limitMs`. */
  async wait(clock: Clock, limitMs: number, signal: AbortSignal): Promise<void> {
    if (!this.#rung) {
      const bell = new AbortController();
      this.#ring = () => bell.abort();
      await sleep(clock, limitMs, AbortSignal.any([bell.signal, signal]));
      this.#ring = undefined;
    }
    this.#rung = false;
  }
}

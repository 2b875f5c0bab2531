import type { Clock } from '@gatehouse/kit';

interface Timer {
  readonly dueMs: number;
  readonly order: number;
  readonly fn: () => void;
}

/** A clock for millions of timers: jumps from one to the next as soon as all promises have settled. */
export class VirtualTime implements Clock {
  #nowMs = 0;
  #order = 0;
  /** Ascending; few wait at a time, so inserting into a sorted list is quick. */
  readonly #timers: Timer[] = [];

  monotonicMs(): number {
    return this.#nowMs;
  }
  epochMs(): number {
    return 1_700_000_000_000 + this.#nowMs;
  }
  after(delayMs: number, fn: () => void): () => void {
    const timer = { dueMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, fn };
    let at = this.#timers.length;
    while (at > 0 && (this.#timers[at - 1]?.dueMs ?? 0) > timer.dueMs) at--;
    this.#timers.splice(at, 0, timer);
    return () => {
      const where = this.#timers.indexOf(timer);
      if (where >= 0) this.#timers.splice(where, 1);
    };
  }

  /** Lets time pass until the work is done. */
  async until<T>(work: Promise<T>): Promise<T> {
    let done = false;
    const result = work.finally(() => {
      done = true;
    });
    while (!done) {
      // A tick comes when no promise is left to settle, and costs a fraction of a turn of the event loop. The
      // second one lets those go first who wait for a tick themselves, as the bus does after each answer.
      await nextTick();
      await nextTick();
      const next = done ? undefined : this.#timers.shift();
      if (!next) continue;
      this.#nowMs = next.dueMs;
      next.fn();
    }
    return result;
  }
}

function nextTick(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

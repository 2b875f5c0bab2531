import type { Clock } from './clock.ts';

interface Timer {
  readonly dueMs: number;
  readonly order: number;
  readonly fn: () => void;
}

/** A clock that tests move by hand; timers fire in due order while it advances. */
export class ManualClock implements Clock {
  #monotonic = 0;
  #epoch: number;
  #order = 0;
  readonly #timers = new Set<Timer>();

  constructor(epochMs = 1_700_000_000_000) {
    this.#epoch = epochMs;
  }
  monotonicMs(): number {
    return this.#monotonic;
  }
  epochMs(): number {
    return this.#epoch;
  }
  after(delayMs: number, fn: () => void): () => void {
    const timer = { dueMs: this.#monotonic + Math.max(0, delayMs), order: this.#order++, fn };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }
  /** Moves both clocks forward and fires the timers that fall due. Lets promises settle after each timer. */
  async advance(ms: number): Promise<void> {
    const targetMs = this.#monotonic + ms;
    for (;;) {
      await settle();
      const next = this.#next(targetMs);
      if (!next) break;
      this.#timers.delete(next);
      this.#moveTo(next.dueMs);
      next.fn();
    }
    this.#moveTo(targetMs);
    await settle();
  }
  /** Somebody sets the wall clock; monotonic time does not notice. */
  stepWall(ms: number): void {
    this.#epoch += ms;
  }
  get pendingTimers(): number {
    return this.#timers.size;
  }
  #moveTo(monotonicMs: number) {
    this.#epoch += monotonicMs - this.#monotonic;
    this.#monotonic = monotonicMs;
  }
  #next(limitMs: number): Timer | undefined {
    return [...this.#timers]
      .filter((t) => t.dueMs <= limitMs)
      .sort((a, b) => a.dueMs - b.dueMs || a.order - b.order)[0];
  }
}

/** Lets already resolved promises and their followers run. */
async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
}

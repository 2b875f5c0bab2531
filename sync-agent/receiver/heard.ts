import type { ReceivedEvent } from './intake.ts';

/** Boxes remembered; the oldest goes, and is looked up anew. */
const mostBoxes = 20_000;

interface Start {
  readonly box: string;
  readonly incarnation: string;
}

/**
 * Which starts of boxes are to be written down now, and which boxes have a twin; so that a batch costs no
 * more than its events.
 */
export class Heard {
  readonly #everyMs: number;
  readonly #writtenMs = new Map<string, number>();
  readonly #twins = new Set<string>();

  constructor(everyMs: number) {
    this.#everyMs = everyMs;
  }

  /** The starts in a batch that were not written down for some time, in lock order. */
  due(batch: readonly ReceivedEvent[], nowMs: number): Start[] {
    const due = new Map<string, Start>();
    for (const { box, incarnation } of batch) {
      if (incarnation === undefined) continue;
      const key = `${box}/${incarnation}`;
      const writtenMs = this.#writtenMs.get(key);
      if (writtenMs !== undefined && Math.abs(nowMs - writtenMs) < this.#everyMs) continue;
      due.set(key, { box, incarnation });
      this.#writtenMs.delete(key);
      this.#writtenMs.set(key, nowMs);
    }
    for (const key of this.#writtenMs.keys()) {
      if (this.#writtenMs.size <= mostBoxes) break;
      this.#writtenMs.delete(key);
    }
    return [...due].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, start]) => start);
  }

  /** The transaction did not hold: nothing of it was written. */
  forget(batch: readonly ReceivedEvent[]): void {
    for (const { box, incarnation } of batch) this.#writtenMs.delete(`${box}/${incarnation}`);
  }

  remember(box: string, twins: boolean): void {
    if (twins) this.#twins.add(box);
    else this.#twins.delete(box);
  }

  /** Boxes of a batch that have a twin. */
  twins(batch: readonly ReceivedEvent[]): ReadonlySet<string> {
    return this.#twins.size === 0
      ? this.#twins
      : new Set(batch.map(({ box }) => box).filter((box) => this.#twins.has(box)));
  }
}

import type { WireEvent } from '@gatehouse/contracts';

interface Waiting {
  readonly event: WireEvent;
  readonly payload: string;
}

/** Most events, and bytes of them, in one request. */
export const maxBatch = { events: 100, bytes: 256 * 1024 };

/**
 * Events that wait to be posted, in order; never twice, so that a resend while it waits changes nothing.
 * Bounded by the window.
 */
export class BatchQueue {
  #waiting = new Map<string, Waiting>();
  #posting = new Map<string, Waiting>();
  /** Most events in the next batches: halved when the platform refuses one for its content. */
  #limit = maxBatch.events;

  get size(): number {
    return this.#waiting.size + this.#posting.size;
  }

  add(event: WireEvent, payload: string): boolean {
    const known = this.#posting.get(event.id) ?? this.#waiting.get(event.id);
    // A stand-in has its event's id and takes its place.
    if (known && known.event.type === event.type) return false;
    this.#waiting.set(event.id, { event, payload });
    return true;
  }

  /**
   * The next batch, which is `posting` until one of the three below is called; empty if none waits or one is
   * out.
   */
  next(): readonly WireEvent[] {
    if (this.#posting.size > 0) return [];
    let bytes = 0;
    for (const [id, waiting] of this.#waiting) {
      bytes += waiting.payload.length + 1;
      if (this.#posting.size === this.#limit || (this.#posting.size > 0 && bytes > maxBatch.bytes)) break;
      this.#posting.set(id, waiting);
    }
    for (const id of this.#posting.keys()) this.#waiting.delete(id);
    return [...this.#posting.values()].map(({ event }) => event);
  }

  body(): Buffer {
    return Buffer.from(`[${[...this.#posting.values()].map(({ payload }) => payload).join(',')}]`);
  }

  taken(): void {
    this.#posting.clear();
    this.#limit = Math.min(maxBatch.events, this.#limit * 2);
  }

  /** Puts the batch back, and makes the next one half as long. */
  halve(): void {
    this.#limit = Math.max(1, Math.ceil(this.#posting.size / 2));
    this.#waiting = new Map([...this.#posting, ...this.#waiting]);
    this.#posting.clear();
  }

  /** Leaves out the single event that was posted: its stand-in will come. */
  drop(): void {
    this.#posting.clear();
  }
}

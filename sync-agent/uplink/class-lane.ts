import type { EventClass, WireEvent } from '@gatehouse/contracts';

interface Pending {
  readonly event: WireEvent;
  /** Monotonic milliseconds of the newest send on this link; absent while it waits for one. */
  sentAtMs?: number;
}

/**
 * One class's events between outbox and acknowledgement: a window of rows in sequence order, each waiting or
 * in flight. In flight means sent and not yet acknowledged by the platform; the broker's PUBACK does not end
 * it.
 */
export class ClassLane {
  readonly eventclass: EventClass;
  readonly capacity: number;
  #epoch: string | undefined;
  #pending = new Map<number, Pending>();
  #waiting: number[] = [];
  #acknowledged = 0;
  #loaded = 0;
  #sent = 0;
  #last = 0;
  #begins: number | undefined;

  constructor(eventclass: EventClass, capacity: number) {
    this.eventclass = eventclass;
    this.capacity = capacity;
  }

  /** Epoch of the store whose rows are loaded; absent before the first. */
  get epoch(): string | undefined {
    return this.#epoch;
  }
  /** Nothing up to here will be sent again: it was acknowledged, now or to an earlier process. */
  get settled(): number {
    for (const first of this.#pending.keys()) return first - 1;
    return this.#acknowledged;
  }
  /** Highest sequence loaded: where the next pull starts. */
  get loaded(): number {
    return this.#loaded;
  }
  /** Highest sequence ever sent in this epoch by this process. */
  get sent(): number {
    return this.#sent;
  }
  /** The first number of this epoch, where that is not 1. */
  get begins(): number | undefined {
    return this.#begins;
  }
  /** Highest sequence that the runtime has said to exist. */
  get last(): number {
    return this.#last;
  }
  get room(): number {
    return this.capacity - this.#pending.size;
  }
  get inFlight(): number {
    return this.#pending.size - this.#waiting.length;
  }
  get size(): number {
    return this.#pending.size;
  }

  /** The store was created or restored anew: what was loaded means nothing any more. */
  reset(epoch: string, begins?: number | undefined): void {
    this.#epoch = epoch;
    this.#begins = begins;
    this.#pending = new Map();
    this.#waiting = [];
    this.#acknowledged = 0;
    this.#loaded = 0;
    this.#sent = 0;
    this.#last = 0;
  }

  /**
   * Takes rows in rising sequence order, at most `room` of them; `last` is the newest sequence the runtime
   * has.
   */
  load(events: readonly WireEvent[], last: number): void {
    for (const event of events) {
      if (event.sequence <= this.#loaded || this.room === 0)
        throw new RangeError(`${this.eventclass} ${event.sequence} does not fit behind ${this.#loaded}`);
      this.#pending.set(event.sequence, { event });
      this.#waiting.push(event.sequence);
      this.#loaded = event.sequence;
    }
    this.#last = Math.max(this.#last, last, this.#loaded);
  }

  /** The next event to send, in sequence order. */
  next(): WireEvent | undefined {
    const sequence = this.#waiting[0];
    return sequence === undefined ? undefined : this.#pending.get(sequence)?.event;
  }

  /** The event that `next` gave has been sent. */
  markSent(nowMs: number): void {
    const sequence = this.#waiting.shift();
    const pending = sequence === undefined ? undefined : this.#pending.get(sequence);
    if (sequence === undefined || !pending) throw new RangeError(`${this.eventclass}: nothing waits`);
    pending.sentAtMs = nowMs;
    this.#sent = Math.max(this.#sent, sequence);
  }

  /**
   * The platform has everything up to `upTo`. Returns up to where the outbox may now delete, never beyond
   * what this process sent, or `undefined` if nothing changed.
   */
  acknowledge(upTo: number): number | undefined {
    const to = Math.min(upTo, this.#sent);
    if (to <= this.#acknowledged) return undefined;
    for (const sequence of this.#pending.keys()) {
      if (sequence > to) break;
      this.#pending.delete(sequence);
    }
    this.#waiting = this.#waiting.filter((sequence) => sequence > to);
    this.#acknowledged = to;
    return to;
  }

  /**
   * Puts another event into the place of a pending one of the same sequence, to be sent at once; nothing if
   * it is gone.
   */
  replace(event: WireEvent): void {
    if (event.epoch !== this.#epoch || !this.#pending.has(event.sequence)) return;
    this.#pending.set(event.sequence, { event });
    this.#queueWaiting();
  }

  /** Events sent before `beforeMs` wait again. Returns how many. */
  resendSentBefore(beforeMs: number): number {
    let again = 0;
    for (const pending of this.#pending.values())
      if (pending.sentAtMs !== undefined && pending.sentAtMs <= beforeMs) {
        delete pending.sentAtMs;
        again++;
      }
    if (again > 0) this.#queueWaiting();
    return again;
  }

  #queueWaiting(): void {
    this.#waiting = [...this.#pending]
      .filter(([, p]) => p.sentAtMs === undefined)
      .map(([sequence]) => sequence);
  }

  /** Monotonic milliseconds at which the oldest event in flight was sent. */
  oldestSentMs(): number | undefined {
    for (const pending of this.#pending.values()) if (pending.sentAtMs !== undefined) return pending.sentAtMs;
    return undefined;
  }
}

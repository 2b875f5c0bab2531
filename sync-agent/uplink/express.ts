import type { WireEvent } from '@gatehouse/contracts';
import type { Clock, Log } from '@gatehouse/kit';
import type { Admission } from './admission.ts';
import type { ClassLane } from './class-lane.ts';
import type { OutboxSource } from './outbox-source.ts';
import { Wake } from './wake.ts';

/** Events that go ahead at once; more than so many a pull are a storm, which the next pull takes up. */
const mostAtOnce = 20;
/** Without word the run looks whether it is to end. */
const idleMs = 60_000;

export interface ExpressOptions {
  readonly lane: ClassLane;
  readonly box: string;
  readonly source: OutboxSource;
  readonly admission: Admission;
  readonly clock: Clock;
  readonly log: Log;
  /** Sends an event ahead of the lane's order; false when there is no link, and then it goes in its order. */
  send(event: WireEvent): boolean;
}

/**
 * Takes what has just happened past a backlog of its own class: after a week offline a live alarm must not wait for the alarms of
 * that week. It is sent once, ahead; the platform keeps it behind a hole, and gets it a second time when the backlog has come so
 * far: acknowledgements are cumulative, so only that second time counts and nothing can be lost by the first.
 */
export class Express {
  readonly #options: ExpressOptions;
  readonly #wake = new Wake();
  /** Up to here everything was there before, or has been sent ahead. */
  #seen: number | undefined;
  #last = 0;

  constructor(options: ExpressOptions) {
    this.#options = options;
  }

  /** The outbox's newest number of this class. What the first word tells of was there before. */
  grown(last: number): void {
    // A new store counts from the start again.
    if (this.#seen === undefined || last < this.#seen) this.#seen = last;
    this.#last = last;
    this.#wake.ring();
  }

  /** The runtime is away: what happens meanwhile is old when it is back. */
  lost(): void {
    this.#seen = undefined;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#wake.wait(this.#options.clock, idleMs, signal);
      while (!signal.aborted && this.#seen !== undefined && this.#seen < this.#last)
        await this.#ahead(this.#seen, signal);
    }
  }

  async #ahead(seen: number, signal: AbortSignal): Promise<void> {
    const { lane, log } = this.#options;
    const last = this.#last;
    // What the lane has taken in goes out next anyway.
    const after = Math.max(seen, lane.loaded);
    try {
      const reached = lane.epoch === undefined || after >= last ? last : await this.#sendAfter(after, signal);
      if (this.#seen !== undefined) this.#seen = reached ?? last;
    } catch (error) {
      if (signal.aborted) return;
      log.warn('express-pull-failed', { eventclass: lane.eventclass, error });
      this.#seen = last;
    }
  }

  /** Sends the rows after a number; returns up to where when there may be more, `undefined` when the rest goes in its order. */
  async #sendAfter(after: number, signal: AbortSignal): Promise<number | undefined> {
    const { lane, box, source, admission, send } = this.#options;
    const batch = await source.pull(lane.eventclass, after, mostAtOnce, signal);
    if (batch.epoch !== lane.epoch) return undefined;
    let reached: number | undefined;
    for (const row of batch.rows) {
      const sequence = sequenceOf(row);
      // What cannot be read is for the lane to withhold.
      if (sequence === undefined || sequence <= after) continue;
      const origin = { box, epoch: batch.epoch, eventclass: lane.eventclass, sequence };
      if (!send(await admission.admit(row, origin, signal))) return undefined;
      reached = sequence;
    }
    return batch.rows.length < mostAtOnce ? undefined : reached;
  }
}

function sequenceOf(row: unknown): number | undefined {
  if (typeof row !== 'object' || row === null || !('sequence' in row)) return undefined;
  return Number.isSafeInteger(row.sequence) ? Number(row.sequence) : undefined;
}

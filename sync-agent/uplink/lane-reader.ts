import type { WireEvent } from '@gatehouse/contracts';
import {
  Backoff,
  type Clock,
  errorOf,
  GatehouseError,
  type Log,
  type Random,
  systemCode,
} from '@gatehouse/kit';
import type { ClassLane } from './class-lane.ts';
import type { EgressFilter } from './egress-filter.ts';
import type { OutboxSource, PulledBatch } from './outbox-source.ts';
import { Wake } from './wake.ts';

/** Rows a pull asks for: 200 of 8 KiB stay well below the 4 MiB that a local answer may have. */
const batchLimit = 200;
/**
 * Less room than this is not worth a pull: as the lane reads ahead further than that, there is something to
 * send.
 */
const worthwhileRoom = 100;
/** How often to look without being told: while the ready stream is down, and while it is up. */
const pollMs = { blind: 1000, watching: 15_000 };

export interface LaneReaderOptions {
  readonly lane: ClassLane;
  readonly box: string;
  readonly source: OutboxSource;
  readonly filter: EgressFilter;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Events of this lane are there to be sent. */
  onLoaded(): void;
}

/** Keeps one lane filled from the outbox, through the allow-list. */
export class LaneReader {
  readonly #options: LaneReaderOptions;
  readonly #wake = new Wake();
  readonly #backoff: Backoff;
  #stale = true;
  #watching = false;
  #limit = batchLimit;

  constructor(options: LaneReaderOptions) {
    this.#options = options;
    this.#backoff = new Backoff({ firstMs: 100, capMs: 2000 }, options.random);
  }

  /** Something new waits in the outbox, or may. */
  ready(): void {
    this.#stale = true;
    this.#wake.ring();
  }

  /** The lane has room again. */
  roomMade(): void {
    if (this.#mayPull()) this.#wake.ring();
  }

  /** Whether the runtime's ready stream is open; either change is a reason to look. */
  set watching(on: boolean) {
    this.#watching = on;
    this.ready();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    while (!signal.aborted) {
      if (this.#mayPull()) await this.#pull(signal);
      else {
        const limitMs = this.#watching ? pollMs.watching : pollMs.blind;
        const untilMs = clock.monotonicMs() + limitMs;
        await this.#wake.wait(clock, limitMs, signal);
        if (clock.monotonicMs() >= untilMs) this.#stale = true;
      }
    }
  }

  #mayPull(): boolean {
    return this.#stale && this.#options.lane.room >= worthwhileRoom;
  }

  async #pull(signal: AbortSignal): Promise<void> {
    const { lane, log, clock } = this.#options;
    this.#stale = false;
    try {
      const loaded = lane.epoch === undefined ? await this.#learnEpoch(signal) : await this.#fill(signal);
      if (this.#backoff.attempt > 0) log.info('outbox-pull-resumed', { eventclass: lane.eventclass });
      this.#backoff.reset();
      if (loaded > 0) this.#options.onLoaded();
    } catch (error) {
      this.#stale = true;
      if (signal.aborted) return;
      if (this.#backoff.attempt === 0) log.warn('outbox-pull-failed', { eventclass: lane.eventclass, error });
      // The runtime's ready stream that opens again ends the wait: it is back, whatever the back-off says.
      await this.#wake.wait(clock, this.#backoff.nextMs(), signal);
    }
  }

  /** Asks behind everything, so that whatever waits in the outbox, however large, cannot hide the epoch. */
  async #learnEpoch(signal: AbortSignal): Promise<number> {
    const { lane, source } = this.#options;
    const { epoch, begins } = await source.pull(lane.eventclass, Number.MAX_SAFE_INTEGER, 1, signal);
    lane.reset(epoch, begins);
    this.#stale = true;
    return 0;
  }

  async #fill(signal: AbortSignal): Promise<number> {
    const { lane, source, log } = this.#options;
    const limit = Math.min(this.#limit, lane.room);
    let batch: PulledBatch;
    try {
      batch = await source.pull(lane.eventclass, lane.loaded, limit, signal);
    } catch (error) {
      if (!(error instanceof GatehouseError) || systemCode(error.cause) !== 'BODY_TOO_LARGE') throw error;
      return this.#splitOrSkip(limit, signal);
    }
    this.#limit = batchLimit;
    if (batch.epoch !== lane.epoch) {
      log.warn('outbox-epoch-changed', { eventclass: lane.eventclass, epoch: batch.epoch });
      lane.reset(batch.epoch, batch.begins);
      this.#stale = true;
      return 0;
    }
    const events = await this.#admit(batch, signal);
    lane.load(events, batch.last);
    // `last` counts acknowledged rows, too: without rows nothing waits, however far behind it a new process
    // is.
    if (events.length > 0 && lane.loaded < batch.last) this.#stale = true;
    return events.length;
  }

  /**
   * The rows asked for are over the local body limit: ask for fewer; a single row of megabytes is withheld
   * unread.
   */
  async #splitOrSkip(limit: number, signal: AbortSignal): Promise<number> {
    const { lane, box, filter } = this.#options;
    this.#stale = true;
    if (limit > 1 || lane.epoch === undefined) {
      this.#limit = Math.max(1, Math.floor(limit / 2));
      return 0;
    }
    const sequence = lane.loaded + 1;
    const origin = { box, epoch: lane.epoch, eventclass: lane.eventclass, sequence };
    const event = await filter.withhold(undefined, origin, 'too-large', 'over the local body limit', signal);
    lane.load([event], sequence);
    this.#limit = batchLimit;
    return 1;
  }

  async #admit(batch: PulledBatch, signal: AbortSignal): Promise<WireEvent[]> {
    const { lane, box, filter } = this.#options;
    const events: WireEvent[] = [];
    let before = lane.loaded;
    for (const row of batch.rows.slice(0, lane.room)) {
      const sequence = sequenceOf(row) ?? before + 1;
      if (sequence <= before)
        throw errorOf('OUTBOX_DISORDER', { eventclass: lane.eventclass, sequence, before });
      const origin = { box, epoch: batch.epoch, eventclass: lane.eventclass, sequence };
      events.push(await filter.admit(row, origin, signal));
      before = sequence;
    }
    return events;
  }
}

function sequenceOf(row: unknown): number | undefined {
  if (typeof row !== 'object' || row === null || !('sequence' in row)) return undefined;
  return Number.isSafeInteger(row.sequence) && Number(row.sequence) > 0 ? Number(row.sequence) : undefined;
}

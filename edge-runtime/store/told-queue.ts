import { BoundedQueue, type Clock, GatehouseError, isoWithOffset } from '@gatehouse/kit';
import type { OutboxEntry } from './outbox.ts';

/** An event waits this long for others to share its commit. */
const groupMs = 1_000;
/** So many are committed at once without waiting; below 2 ms of work. */
const groupRows = 200;
/** Waiting while the disk refuses; past it the oldest goes, and the gap says how many. */
const mostWaiting = 2_000;
const retryMs = 5_000;

/** An event that may be grouped: a power cut loses at most the last second of them. */
export type ToldEntry = OutboxEntry & { readonly eventclass: 'health' | 'telemetry' };

/**
 * Group commit for events nobody waits for: they share one transaction and its fsync a second, so that on an
 * eMMC, where each costs some 10 ms, periodic numbers do not queue before alarms. Alarms and door records
 * never pass through here.
 */
export class ToldQueue {
  readonly #clock: Clock;
  readonly #commit: (entries: readonly OutboxEntry[]) => void;
  readonly #queue = new BoundedQueue<ToldEntry>(mostWaiting, 'drop-oldest');
  #reportedDrops = 0;
  #cancel: (() => void) | undefined;
  /** `commit` writes all of them in one transaction or throws. */
  constructor(clock: Clock, commit: (entries: readonly OutboxEntry[]) => void) {
    this.#clock = clock;
    this.#commit = commit;
  }

  push(entry: ToldEntry): void {
    this.#queue.push(entry);
    if (this.#queue.length === groupRows) this.flush();
    else this.#cancel ??= this.#clock.after(groupMs, () => this.flush());
  }

  /** Commits the waiting events. Those that the disk refuses wait on. */
  flush(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const entries: ToldEntry[] = [];
    for (let entry = this.#queue.shift(); entry; entry = this.#queue.shift()) entries.push(entry);
    if (entries.length === 0) return;
    const lost = this.#queue.dropped - this.#reportedDrops;
    try {
      this.#commit(lost > 0 ? [this.#gap(lost), ...entries] : entries);
      this.#reportedDrops += lost;
    } catch (error) {
      if (!(error instanceof GatehouseError)) throw error;
      for (const entry of entries) this.#queue.push(entry);
      this.#cancel = this.#clock.after(retryMs, () => this.flush());
    }
  }

  stop(): void {
    this.flush();
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** Events without a number yet: only their count can be reported. */
  #gap(count: number): OutboxEntry {
    const time = isoWithOffset(this.#clock.epochMs());
    return {
      eventclass: 'telemetry',
      type: 'gatehouse.gap.v1',
      time,
      data: { class: 'telemetry', reason: 'reserve', count },
    };
  }
}

import { type Clock, describeError, type Log, sleep } from '@gatehouse/kit';
import { type Dispatcher, liveLimitMs } from './dispatcher.ts';
import type { EgressFilter } from './egress-filter.ts';
import type { OutboxSource } from './outbox-source.ts';
import { Wake } from './wake.ts';

/** Newest rows looked at; an incident storm beyond that waits its turn. */
const newest = 5;
/** Most often: at most five copies each half second go ahead of a backlog. */
const pauseMs = 500;
/** An alarm that has just come may be on its way into the lane: it is looked for that often. */
const looks = 3;
const idleMs = 60_000;

export interface LiveAlarmsOptions {
  readonly box: string;
  readonly source: OutboxSource;
  readonly filter: EgressFilter;
  readonly dispatcher: Dispatcher;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * An alarm of now does not wait for thousands of yesterday's. While the alarms' lane is behind, a copy of the
 * newest goes out ahead. It is sent again in its turn, which the platform recognises by its id. The copy
 * moves no acknowledgement.
 */
export class LiveAlarms {
  readonly #options: LiveAlarmsOptions;
  readonly #wake = new Wake();
  #epoch: string | undefined;
  #sentUpTo = 0;
  #looks = 0;

  constructor(options: LiveAlarmsOptions) {
    this.#options = options;
  }

  ready(): void {
    this.#looks = looks;
    this.#wake.ring();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    while (!signal.aborted) {
      if (this.#looks === 0) await this.#wake.wait(clock, idleMs, signal);
      if (signal.aborted) return;
      this.#looks = Math.max(0, this.#looks - 1);
      try {
        await this.sendNewest(signal);
      } catch (error) {
        if (!signal.aborted) log.debug('live-alarms-wait', { error: describeError(error) });
      }
      await sleep(clock, pauseMs, signal);
    }
  }

  /** Returns how many copies went ahead. */
  async sendNewest(signal: AbortSignal): Promise<number> {
    const { source, filter, dispatcher, clock, box } = this.#options;
    const lane = dispatcher.lanes.alarm;
    if (lane.epoch === undefined) return 0;
    const { last } = await source.pull('alarm', Number.MAX_SAFE_INTEGER, 1, signal);
    // An alarm that nothing holds back is sent in its turn at once. An empty lane says little while thousands
    // are to be loaded.
    if (lane.next() === undefined && last - lane.sent <= lane.capacity) return 0;
    const after = Math.max(lane.sent, last - newest, this.#epoch === lane.epoch ? this.#sentUpTo : 0);
    if (last <= after) return 0;
    const batch = await source.pull('alarm', after, newest, signal);
    if (batch.epoch !== lane.epoch) return 0;
    this.#epoch = batch.epoch;
    let sent = 0;
    for (const [i, row] of batch.rows.entries()) {
      const stated =
        typeof row === 'object' && row !== null && 'sequence' in row ? Number(row.sequence) : after + 1 + i;
      const decision = filter.look(row, {
        box,
        epoch: batch.epoch,
        eventclass: 'alarm',
        sequence: stated,
      });
      // An event that may not leave is withheld in its turn, and reported then.
      if (!decision.ok || clock.epochMs() - Date.parse(decision.event.time) > liveLimitMs) continue;
      if (stated <= lane.sent) continue;
      if (!dispatcher.sendAhead(decision.event)) break;
      this.#sentUpTo = stated;
      sent++;
    }
    return sent;
  }
}

import { createHash } from 'node:crypto';
import {
  type DesiredMessage,
  type DesiredReason,
  eventTypes,
  type WireDesiredState,
} from '@gatehouse/contracts';
import { type Clock, isoWithOffset, WindowLimit } from '@gatehouse/kit';
import type { EventStore } from '@gatehouse/store';

/** Up to this many are reported one by one. Each is a row on the disk, and every publisher can cause them. */
const toldPerMinute = 10;

/**
 * Reports messages that are no version of this box, within a budget. A message that the broker repeats at
 * each connection is reported once.
 */
export class Refusals {
  readonly #store: Pick<EventStore, 'record'>;
  readonly #clock: Clock;
  readonly #budget: WindowLimit;
  #last = '';
  #leftOut = 0;

  constructor(store: Pick<EventStore, 'record'>, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
    this.#budget = new WindowLimit(toldPerMinute, 60_000, clock);
  }

  /** Throws `STORE_FULL`. */
  tell(message: DesiredMessage, reason: DesiredReason, key: string | undefined): void {
    const print = createHash('sha256').update(JSON.stringify(message)).update(reason).digest('hex');
    if (print === this.#last) return;
    if (!this.#budget.take()) {
      this.#last = print;
      this.#leftOut++;
      return;
    }
    const time = isoWithOffset(this.#clock.epochMs());
    const data: WireDesiredState = {
      phase: 'refused',
      reason,
      ...(key ? { key } : {}),
      ...(this.#leftOut > 0 ? { leftOut: this.#leftOut } : {}),
    };
    this.#store.record(
      { eventclass: 'door', type: eventTypes.desiredState, time, data },
      { at: time, who: `upstream ${key ?? ''}`.trim(), what: `desired-state refused ${reason}` },
    );
    this.#last = print;
    this.#leftOut = 0;
  }
}

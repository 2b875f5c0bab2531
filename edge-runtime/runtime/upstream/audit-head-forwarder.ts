import type { WireAuditHead } from '@gatehouse/contracts';
import { type Clock, describeError, every, type Log, type Part } from '@gatehouse/kit';
import type { DriversClient } from '@gatehouse/local-api';
import type { EventStore } from '@gatehouse/store';

const lookMs = 60_000;

export interface AuditHeadForwarderOptions {
  readonly store: EventStore;
  readonly drivers: DriversClient;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Sends the drivers the head of their audit chain that the platform has in its database. They keep it in
 * drivers.db, so that a copy of that file can be compared with it. This store has it as well, where the owner
 * of drivers.db cannot change it.
 */
export class AuditHeadForwarder implements Part {
  readonly #options: AuditHeadForwarderOptions;
  #told = 0;
  #stop: () => void = () => undefined;
  constructor(options: AuditHeadForwarderOptions) {
    this.#options = options;
  }
  start(): void {
    this.#stop = every(this.#options.clock, lookMs, () => void this.look());
  }
  stop(): void {
    this.#stop();
  }

  async look(): Promise<void> {
    const { store, drivers, log } = this.#options;
    try {
      const head: WireAuditHead | undefined = store.acknowledgedAuditHead();
      if (!head || head.sequence === this.#told) return;
      await drivers.call('acknowledgeAudit', { body: head });
      this.#told = head.sequence;
    } catch (error) {
      // The drivers may be away; the next look sends it to them.
      log.debug('audit-head-not-told', { why: describeError(error) });
    }
  }
}

import type { WireAuditHead } from '@gatehouse/contracts';
import { type Clock, describeError, every, type LocalClient, type Log, type Part } from '@gatehouse/kit';
import type { EventStore } from '@gatehouse/store';

const lookMs = 60_000;

export interface AuditHeadForwarderOptions {
  readonly store: EventStore;
  readonly drivers: LocalClient;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Tells the drivers which head of their audit chain the platform has in its database. They keep it in drivers.db, so that a copy of that
 * file can be held against it; this store has it as well, where whoever owns drivers.db cannot change it.
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
      await drivers.call('POST', '/audit/acknowledged', { body: head });
      this.#told = head.sequence;
    } catch (error) {
      // The drivers may be away; the next look tells them.
      log.debug('audit-head-not-told', { why: describeError(error) });
    }
  }
}

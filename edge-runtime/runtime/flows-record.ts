import { eventTypes, FlowsStanding, type WireFlowsDeployed } from '@gatehouse/contracts';
import { type Clock, GatehouseError, isoWithOffset, type LocalClient, type Log } from '@gatehouse/kit';
import type { EventStore } from '@gatehouse/store';

/** Who changed the flows, as far as that is known. */
export interface Deployer {
  readonly cause: WireFlowsDeployed['cause'];
  readonly user?: string;
  /** Client address; it stays on the box. */
  readonly address?: string;
}

/** Reports of the flows service come every 10 s; looking costs it a hash of all its flows. */
const lookEveryMs = 30_000;
const nobodyKnown: Deployer = { cause: 'other' };

export interface FlowsRecordOptions {
  readonly flows: Pick<LocalClient, 'call'>;
  readonly store: Pick<EventStore, 'record' | 'accounts'>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Which flows run on the box since when and by whose deed: a row of the audit and an event of the class that
 * is never dropped, in one transaction. Whoever deploys a flow may move doors with it. The runtime keeps it,
 * because it alone knows who asks; the drivers' hash chain does not, because drivers depend on nobody. What
 * the platform has acknowledged nobody at the box can change any more, which is what the head of that chain
 * gives, too. Flows that are found to be others than those on record are recorded as well.
 */
export class FlowsRecord {
  readonly #options: FlowsRecordOptions;
  /** Digest of the flows on record; read from the audit at the first need. */
  #last: string | undefined;
  #read = false;
  /** Whose change is not on record yet. */
  #pending: Deployer | undefined;
  #turn: Promise<void> = Promise.resolve();
  #lookedMs = Number.NEGATIVE_INFINITY;
  constructor(options: FlowsRecordOptions) {
    this.#options = options;
  }

  /**
   * Records that somebody is about to change the flows. Throws `PEER_DOWN` and `STORE_*`; then nothing may be
   * changed.
   */
  async begin({ user, address }: { readonly user: string; readonly address: string }) {
    const by = { cause: 'editor', user, address } as const;
    await this.#settle();
    this.#options.store.accounts.recordAudit({
      ...{ at: this.#now(), who: user, what: 'flows-deploy-request', on: 'flows', from: address },
      detail: { before: this.#last ?? '' },
    });
    return { end: () => this.changed(by) };
  }

  /** Records what somebody has done. What cannot be recorded now is recorded with a later look. */
  async changed(by: Deployer): Promise<void> {
    this.#pending = by;
    await this.#try();
  }

  /** Looks whether the flows are those on record. */
  async look(): Promise<void> {
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs - this.#lookedMs < lookEveryMs) return;
    this.#lookedMs = nowMs;
    await this.#try();
  }

  async #try(): Promise<void> {
    try {
      await this.#settle();
    } catch (error) {
      // Whatever it is: what flows answer must not end the runtime.
      this.#options.log.warn('flows-not-recorded', { error });
    }
  }

  /** One at a time: two looks at once would record one change twice. */
  #settle(): Promise<void> {
    const turn = this.#turn.then(() => this.#record());
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #record(): Promise<void> {
    const { flows, store } = this.#options;
    const after = digestIn(await flows.call('GET', '/gatehouse/flows'));
    const before = this.#lastOnRecord();
    const by = this.#pending ?? nobodyKnown;
    if (after !== before) {
      const { cause, user, address } = by;
      const at = this.#now();
      const data: WireFlowsDeployed = {
        ...{ cause, after },
        ...(user === undefined ? {} : { user }),
        ...(before === undefined ? {} : { before }),
      };
      store.record(
        { eventclass: 'door', type: eventTypes.flowsDeployed, time: at, data },
        {
          ...{ at, who: user ?? 'flows', what: 'flows-deployed', on: 'flows' },
          ...(address === undefined ? {} : { from: address }),
          detail: { cause, after, ...(before === undefined ? {} : { before }) },
        },
      );
    }
    this.#last = after;
    this.#pending = undefined;
  }

  #lastOnRecord(): string | undefined {
    if (!this.#read) {
      const after = this.#options.store.accounts.lastAudit('flows-deployed')?.detail?.after;
      this.#last = typeof after === 'string' ? after : undefined;
      this.#read = true;
    }
    return this.#last;
  }

  #now(): string {
    return isoWithOffset(this.#options.clock.epochMs());
  }
}

/** What flows say of themselves is not believed further than its form: it goes upstream. */
function digestIn(standing: unknown): string {
  const parsed = FlowsStanding.safeParse(standing);
  if (parsed.success && /^[0-9a-f]{64}$/.test(parsed.data.digest)) return parsed.data.digest;
  throw new GatehouseError(
    'PEER_REFUSED',
    'peer',
    'the flows service does not say which flows it runs.',
    'See the log of the flows service.',
  );
}

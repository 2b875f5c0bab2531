import { eventTypes, FlowsStanding, LoginName, type WireFlowsDeployed } from '@gatehouse/contracts';
import { type Clock, errorOf, isoWithOffset, type Log } from '@gatehouse/kit';
import type { FlowsClient } from '@gatehouse/local-api';
import type { EventStore } from '@gatehouse/store';
import { CommandIds } from '../upstream/command-ids.ts';

/** The user who changed the flows, if known. */
export interface Deployer {
  readonly cause: WireFlowsDeployed['cause'];
  readonly user?: string;
  /** Client address; it stays on the box. */
  readonly address?: string;
}

/** The flows service reports every 10 s, and each look costs it a hash of all its flows. */
const lookEveryMs = 30_000;
const nobodyKnown: Deployer = { cause: 'other' };

export interface FlowsAuditOptions {
  readonly flows: Pick<FlowsClient, 'call'>;
  readonly store: Pick<EventStore, 'record' | 'accounts' | 'commandIdKey'>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Records each change of the flows: an audit row and an event of a class that never drops, in one
 * transaction. A flow can move doors, so a deploy must be on record. The runtime keeps the record because it
 * alone knows the user. The drivers' hash chain is not used, because drivers depend on nobody. Nobody at the
 * box can change a record that the platform has acknowledged, which is also the purpose of that chain's head.
 * An unannounced change is found and recorded as well.
 */
export class FlowsAudit {
  readonly #options: FlowsAuditOptions;
  readonly #ids: CommandIds;
  /** Digest of the flows on record; read from the audit when first needed. */
  #last: string | undefined;
  #read = false;
  /** The announced change that is not on record yet. */
  #pending: Deployer | undefined;
  #turn: Promise<void> = Promise.resolve();
  #lookedMs = Number.NEGATIVE_INFINITY;
  constructor(options: FlowsAuditOptions) {
    this.#options = options;
    this.#ids = new CommandIds(() => options.store.commandIdKey);
  }

  /**
   * Records that somebody is about to change the flows. Throws `PEER_DOWN` and `STORE_*`; then the caller
   * must not change them.
   */
  async begin({ user, address }: { readonly user: string; readonly address: string }) {
    const by = { cause: 'editor', user, address } as const;
    await this.#settle();
    this.#options.store.accounts.recordAudit({
      at: this.#now(),
      who: user,
      what: 'flows-deploy-request',
      on: 'flows',
      from: address,
      detail: { before: this.#last ?? '' },
    });
    return { end: () => this.changed(by) };
  }

  /** Records a finished change. If that fails now, a later look records it. */
  async changed(by: Deployer): Promise<void> {
    this.#pending = by;
    await this.#try();
  }

  /** Compares the flows with those on record. */
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
      // No answer of flows may end the runtime.
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
    const after = digestIn(await flows.call('standing'));
    const before = this.#lastOnRecord();
    const by = this.#pending ?? nobodyKnown;
    if (after !== before) {
      const { cause, user, address } = by;
      const at = this.#now();
      // The signer of the platform's own flows is named in the event about its desired state.
      const login = cause === 'editor' ? LoginName.safeParse(user) : undefined;
      const data: WireFlowsDeployed = {
        cause,
        after: this.#ids.idOf(after),
        ...(login?.success ? { user: login.data } : {}),
        ...(before === undefined ? {} : { before: this.#ids.idOf(before) }),
      };
      store.record(
        { eventclass: 'door', type: eventTypes.flowsDeployed, time: at, data },
        {
          at,
          who: user ?? 'flows',
          what: 'flows-deployed',
          on: 'flows',
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

/** The answer of the flows service, checked for its form because it goes upstream. */
function digestIn(standing: unknown): string {
  const parsed = FlowsStanding.safeParse(standing);
  if (parsed.success && /^[0-9a-f]{64}$/.test(parsed.data.digest)) return parsed.data.digest;
  throw errorOf('PEER_REFUSED/flows');
}

import {
  type EventClass,
  type OutboxAck,
  type OutboxAckAnswer,
  type OutboxDoubt,
  OutboxHead,
  type OutboxRefusal,
  runtimeForSync,
  type UplinkStatus,
} from '@gatehouse/contracts';
import { type Clock, errorOf, type Log, type Random } from '@gatehouse/kit';
import { apiClient, type RuntimeSyncClient } from '@gatehouse/local-api';

/**
 * Rows as they came: each is judged by itself, so that one bad row does not hold up its neighbours. What is
 * no JSON is a text.
 */
export interface PulledBatch {
  readonly epoch: string;
  /** The newest sequence of the class that exists. */
  readonly last: number;
  /** The first number of this epoch, where that is not 1. */
  readonly begins?: number | undefined;
  readonly rows: readonly unknown[];
}

export interface OutboxWatcher {
  readonly onLink: (up: boolean) => void;
  readonly onReady: (eventclass: EventClass) => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** The outbox as sync-agent sees it. The runtime owns it; this side pulls, acknowledges and reports. */
export interface OutboxSource {
  pull(eventclass: EventClass, after: number, limit: number, signal: AbortSignal): Promise<PulledBatch>;
  /** Its effect; absent if the runtime does not say. */
  acknowledge(ack: OutboxAck, signal: AbortSignal): Promise<OutboxAckAnswer['outcome'] | undefined>;
  /** Reports the platform's word on an event that it does not acknowledge; gives the effect. */
  doubt(doubt: OutboxDoubt, signal: AbortSignal): Promise<OutboxAckAnswer['outcome'] | undefined>;
  refuse(refusal: OutboxRefusal, signal: AbortSignal): Promise<void>;
  report(status: UplinkStatus, signal: AbortSignal): Promise<void>;
  /**
   * Calls `onReady` whenever something new waits, and `onLink` when that can be heard or no longer; until
   * `signal` aborts.
   */
  watch(watcher: OutboxWatcher, signal: AbortSignal): Promise<void>;
}

const PageHead = OutboxHead.loose();

/** The runtime's socket for sync. */
export class RuntimeOutbox implements OutboxSource {
  readonly #client: RuntimeSyncClient;
  constructor(socket: string) {
    this.#client = apiClient(runtimeForSync, { socket });
  }

  async pull(
    eventclass: EventClass,
    after: number,
    limit: number,
    signal: AbortSignal,
  ): Promise<PulledBatch> {
    const query = { class: eventclass, after, limit };
    const { bytes } = await this.#client.bytes('outbox', { query, signal });
    const [first, ...lines] = bytes.toString('utf8').split('\n');
    const head = PageHead.safeParse(parsed(first ?? ''));
    // The last line ends like every other: without that the answer was cut off.
    if (lines.pop() !== '' || !head.success || head.data.eventclass !== eventclass)
      throw errorOf('OUTBOX_BATCH_INVALID', { eventclass, after });
    const { epoch, last, begins } = head.data;
    return { epoch, last, begins, rows: lines.map(parsed) };
  }

  async acknowledge(ack: OutboxAck, signal: AbortSignal): Promise<OutboxAckAnswer['outcome'] | undefined> {
    return (await this.#client.call('acknowledge', { body: ack, signal }))?.outcome;
  }

  async doubt(doubt: OutboxDoubt, signal: AbortSignal): Promise<OutboxAckAnswer['outcome'] | undefined> {
    return (await this.#client.call('doubt', { body: doubt, signal }))?.outcome;
  }

  async refuse(refusal: OutboxRefusal, signal: AbortSignal): Promise<void> {
    await this.#client.call('refuse', { body: refusal, signal });
  }

  async report(status: UplinkStatus, signal: AbortSignal): Promise<void> {
    await this.#client.call('reportUplink', { body: status, signal });
  }

  watch({ onReady, ...watcher }: OutboxWatcher, signal: AbortSignal): Promise<void> {
    const onEvent = ({ data }: { readonly data: { readonly class: EventClass } }) => onReady(data.class);
    return this.#client.keep('ready', { ...watcher, onEvent }, signal);
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return line;
    throw error;
  }
}

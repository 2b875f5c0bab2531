import {
  EventClass,
  type OutboxAck,
  OutboxBatch,
  type OutboxRefusal,
  type UplinkStatus,
} from '@gatehouse/contracts';
import { GatehouseError, LocalClient, readEventStream } from '@gatehouse/kit';

/** Rows as they came: each is judged by itself, so that one bad row does not hold up its neighbours. */
export interface PulledBatch {
  readonly epoch: string;
  /** The newest sequence of the class that exists. */
  readonly last: number;
  readonly rows: readonly unknown[];
}

/** The outbox as sync-agent sees it. The runtime owns it; this side pulls, acknowledges and reports. */
export interface OutboxSource {
  pull(eventclass: EventClass, after: number, limit: number, signal: AbortSignal): Promise<PulledBatch>;
  acknowledge(ack: OutboxAck, signal: AbortSignal): Promise<void>;
  refuse(refusal: OutboxRefusal, signal: AbortSignal): Promise<void>;
  report(status: UplinkStatus, signal: AbortSignal): Promise<void>;
  /** Calls `onReady` whenever something new waits; returns when the stream ends, throws when it cannot be had. */
  watch(onOpen: () => void, onReady: (eventclass: EventClass) => void, signal: AbortSignal): Promise<void>;
}

const BatchHead = OutboxBatch.omit({ events: true }).loose();
const ReadyEvent = OutboxBatch.pick({ last: true }).extend({ class: EventClass }).loose();

/** The runtime's socket for sync. */
export class RuntimeOutbox implements OutboxSource {
  readonly #client: LocalClient;
  constructor(socket: string) {
    this.#client = new LocalClient('runtime', socket);
  }

  async pull(
    eventclass: EventClass,
    after: number,
    limit: number,
    signal: AbortSignal,
  ): Promise<PulledBatch> {
    const route = `/outbox?class=${eventclass}&after=${after}&limit=${limit}`;
    const answer = await this.#client.call('GET', route, { signal });
    const head = BatchHead.safeParse(answer);
    if (!head.success || !Array.isArray(head.data.events) || head.data.eventclass !== eventclass)
      throw new GatehouseError(
        'OUTBOX_BATCH_INVALID',
        'peer',
        `runtime answered ${route} with something that is no batch.`,
        'Check that runtime and sync are of one version.',
      );
    return { epoch: head.data.epoch, last: head.data.last, rows: head.data.events };
  }

  async acknowledge(ack: OutboxAck, signal: AbortSignal): Promise<void> {
    await this.#client.call('POST', '/outbox/ack', { body: ack, signal });
  }

  async refuse(refusal: OutboxRefusal, signal: AbortSignal): Promise<void> {
    await this.#client.call('POST', '/outbox/refuse', { body: refusal, signal });
  }

  async report(status: UplinkStatus, signal: AbortSignal): Promise<void> {
    await this.#client.call('PUT', '/uplink', { body: status, signal });
  }

  async watch(
    onOpen: () => void,
    onReady: (eventclass: EventClass) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const response = await this.#client.open('GET', '/outbox/ready', { signal });
    try {
      if (response.statusCode !== 200)
        throw new GatehouseError(
          'OUTBOX_WATCH_REFUSED',
          'peer',
          `runtime answered ${response.statusCode} to /outbox/ready.`,
          'Check that runtime and sync are of one version.',
        );
      onOpen();
      for await (const event of readEventStream(response)) {
        const ready = event.event === 'ready' ? ReadyEvent.safeParse(event.data) : undefined;
        if (ready?.success) onReady(ready.data.class);
      }
    } finally {
      response.destroy();
    }
  }
}

import { topics, type WireAck } from '@gatehouse/contracts';
import { BoundedQueue, type Clock, isoWithOffset, type Log, type Part, type Random } from '@gatehouse/kit';
import { keepLink } from '../broker/keep-link.ts';
import type { BrokerLink, BrokerLogin, InboundMessage, Protocol } from '../broker/link.ts';
import { type ReceivedEvent, takeIn } from './intake.ts';
import type { ReceiverStore } from './store.ts';

/** Events that wait for the next commit; one more is dropped, and its box sends it again for want of acknowledgement. */
const queueLimit = 2000;
/** Most events in one transaction. */
const batchLimit = 500;
/** Several receivers of this group share the events of all boxes (MQTT 5.0, 4.8.2). */
const shareGroup = 'gatehouse-receivers';

export interface ReceiverOptions {
  readonly login: BrokerLogin;
  readonly topicPrefix: string;
  readonly store: ReceiverStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/**
 * The platform's end: takes events in, commits them in groups, and only then acknowledges, for each stream, up to
 * where it is complete. A duplicate is acknowledged again, since its box has not seen the first acknowledgement.
 */
export class Receiver implements Part {
  readonly #options: ReceiverOptions;
  readonly #queue = new BoundedQueue<ReceivedEvent>(queueLimit, 'drop-newest');
  readonly #abort = new AbortController();
  #link: BrokerLink | undefined;
  #commitDue = false;
  #running: Promise<void> = Promise.resolve();

  constructor(options: ReceiverOptions) {
    this.#options = options;
  }

  start(): void {
    const { topicPrefix } = this.#options;
    const events = topics.allEvents(topicPrefix);
    const user = {
      filters: (protocol: Protocol) => [protocol === 5 ? `$share/${shareGroup}/${events}` : events],
      onMessage: (message: InboundMessage) => this.#take(message),
      onConfirmed: (error?: Error) => {
        if (error && this.#link) this.#options.log.warn('ack-not-published', { error });
      },
      onUp: (link: BrokerLink) => {
        this.#link = link;
        // Boxes that wait for an acknowledgement learn that somebody is there again.
        this.#acknowledge(this.#options.store.positions());
      },
      onDown: () => {
        this.#link = undefined;
      },
    };
    this.#running = keepLink(this.#options, user, this.#abort.signal);
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#running;
    this.#options.store.close();
  }

  #take(message: InboundMessage): void {
    const { topicPrefix, store, log } = this.#options;
    const intake = takeIn(message, topicPrefix);
    if (!intake.ok) {
      log.warn('event-refused', { why: intake.why, bytes: message.payload.length });
      this.#guarded(() => store.refuse(intake.why, this.#now()));
      return;
    }
    this.#queue.push(intake.event);
    if (this.#commitDue) return;
    this.#commitDue = true;
    // Whatever else the socket has brought by then shares the transaction and its fsync.
    setImmediate(() => this.#commit());
  }

  #commit(): void {
    this.#commitDue = false;
    if (this.#abort.signal.aborted) return;
    while (this.#queue.length > 0) {
      const batch: ReceivedEvent[] = [];
      for (let event = this.#queue.shift(); event; event = this.#queue.shift()) {
        batch.push(event);
        if (batch.length === batchLimit) break;
      }
      this.#guarded(() => this.#acknowledge(this.#options.store.apply(batch, this.#now())));
    }
  }

  /** A full or failing disk must not end the receiver: nothing is acknowledged, and the boxes keep and resend. */
  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#options.log.error('receiver-store-failed', { error });
    }
  }

  #acknowledge(acks: readonly WireAck[]): void {
    for (const ack of acks)
      this.#link?.publish(
        topics.acks(this.#options.topicPrefix, ack.boxid),
        JSON.stringify(ack),
        'application/json',
      );
  }

  #now(): string {
    return isoWithOffset(this.#options.clock.epochMs());
  }
}

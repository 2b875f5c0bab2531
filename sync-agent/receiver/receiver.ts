import { EventClass, topics, type WireAck } from '@gatehouse/contracts';
import {
  BoundedQueue,
  type Clock,
  every,
  GatehouseError,
  isoWithOffset,
  type Log,
  type Part,
  type Random,
} from '@gatehouse/kit';
import { keepLink } from '../broker/keep-link.ts';
import type { BrokerLink, BrokerLogin, InboundMessage, Protocol } from '../broker/link.ts';
import { eventFilters, leftOut } from './classes.ts';
import { type ReceivedEvent, takeIn } from './intake.ts';
import { defaultRetention } from './retention.ts';
import type { ReceiverStore, RetentionDays } from './store.ts';

/**
 * Events that wait for the next commit. From half of it on nothing more is read, and the rest waits in the
 * broker: dropped, a storm came again only after each box's 10 s. What one read of the socket still brings
 * fits into the other half; one more is dropped, and its box sends it again for want of acknowledgement.
 */
const queueLimit = 2000;
const readUpTo = queueLimit / 2;
/** Most events in one transaction. */
const batchLimit = 500;
const pruneEveryMs = 3_600_000;
/**
 * How often the count of refused messages goes to the database: a hostile box must not cost a commit a
 * message.
 */
const refusalsEveryMs = 1000;

export interface ReceiverOptions {
  readonly login: BrokerLogin;
  readonly topicPrefix: string;
  /** All if absent. A box keeps and resends what no receiver takes. */
  readonly classes?: readonly EventClass[] | undefined;
  readonly store: ReceiverStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Default: `defaultRetention`. */
  readonly retention?: RetentionDays;
}

/**
 * The platform's end: takes events in, commits them in groups, and only then acknowledges, for each stream,
 * up to where it is complete. A duplicate is acknowledged again, since its box has not seen the first
 * acknowledgement. One commit at a time: what arrives during it is the next group, so that groups grow with
 * the load and a lone event waits for none.
 */
export class Receiver implements Part {
  readonly #options: ReceiverOptions;
  readonly #queue = new BoundedQueue<ReceivedEvent>(queueLimit, 'drop-newest');
  readonly #refusals = new Map<string, number>();
  readonly #abort = new AbortController();
  #link: BrokerLink | undefined;
  #commitDue = false;
  #roomMade: PromiseWithResolvers<void> | undefined;
  #toldDropped = 0;
  #timers: (() => void)[] = [];
  #running: Promise<void> = Promise.resolve();
  #committing: Promise<void> = Promise.resolve();
  #pruning: Promise<void> = Promise.resolve();

  constructor(options: ReceiverOptions) {
    this.#options = options;
  }

  start(): void {
    const { topicPrefix, clock, store, log, classes = EventClass.options } = this.#options;
    log.info('receiver-classes', { takes: classes, leavesToOthers: leftOut(classes) });
    const user = {
      filters: (protocol: Protocol) => eventFilters(topicPrefix, classes, protocol),
      onMessage: (message: InboundMessage) => this.#take(message),
      room: () => this.#room(),
      onConfirmed: (error?: Error) => {
        if (error && this.#link) log.warn('ack-not-published', { error });
      },
      onUp: (link: BrokerLink) => {
        this.#link = link;
        // Boxes that wait for an acknowledgement learn that somebody is there again.
        void this.#guarded(async () => {
          const positions = await store.positions();
          this.#acknowledge(positions.filter(({ eventclass }) => classes.includes(eventclass)));
        });
      },
      onDown: () => {
        this.#link = undefined;
      },
    };
    this.#running = keepLink(this.#options, user, this.#abort.signal);
    this.#timers = [
      every(clock, refusalsEveryMs, () => this.#wake()),
      every(clock, pruneEveryMs, () => this.#prune()),
    ];
    this.#prune();
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    for (const cancel of this.#timers) cancel();
    await Promise.all([this.#running, this.#committing, this.#pruning]);
    await this.#writeRefusals();
    await this.#options.store.close();
  }

  #take(message: InboundMessage): void {
    const intake = takeIn(message, this.#options.topicPrefix);
    if (!intake.ok) {
      if (!this.#refusals.has(intake.why))
        this.#options.log.warn('event-refused', { why: intake.why, bytes: message.payload.length });
      this.#refused(intake.why);
      return;
    }
    if (this.#queue.push(intake.event)) this.#wake();
  }

  /**
   * Settles once the queue is below where reading stops; nothing to wait for while it is, or once it stops.
   */
  #room(): Promise<void> | undefined {
    if (this.#queue.length < readUpTo || this.#abort.signal.aborted) return undefined;
    this.#roomMade ??= Promise.withResolvers();
    return this.#roomMade.promise;
  }

  #refused(why: string): void {
    this.#refusals.set(why, (this.#refusals.get(why) ?? 0) + 1);
  }

  #wake(): void {
    if (this.#commitDue || this.#abort.signal.aborted) return;
    if (this.#queue.length === 0 && this.#refusals.size === 0) return;
    this.#commitDue = true;
    // All that the socket has brought by then shares the transaction and its fsync.
    setImmediate(() => {
      this.#committing = this.#commit();
    });
  }

  async #commit(): Promise<void> {
    while (this.#queue.length > 0 && !this.#abort.signal.aborted) {
      const batch: ReceivedEvent[] = [];
      for (let event = this.#queue.shift(); event; event = this.#queue.shift()) {
        batch.push(event);
        if (batch.length === batchLimit) break;
      }
      if (this.#queue.length < readUpTo) {
        this.#roomMade?.resolve();
        this.#roomMade = undefined;
      }
      await this.#guarded(() => this.#store(batch));
    }
    await this.#writeRefusals();
    this.#tellDropped();
    this.#commitDue = false;
    if (this.#queue.length > 0) this.#wake();
  }

  /**
   * Stores and acknowledges. Where the database works but refuses the batch, it is halved until the event at
   * fault stands alone: one box's event that cannot be stored is refused and never acknowledged, and costs
   * the others nothing.
   */
  async #store(batch: readonly ReceivedEvent[]): Promise<void> {
    try {
      this.#acknowledge(await this.#options.store.apply(batch, this.#now()));
    } catch (error) {
      if (error instanceof GatehouseError && error.fault === 'environment') throw error;
      if (batch.length <= 1) {
        this.#options.log.error('event-not-stored', { id: batch[0]?.id, error });
        this.#refused('unstorable');
        return;
      }
      const half = Math.ceil(batch.length / 2);
      await this.#store(batch.slice(0, half));
      await this.#store(batch.slice(half));
    }
  }

  async #writeRefusals(): Promise<void> {
    const counted = [...this.#refusals];
    this.#refusals.clear();
    for (const [why, count] of counted)
      await this.#guarded(() => this.#options.store.refuse(why, this.#now(), count));
  }

  #tellDropped(): void {
    if (this.#queue.dropped === this.#toldDropped) return;
    const dropped = this.#queue.dropped - this.#toldDropped;
    this.#toldDropped = this.#queue.dropped;
    this.#options.log.warn('receiver-behind', { dropped, queueLimit });
  }

  #prune(): void {
    const { store, retention = defaultRetention, log } = this.#options;
    this.#pruning = this.#pruning.then(() =>
      this.#guarded(async () => {
        const gone = await store.prune(retention, this.#now());
        if (gone > 0) log.info('events-over-their-term-deleted', { gone });
      }),
    );
  }

  /**
   * A full or failing disk must not end the receiver: nothing is acknowledged, and the boxes keep and resend.
   */
  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
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

import { EventClass, topics, type UplinkStatus } from '@gatehouse/contracts';
import {
  Backoff,
  type Clock,
  describeError,
  type GatehouseError,
  isoWithOffset,
  type Log,
  type Part,
  type Random,
  sleep,
} from '@gatehouse/kit';
import { keepLink } from '../broker/keep-link.ts';
import type { BrokerLink, BrokerLogin } from '../broker/link.ts';
import { AckPoster } from './ack-poster.ts';
import { Admission } from './admission.ts';
import { Dispatcher } from './dispatcher.ts';
import { allowListed, type Inspector } from './egress.ts';
import { Express } from './express.ts';
import { LaneReader } from './lane-reader.ts';
import type { OutboxSource } from './outbox-source.ts';
import { StatusReporter } from './status-reporter.ts';
import { WarnBudget } from './warn-budget.ts';

/** This many acknowledgement time-outs without any acknowledgement are told to people. */
const quietTimeouts = 3;
/** The longest event with its topic and header; a broker that takes less cannot be used. */
const neededPacketBytes = 10 * 1024;

export interface UplinkOptions {
  readonly box: string;
  readonly login: BrokerLogin;
  readonly topicPrefix: string;
  readonly window: number;
  readonly ackTimeoutMs: number;
  readonly source: OutboxSource;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** What may leave the box; only a test that shows why it is needed gives another. */
  readonly inspect?: Inspector;
}

/** The way up: outbox rows, through the allow-list, to the broker, until the platform has acknowledged them. */
export class Uplink implements Part {
  readonly #options: UplinkOptions;
  readonly #dispatcher: Dispatcher;
  readonly #readers: Readonly<Record<EventClass, LaneReader>>;
  readonly #express: Express;
  readonly #acks: AckPoster;
  readonly #reporter: StatusReporter;
  readonly #warnings: WarnBudget;
  readonly #abort = new AbortController();
  #link: BrokerLink | undefined;
  #trouble: GatehouseError | undefined;
  #publishTrouble: string | undefined;
  #lastAckAt: string | undefined;
  #running: Promise<unknown> = Promise.resolve();

  constructor(options: UplinkOptions) {
    const { source, clock, random, log } = options;
    this.#options = options;
    this.#warnings = new WarnBudget(log, clock);
    this.#acks = new AckPoster(source, clock, random, log);
    this.#dispatcher = new Dispatcher({
      ...options,
      onAcknowledged: (ack) => {
        this.#lastAckAt = isoWithOffset(clock.epochMs());
        this.#publishTrouble = undefined;
        this.#acks.post(ack);
        this.#readers[ack.eventclass].roomMade();
      },
    });
    const admission = new Admission(options.inspect ?? allowListed, source, clock, log);
    const reader = (eventclass: EventClass) =>
      new LaneReader({
        ...options,
        lane: this.#dispatcher.lanes[eventclass],
        admission,
        onLoaded: () => this.#dispatcher.pump(),
      });
    this.#readers = {
      alarm: reader('alarm'),
      door: reader('door'),
      health: reader('health'),
      telemetry: reader('telemetry'),
    };
    this.#express = new Express({
      ...options,
      lane: this.#dispatcher.lanes.alarm,
      admission,
      send: (event) => this.#dispatcher.express(event),
    });
    this.#reporter = new StatusReporter(source, clock, log, () => this.status());
  }

  start(): void {
    const signal = this.#abort.signal;
    this.#running = Promise.all([
      keepLink(this.#options, this.#linkUser(), signal),
      ...EventClass.options.map((eventclass) => this.#readers[eventclass].run(signal)),
      this.#express.run(signal),
      this.#watchOutbox(signal),
      this.#acks.run(signal),
      this.#reporter.run(signal),
    ]);
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#running;
    this.#dispatcher.detach();
  }

  /** How the uplink stands now. */
  status(): UplinkStatus {
    const lastAckAt = this.#lastAckAt === undefined ? {} : { lastAckAt: this.#lastAckAt };
    if (!this.#link) {
      if (!this.#trouble) return { state: 'connecting', ...lastAckAt };
      return { state: 'down', detail: describeError(this.#trouble).slice(0, 300), ...lastAckAt };
    }
    const detail = this.#publishTrouble ?? this.#quiet();
    const told = detail === undefined ? {} : { detail: detail.slice(0, 300) };
    return { state: 'connected', protocol: this.#link.protocol, ...told, ...lastAckAt };
  }

  #quiet(): string | undefined {
    const unansweredMs = this.#dispatcher.unansweredMs();
    if (unansweredMs < quietTimeouts * this.#options.ackTimeoutMs) return undefined;
    return `UPLINK_UNACKNOWLEDGED: events are sent but nothing has been acknowledged for ${Math.round(unansweredMs / 1000)} s. Check the platform's receiver.`;
  }

  #linkUser() {
    const { topicPrefix, box } = this.#options;
    return {
      filters: () => [topics.acks(topicPrefix, box)],
      onMessage: this.#dispatcher.onMessage.bind(this.#dispatcher),
      onConfirmed: (error?: Error) => {
        if (error && this.#link) this.#publishRefused(error);
        this.#dispatcher.pump();
      },
      onUp: (link: BrokerLink) => this.#up(link),
      onDown: (reason: GatehouseError) => {
        this.#link = undefined;
        this.#trouble = reason;
        this.#dispatcher.detach();
        this.#reporter.changed();
      },
    };
  }

  #up(link: BrokerLink): void {
    this.#link = link;
    this.#publishTrouble = undefined;
    if (link.maximumPacketBytes < neededPacketBytes)
      this.#publishTrouble = `BROKER_PACKET_LIMIT: the broker takes packets up to ${link.maximumPacketBytes} bytes, events need ${neededPacketBytes}. Raise its limit.`;
    else this.#dispatcher.attach(link);
    this.#reporter.changed();
  }

  /** The broker took the connection but not this publish (no right, quota): the event stays and is sent again later. */
  #publishRefused(error: Error): void {
    this.#warnings.warn('publish-refused', 'broker', { error });
    this.#publishTrouble = `BROKER_PUBLISH_REFUSED: the broker refuses events (${error.message}). Check the rights that it grants this box.`;
    this.#reporter.changed();
  }

  async #watchOutbox(signal: AbortSignal): Promise<void> {
    const { source, clock, random, log } = this.#options;
    const watching = (on: boolean) => {
      for (const eventclass of EventClass.options) this.#readers[eventclass].watching = on;
    };
    const backoff = new Backoff({ firstMs: 100, capMs: 5000 }, random);
    const onOpen = () => {
      backoff.reset();
      watching(true);
    };
    const onReady = (eventclass: EventClass, last: number) => {
      this.#readers[eventclass].ready();
      if (eventclass === 'alarm') this.#express.grown(last);
    };
    while (!signal.aborted) {
      try {
        await source.watch(onOpen, onReady, signal);
      } catch (error) {
        if (!signal.aborted && backoff.attempt === 0) log.warn('outbox-watch-lost', { error });
      }
      if (signal.aborted) return;
      watching(false);
      this.#express.lost();
      await sleep(clock, backoff.nextMs(), signal);
    }
  }
}

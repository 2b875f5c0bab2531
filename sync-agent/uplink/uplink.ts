import { randomBytes } from 'node:crypto';
import {
  asDetail,
  EventClass,
  errorFault,
  type HealthFault,
  healthFault,
  type OutboxAck,
  type OutboxAckAnswer,
  type OutboxDoubt,
  serviceHealth,
  type UplinkStatus,
  type WireEvent,
} from '@gatehouse/contracts';
import {
  type Clock,
  type GatehouseError,
  isoWithOffset,
  type Log,
  type Part,
  type Random,
} from '@gatehouse/kit';
import { AckPoster } from './ack-poster.ts';
import { Dispatcher } from './dispatcher.ts';
import { allowListed, type Inspector } from './egress.ts';
import { EgressFilter } from './egress-filter.ts';
import { LaneReader } from './lane-reader.ts';
import { LiveAlarms } from './live-alarms.ts';
import type { OutboxSource } from './outbox-source.ts';
import { SharedId } from './shared-id.ts';
import type { Sink, SinkLink, SinkUser } from './sink.ts';
import { type Beside, type CommandLink, StatusReporter } from './status-reporter.ts';
import type { Throttle } from './throttle.ts';
import { WarnBudget } from './warn-budget.ts';

/** This many acknowledgement time-outs without any acknowledgement are told to people. */
const quietTimeouts = 3;
export interface UplinkOptions {
  readonly box: string;
  readonly sink: Sink;
  readonly window: number;
  readonly ackTimeoutMs: number;
  readonly maxKbps?: number | undefined;
  readonly throttle?: Throttle;
  /** Names this start; drawn if absent. */
  readonly incarnation?: string;
  /** Other users of this link; each of their faults is told. */
  readonly beside?: readonly Beside[] | undefined;
  readonly source: OutboxSource;
  /** Reported beside the uplink, where the site takes commands. */
  readonly commands?: CommandLink | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /**
   * The allow-list of events that may leave the box; only a test that shows why it is needed gives another.
   */
  readonly inspect?: Inspector;
}

/**
 * The way up: outbox rows, through the allow-list, to the broker, until the platform has acknowledged them.
 */
export class Uplink implements Part {
  readonly #options: UplinkOptions;
  readonly #dispatcher: Dispatcher;
  readonly #readers: Readonly<Record<EventClass, LaneReader>>;
  readonly #acks: AckPoster;
  readonly #reporter: StatusReporter;
  readonly #warnings: WarnBudget;
  readonly #abort = new AbortController();
  readonly #filter: EgressFilter;
  readonly #liveAlarms: LiveAlarms;
  readonly #shared: SharedId;
  #link: SinkLink | undefined;
  #trouble: GatehouseError | undefined;
  #publishTrouble: string | undefined;
  #lastAckAt: string | undefined;
  #running: Promise<unknown> = Promise.resolve();

  constructor(options: UplinkOptions) {
    const { source, clock, random, log } = options;
    this.#options = options;
    this.#warnings = new WarnBudget(log, clock);
    this.#shared = new SharedId(options.box, clock, () => this.#reporter.changed());
    this.#acks = new AckPoster(source, clock, random, log, (outcome, ack) => this.#judged(outcome, ack));
    this.#dispatcher = new Dispatcher({
      incarnation: randomBytes(8).toString('hex'),
      ...options,
      onDoubt: (doubt) => this.#acks.post(doubt),
      onTwin: () => this.#shared.see('twin'),
      onAcknowledged: (ack) => {
        this.#lastAckAt = isoWithOffset(clock.epochMs());
        this.#publishTrouble = undefined;
        this.#acks.post(ack);
        this.#readers[ack.eventclass].roomMade();
      },
    });
    this.#filter = new EgressFilter(options.inspect ?? allowListed, source, clock, log);
    const reader = (eventclass: EventClass) =>
      new LaneReader({
        ...options,
        lane: this.#dispatcher.lanes[eventclass],
        filter: this.#filter,
        onLoaded: () => this.#dispatcher.pump(),
      });
    this.#readers = {
      alarm: reader('alarm'),
      door: reader('door'),
      health: reader('health'),
      telemetry: reader('telemetry'),
    };
    this.#liveAlarms = new LiveAlarms({
      ...options,
      filter: this.#filter,
      dispatcher: this.#dispatcher,
    });
    const { commands, beside } = options;
    this.#reporter = new StatusReporter(source, clock, log, () => this.status(), commands, beside);
  }

  start(): void {
    const signal = this.#abort.signal;
    this.#running = Promise.all([
      this.#options.sink.run(this.#sinkUser(), signal),
      this.#liveAlarms.run(signal),
      ...EventClass.options.map((eventclass) => this.#readers[eventclass].run(signal)),
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

  /** How the uplink stands now, with everything that is not well about it. */
  status(): UplinkStatus {
    const link = this.#link;
    const faults = this.#faults();
    const warning = link?.warning();
    const notes = warning === undefined ? [] : [asDetail(warning)];
    const { detail } = serviceHealth(faults, notes);
    return {
      state: link ? 'connected' : this.#trouble ? 'down' : 'connecting',
      ...(link?.protocol ? { protocol: link.protocol } : {}),
      ...(detail === undefined ? {} : { detail }),
      ...(faults.length > 0 ? { faults } : {}),
      ...(notes.length > 0 ? { notes } : {}),
      ...(this.#lastAckAt === undefined ? {} : { lastAckAt: this.#lastAckAt }),
    };
  }

  #faults(): HealthFault[] {
    const away = this.#trouble ? [errorFault('platform', this.#trouble)] : [];
    return [
      ...this.#shared.health(),
      ...(this.#link ? this.#linkFaults() : away),
      ...(this.#options.beside ?? []).flatMap((part) => part.health()),
    ];
  }

  /** Faults although the link is up. */
  #linkFaults(): HealthFault[] {
    const reason = this.#publishTrouble;
    return [
      ...(reason === undefined ? [] : [healthFault('platform', 'BROKER_PUBLISH_REFUSED', { reason })]),
      ...this.#quiet(),
    ];
  }

  #quiet(): HealthFault[] {
    const limitMs = quietTimeouts * this.#options.ackTimeoutMs;
    return this.#dispatcher.unanswered().flatMap(({ eventclass, ms }) => {
      if (ms < limitMs) return [];
      const seconds = Math.round(ms / 1000);
      return [healthFault('platform', 'UPLINK_UNACKNOWLEDGED', { eventclass, seconds })];
    });
  }

  #sinkUser(): SinkUser {
    return {
      onUp: (link) => {
        this.#link = link;
        this.#publishTrouble = undefined;
        this.#dispatcher.attach(link);
        this.#reporter.changed();
      },
      onDown: (reason) => {
        this.#link = undefined;
        this.#trouble = reason;
        if (reason.code === 'BROKER_ID_TAKEN' || reason.code === 'BROKER_KICKS')
          this.#shared.see('connection');
        this.#dispatcher.detach();
        this.#reporter.changed();
      },
      onConfirmed: (error) => {
        if (error && this.#link) this.#publishRefused(error);
        this.#dispatcher.onConfirmed();
      },
      onAcknowledged: (ack) => this.#dispatcher.onAcknowledged(ack),
      onAckRefused: (why, bytes) => this.#dispatcher.onAckRefused(why, bytes),
      onRejected: (event, why) => void this.#rejected(event, why),
    };
  }

  /** The store's verdict on the platform's word. */
  #judged(outcome: OutboxAckAnswer['outcome'], { epoch, eventclass, claim }: OutboxAck | OutboxDoubt): void {
    if (outcome !== 'forked' && outcome !== 'foreign') return;
    this.#options.log.error('outbox-disowned', { outcome, epoch, eventclass, claim });
    // In a new epoch all that waits is to be sent under it.
    if (outcome === 'forked') for (const one of EventClass.options) this.#ready(one);
    else this.#shared.see('foreign');
  }

  /**
   * An event that the platform will never take is recorded on the box; a stand-in then carries its number.
   */
  async #rejected(event: WireEvent, why: string): Promise<void> {
    const { boxid: box, epoch, eventclass, sequence } = event;
    const origin = { box, epoch, eventclass, sequence };
    try {
      const signal = this.#abort.signal;
      this.#dispatcher.replace(
        await this.#filter.withhold(event, origin, 'refused-by-platform', why, signal),
      );
    } catch (error) {
      // The runtime is away: the event stays as it is, is refused again, and this is tried again.
      this.#options.log.warn('rejection-not-recorded', { eventclass, sequence, error });
    }
  }

  /**
   * The broker took the connection but not this publish (no right, quota): the event stays and is sent again
   * later.
   */
  #publishRefused(error: Error): void {
    this.#warnings.warn('publish-refused', 'broker', { error });
    this.#publishTrouble = error.message;
    this.#reporter.changed();
  }

  #ready(eventclass: EventClass): void {
    this.#readers[eventclass].ready();
    if (eventclass === 'alarm') this.#liveAlarms.ready();
  }

  #watchOutbox(signal: AbortSignal): Promise<void> {
    const { source, clock, random, log } = this.#options;
    const onLink = (up: boolean) => {
      for (const eventclass of EventClass.options) this.#readers[eventclass].watching = up;
    };
    const onReady = (eventclass: EventClass) => this.#ready(eventclass);
    return source.watch({ onLink, onReady, clock, random, log }, signal);
  }
}

import { EventClass, type OutboxAck, topics, type WireAck, type WireEvent } from '@gatehouse/contracts';
import { Backoff, type Clock, type Log, type Random } from '@gatehouse/kit';
import type { BrokerLink, InboundMessage } from '../broker/link.ts';
import { type AckRefusal, readAck } from './acknowledgement.ts';
import { ClassLane } from './class-lane.ts';
import { WarnBudget } from './warn-budget.ts';

/** What waited longer than this since its time is history to whoever watches live. */
export const liveLimitMs = 60_000;
/** CloudEvents 1.0.2, MQTT binding 3.2: structured mode; JSON is UTF-8 (RFC 8259, 8.1). */
export const contentType = 'application/cloudevents+json';
/** A fifth of the window is kept free for alarms, so that a backlog in flight never makes a live alarm wait. */
const alarmShare = 0.2;
/** Rows held beyond the window, so that acknowledgements are not followed by pulls of a row or two each. */
export const readAhead = 100;
/** An acknowledgement that moves nothing (a receiver that came back) asks for a resend at most this often. */
const nudgeMs = 1000;
/** Events that may wait to go ahead. Drop policy: what is above goes in its order. */
const mostAhead = 50;

/** Where events go; the parts of a broker link that sending needs. */
export type EventLink = Pick<BrokerLink, 'publish' | 'unconfirmed' | 'receiveMaximum'>;

export interface DispatcherOptions {
  readonly box: string;
  readonly topicPrefix: string;
  /** Most events in flight, all classes together. */
  readonly window: number;
  readonly ackTimeoutMs: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** The outbox may delete up to here. */
  onAcknowledged(ack: OutboxAck): void;
}

interface Resend {
  readonly backoff: Backoff;
  dueMs: number | undefined;
  nudgedMs: number;
}

/**
 * Decides what goes out next and when again. Synchronous: it acts when rows are loaded, the link changes, an
 * acknowledgement or a PUBACK comes, or a resend falls due. Order of the lanes is the priority: alarms first.
 */
export class Dispatcher {
  readonly lanes: Readonly<Record<EventClass, ClassLane>>;
  readonly #options: DispatcherOptions;
  readonly #resends: Readonly<Record<EventClass, Resend>>;
  readonly #warnings: WarnBudget;
  readonly #ackTopic: string;
  /** What goes ahead of its class's order as soon as the link takes it. */
  #ahead: WireEvent[] = [];
  #link: EventLink | undefined;
  #cancelTimer: (() => void) | undefined;
  #unansweredSinceMs: number | undefined;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#warnings = new WarnBudget(options.log, options.clock);
    this.#ackTopic = topics.acks(options.topicPrefix, options.box);
    const lane = (eventclass: EventClass) => new ClassLane(eventclass, options.window + readAhead);
    this.lanes = {
      alarm: lane('alarm'),
      door: lane('door'),
      health: lane('health'),
      telemetry: lane('telemetry'),
    };
    // Not before the timeout, and then later and later: 1.25 to 1.5 times it at first, 3 to 5 times in the end.
    const half = { firstMs: options.ackTimeoutMs / 2, capMs: options.ackTimeoutMs * 4 };
    const resend = (): Resend => ({
      backoff: new Backoff(half, options.random),
      dueMs: undefined,
      nudgedMs: Number.NEGATIVE_INFINITY,
    });
    this.#resends = { alarm: resend(), door: resend(), health: resend(), telemetry: resend() };
  }

  /** A link is up: whatever was in flight on the last one goes out again, for its PUBACK meant nothing durable. */
  attach(link: EventLink): void {
    this.#link = link;
    for (const eventclass of EventClass.options) {
      this.lanes[eventclass].resendSentBefore(Number.POSITIVE_INFINITY);
      this.#resends[eventclass].dueMs = undefined;
      this.#resends[eventclass].backoff.reset();
    }
    this.pump();
  }

  detach(): void {
    this.#link = undefined;
    this.#ahead = [];
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  /** Sends what may be sent. Call it whenever something has changed. */
  pump(): void {
    if (!this.#link) return;
    while (this.#ahead.length > 0 && this.#link.unconfirmed < this.#link.receiveMaximum) {
      const event = this.#ahead.shift();
      if (event) this.#publish(event, this.lanes[event.eventclass], this.#link);
    }
    for (const eventclass of EventClass.options) this.#pumpLane(this.lanes[eventclass], this.#link);
    this.#arm();
  }

  /**
   * Sends an event once, ahead of its class's order, and beside the window, which is for what is resent until it is acknowledged.
   * False when there is no link, when it is no longer news, or when too many wait already: it goes in its order then.
   */
  express(event: WireEvent): boolean {
    const isNews = this.#options.clock.epochMs() - Date.parse(event.time) <= liveLimitMs;
    if (!this.#link || !isNews || this.#ahead.length >= mostAhead) return false;
    this.#ahead.push(event);
    this.pump();
    return true;
  }

  /** A message on the acknowledgement topic; anything but a sound acknowledgement is refused and logged. */
  onMessage(message: InboundMessage): void {
    const reading = readAck(message, this.#ackTopic, this.#options.box);
    const why = reading.ok ? this.#implausible(reading.ack) : reading.why;
    if (why !== undefined) this.#warnings.warn('ack-refused', why, { bytes: message.payload.length });
    else if (reading.ok) this.#acknowledge(reading.ack);
  }

  /** Milliseconds since events in flight last saw the platform acknowledge anything; 0 if nothing is in flight. */
  unansweredMs(): number {
    return this.#unansweredSinceMs === undefined
      ? 0
      : this.#options.clock.monotonicMs() - this.#unansweredSinceMs;
  }

  #implausible({ epoch, eventclass, upTo }: WireAck): AckRefusal | undefined {
    const lane = this.lanes[eventclass];
    if (epoch !== lane.epoch) return 'unknown-epoch';
    return upTo > lane.last ? 'never-existed' : undefined;
  }

  #acknowledge({ epoch, eventclass, upTo }: WireAck): void {
    const lane = this.lanes[eventclass];
    const settled = lane.acknowledge(upTo);
    if (settled === undefined) this.#nudge(lane);
    else {
      const resend = this.#resends[eventclass];
      resend.backoff.reset();
      resend.dueMs = lane.inFlight > 0 ? this.#nextDueMs(resend) : undefined;
      this.#unansweredSinceMs = this.#inFlight() > 0 ? this.#options.clock.monotonicMs() : undefined;
      this.#options.onAcknowledged({ epoch, eventclass, upTo: settled });
    }
    this.pump();
  }

  /** A receiver that has just come back says where it stands: no need to wait for the time-out. */
  #nudge(lane: ClassLane): void {
    const resend = this.#resends[lane.eventclass];
    const nowMs = this.#options.clock.monotonicMs();
    if (lane.inFlight === 0 || nowMs - resend.nudgedMs < nudgeMs) return;
    resend.nudgedMs = nowMs;
    lane.resendSentBefore(nowMs - nudgeMs);
  }

  #pumpLane(lane: ClassLane, link: EventLink): void {
    const resend = this.#resends[lane.eventclass];
    for (let event = lane.next(); event && this.#maySend(lane, link); event = lane.next()) {
      this.#publish(event, lane, link);
      const nowMs = this.#options.clock.monotonicMs();
      lane.markSent(nowMs);
      this.#unansweredSinceMs ??= nowMs;
      resend.dueMs ??= this.#nextDueMs(resend);
    }
  }

  #publish(event: WireEvent, lane: ClassLane, link: EventLink): void {
    const topic = topics.events(this.#options.topicPrefix, this.#options.box, lane.eventclass);
    link.publish(topic, JSON.stringify(this.#dressed(event, lane)), contentType);
  }

  #maySend(lane: ClassLane, link: EventLink): boolean {
    const window = Math.min(this.#options.window, link.receiveMaximum);
    const reserved = lane.eventclass === 'alarm' ? 0 : Math.min(window - 1, Math.ceil(window * alarmShare));
    return this.#inFlight() < window - reserved && link.unconfirmed < link.receiveMaximum;
  }

  #inFlight(): number {
    return EventClass.options.reduce((sum, c) => sum + this.lanes[c].inFlight, 0);
  }

  /** Only the wire's own attributes change; `id` stays what the outbox row says. */
  #dressed(event: WireEvent, lane: ClassLane): WireEvent {
    const ageMs = this.#options.clock.epochMs() - Date.parse(event.time);
    const { historical: _, settled: __, ...facts } = event;
    return { ...facts, ...(ageMs > liveLimitMs ? { historical: true } : {}), settled: lane.settled };
  }

  #nextDueMs(resend: Resend): number {
    return this.#options.clock.monotonicMs() + this.#options.ackTimeoutMs + resend.backoff.nextMs();
  }

  #arm(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const due = EventClass.options.map((c) => this.#resends[c].dueMs).filter((ms) => ms !== undefined);
    if (due.length === 0) return;
    const delayMs = Math.max(0, Math.min(...due) - this.#options.clock.monotonicMs());
    this.#cancelTimer = this.#options.clock.after(delayMs, () => this.#resendDue());
  }

  #resendDue(): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const eventclass of EventClass.options) {
      const resend = this.#resends[eventclass];
      if (resend.dueMs === undefined || resend.dueMs > nowMs) continue;
      const lane = this.lanes[eventclass];
      const again = lane.resendSentBefore(nowMs - this.#options.ackTimeoutMs);
      if (again > 0)
        this.#warnings.warn('ack-overdue', eventclass, { again, from: lane.next()?.sequence ?? 0 });
      resend.dueMs = lane.size > 0 ? this.#nextDueMs(resend) : undefined;
    }
    this.pump();
  }
}

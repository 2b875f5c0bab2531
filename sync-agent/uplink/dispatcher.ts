import {
  EventClass,
  type OutboxAck,
  type OutboxDoubt,
  type WireAck,
  type WireEvent,
} from '@gatehouse/contracts';
import { Backoff, type Clock, type Log, type Random } from '@gatehouse/kit';
import type { AckRefusal } from './acknowledgement.ts';
import { ClassLane } from './class-lane.ts';
import type { SinkLink } from './sink.ts';
import { Throttle } from './throttle.ts';
import { WarnBudget } from './warn-budget.ts';

/** An event older than this is history to people who watch live. */
export const liveLimitMs = 60_000;
/**
 * A fifth of the window is kept free for alarms, so that a backlog in flight never makes a live alarm wait.
 */
const alarmShare = 0.2;
/** Rows held beyond the window, so that acknowledgements are not followed by pulls of a row or two each. */
export const readAhead = 200;
/** An acknowledgement that moves nothing (a receiver that came back) asks for a resend at most this often. */
const nudgeMs = 1000;

/** Where events go; the parts of a sink's link that sending needs. */
export type EventLink = Pick<SinkLink, 'send' | 'wireBytes' | 'unconfirmed' | 'receiveMaximum'>;

export interface DispatcherOptions {
  /** Most events in flight, all classes together. */
  readonly window: number;
  readonly ackTimeoutMs: number;
  /** Most thousands of bits a second; alarms may exceed it by a bounded amount. */
  readonly maxKbps?: number | undefined;
  /** The link's own bucket where something else draws from it as well; one of `maxKbps` if absent. */
  readonly throttle?: Throttle;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Names this start: two that the platform hears side by side are two boxes. */
  readonly incarnation?: string | undefined;
  /** The outbox may delete up to here, if what the platform says of its event is true. */
  onAcknowledged(ack: OutboxAck): void;
  /** The platform says something that this process cannot judge: the store has the events. */
  onDoubt?(doubt: OutboxDoubt): void;
  /** The platform hears another box under this id. */
  onTwin?(): void;
}

interface Resend {
  readonly backoff: Backoff;
  dueMs: number | undefined;
  nudgedMs: number;
  /** Since when events in flight have seen no acknowledgement of their class. */
  unansweredSinceMs: number | undefined;
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
  readonly #throttle: Throttle;
  #link: EventLink | undefined;
  #cancelTimer: (() => void) | undefined;
  /** When that timer fires, monotonic milliseconds. */
  #armedForMs: number | undefined;
  #heldByBroker = false;
  /** Monotonic milliseconds at which the throttle lets more through. */
  #throttledUntilMs: number | undefined;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#warnings = new WarnBudget(options.log, options.clock);
    this.#throttle = options.throttle ?? new Throttle(options.maxKbps, options.clock);
    const lane = (eventclass: EventClass) => new ClassLane(eventclass, options.window + readAhead);
    this.lanes = {
      alarm: lane('alarm'),
      door: lane('door'),
      health: lane('health'),
      telemetry: lane('telemetry'),
    };
    // Not before the timeout, and then later and later: 1.25 to 1.5 times it at first, 3 to 5 times in the
    // end.
    const half = { firstMs: options.ackTimeoutMs / 2, capMs: options.ackTimeoutMs * 4 };
    const resend = (): Resend => ({
      backoff: new Backoff(half, options.random),
      dueMs: undefined,
      nudgedMs: Number.NEGATIVE_INFINITY,
      unansweredSinceMs: undefined,
    });
    this.#resends = { alarm: resend(), door: resend(), health: resend(), telemetry: resend() };
  }

  /**
   * A link is up: whatever was in flight on the last one goes out again, for its PUBACK meant nothing
   * durable.
   */
  attach(link: EventLink): void {
    this.#link = link;
    for (const eventclass of EventClass.options) {
      this.lanes[eventclass].resendSentBefore(Number.POSITIVE_INFINITY);
      this.#resends[eventclass].dueMs = undefined;
      this.#resends[eventclass].unansweredSinceMs = undefined;
      this.#resends[eventclass].backoff.reset();
    }
    this.pump();
  }

  detach(): void {
    this.#link = undefined;
    this.#disarm();
  }

  /**
   * The broker has taken an event: it changes what may be sent only where the broker's receive maximum stood
   * in the way.
   */
  onConfirmed(): void {
    if (this.#heldByBroker) this.pump();
  }

  /** Sends what may be sent. Call it whenever something has changed. */
  pump(): void {
    if (!this.#link) return;
    this.#throttledUntilMs = undefined;
    this.#heldByBroker = false;
    // In order of priority: what the throttle keeps of one class, no lower one may overtake.
    for (const eventclass of EventClass.options) {
      if (this.#throttledUntilMs !== undefined) break;
      this.#pumpLane(this.lanes[eventclass], this.#link);
    }
    this.#arm();
  }

  /** The platform says up to where it has a class; a number that cannot be is refused and logged. */
  onAcknowledged(ack: WireAck): void {
    if (ack.twin) this.#options.onTwin?.();
    const why = this.#implausible(ack);
    if (why !== undefined) this.onAckRefused(why, 0);
    this.#doubt(ack, why);
    if (why === undefined) this.#acknowledge(ack);
  }

  /**
   * A number that this store never had, and an event that was refused for another under its number: the
   * platform and this store have two histories of one epoch, or there is another box. The store finds out
   * which; nothing is acknowledged by it.
   */
  #doubt({ epoch, eventclass, upTo, digest, conflict }: WireAck, why: AckRefusal | undefined): void {
    if (why === 'unknown-epoch') return;
    const about = { epoch, eventclass };
    if (why === 'never-existed')
      this.#options.onDoubt?.({
        ...about,
        claim: { as: 'held', sequence: upTo, ...(digest ? { digest } : {}) },
      });
    if (conflict) this.#options.onDoubt?.({ ...about, claim: { as: 'refused', ...conflict } });
  }

  /** `why` comes from a closed list, never from the platform. */
  onAckRefused(why: string, bytes: number): void {
    this.#warnings.warn('ack-refused', why, { bytes });
  }

  /**
   * Sends a copy of an event that waits behind a long backlog of its class; its own turn comes as if this had
   * not been. Returns whether it could be sent now.
   */
  sendAhead(event: WireEvent): boolean {
    const link = this.#link;
    if (!link || link.unconfirmed >= link.receiveMaximum) return false;
    const dressed = this.dressed(event);
    const payload = JSON.stringify(dressed);
    if (this.#throttle.take(link.wireBytes(event.eventclass, payload), true) > 0) return false;
    link.send(dressed, payload);
    return true;
  }

  /** Something else goes out in the place of an event that the platform will never take. */
  replace(event: WireEvent): void {
    this.lanes[event.eventclass].replace(event);
    this.pump();
  }

  /**
   * The classes whose events in flight wait for an acknowledgement, and how long, the longest wait first.
   * Told by class, because one that no receiver takes does not keep the others from being acknowledged.
   */
  unanswered(): { readonly eventclass: EventClass; readonly ms: number }[] {
    const nowMs = this.#options.clock.monotonicMs();
    return EventClass.options
      .flatMap((eventclass) => {
        const { unansweredSinceMs } = this.#resends[eventclass];
        return unansweredSinceMs === undefined ? [] : [{ eventclass, ms: nowMs - unansweredSinceMs }];
      })
      .sort((a, b) => b.ms - a.ms);
  }

  #implausible({ epoch, eventclass, upTo }: WireAck): AckRefusal | undefined {
    const lane = this.lanes[eventclass];
    if (epoch !== lane.epoch) return 'unknown-epoch';
    return upTo > lane.last ? 'never-existed' : undefined;
  }

  #acknowledge({ epoch, eventclass, upTo, digest }: WireAck): void {
    const lane = this.lanes[eventclass];
    const settled = lane.acknowledge(upTo);
    if (settled === undefined) this.#nudge(lane);
    else {
      const resend = this.#resends[eventclass];
      resend.backoff.reset();
      resend.dueMs = lane.inFlight > 0 ? this.#nextDueMs(resend) : undefined;
      resend.unansweredSinceMs = lane.inFlight > 0 ? this.#options.clock.monotonicMs() : undefined;
      const claim = digest && upTo > 0 ? { claim: { as: 'held', sequence: upTo, digest } as const } : {};
      this.#options.onAcknowledged({ epoch, eventclass, upTo: settled, ...claim });
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
      const dressed = this.dressed(event);
      const payload = JSON.stringify(dressed);
      const nowMs = this.#options.clock.monotonicMs();
      const waitMs = this.#throttle.take(
        link.wireBytes(lane.eventclass, payload),
        lane.eventclass === 'alarm',
      );
      if (waitMs > 0) {
        this.#throttledUntilMs = nowMs + waitMs;
        return;
      }
      link.send(dressed, payload);
      lane.markSent(nowMs);
      resend.unansweredSinceMs ??= nowMs;
      resend.dueMs ??= this.#nextDueMs(resend);
    }
  }

  #maySend(lane: ClassLane, link: EventLink): boolean {
    const window = Math.min(this.#options.window, link.receiveMaximum);
    const reserved = lane.eventclass === 'alarm' ? 0 : Math.min(window - 1, Math.ceil(window * alarmShare));
    this.#heldByBroker = link.unconfirmed >= link.receiveMaximum;
    return this.#inFlight() < window - reserved && !this.#heldByBroker;
  }

  #inFlight(): number {
    return EventClass.options.reduce((sum, c) => sum + this.lanes[c].inFlight, 0);
  }

  /** Only the wire's own attributes change; `id` stays what the outbox row says. */
  dressed(event: WireEvent): WireEvent {
    const lane = this.lanes[event.eventclass];
    const ageMs = this.#options.clock.epochMs() - Date.parse(event.time);
    const { historical: _, settled: __, begins: ___, incarnation: ____, ...facts } = event;
    const { incarnation } = this.#options;
    const { settled, begins } = lane;
    return {
      ...facts,
      ...(ageMs > liveLimitMs ? { historical: true } : {}),
      settled,
      ...(begins === undefined ? {} : { begins }),
      ...(incarnation === undefined ? {} : { incarnation }),
    };
  }

  #nextDueMs(resend: Resend): number {
    return this.#options.clock.monotonicMs() + this.#options.ackTimeoutMs + resend.backoff.nextMs();
  }

  #arm(): void {
    const times = [...EventClass.options.map((c) => this.#resends[c].dueMs), this.#throttledUntilMs];
    const due = times.filter((ms) => ms !== undefined);
    const nextMs = due.length === 0 ? undefined : Math.min(...due);
    if (nextMs === this.#armedForMs) return;
    this.#disarm();
    if (nextMs === undefined) return;
    this.#armedForMs = nextMs;
    const delayMs = Math.max(0, nextMs - this.#options.clock.monotonicMs());
    this.#cancelTimer = this.#options.clock.after(delayMs, () => {
      this.#armedForMs = undefined;
      this.#resendDue();
    });
  }

  #disarm(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#armedForMs = undefined;
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

import type { Bus } from '@gatehouse/contracts';
import { type Clock, errorOf, type GatehouseError } from '@gatehouse/kit';
import type { ByteLine } from './byte-line.ts';
import type { LocalEcho } from './reply-reading.ts';
import { type BusRequest, busError, type Exchange } from './request.ts';
import { PortTrouble } from './serial/port-trouble.ts';

/** Behaviour of a serial line besides its answers, as seen since it was opened. */
export interface LineHabits {
  readonly localEcho: LocalEcho;
  /** Replies that were taken. */
  readonly replies: number;
  /** Those of them with 00 or FF before or behind them that no board said. */
  readonly noisyReplies: number;
}

/** The remedy for a line on which 00 or FF is read that nobody sent. */
export const noiseRemedy = 'Fit bias resistors on A and B, once on the line, and a terminator at each end.';

/** One way to a bus: opened, used for one exchange at a time, thrown away when it fails. */
export interface Link {
  open(): Promise<void>;
  close(): void;
  /**
   * One request and its reply; throws `BUS_*`. `patienceMs`: on a serial line the unit is given up after so
   * long already, and rests as after the whole time-out. Elsewhere a gateway's own patience decides.
   */
  exchange(request: BusRequest, patienceMs?: number): Promise<Exchange>;
  /**
   * Milliseconds for which this unit must be left alone, because a reply to an earlier request may still come
   * and would be taken for the next one's; 0 when it can be asked.
   */
  restMs(unit: number): number;
  /** Absent on Modbus TCP. */
  readonly habits?: LineHabits;
  /** True when only a fresh connection makes sure of that. */
  readonly mustReopen: boolean;
  onClose(fn: () => void): void;
}

export interface LinkOptions {
  readonly clock: Clock;
  /**
   * Serial framing only: for how long after `timeoutMs` a unit that did not answer well is left alone. RTU
   * replies carry no number: a same-shaped reply that comes even later cannot be told apart, so it must
   * exceed the slowest board's turnaround.
   */
  readonly quarantineMs: number;
  /** Instead of the real line; for tests. */
  readonly line?: ByteLine;
}

/** Where a bus is, as messages name it: `host:port` or the serial device's path. */
export function placeOf(bus: Bus): string {
  return bus.kind === 'modbus-rtu' ? bus.path : `${bus.host}:${bus.port}`;
}

/** Why a bus could not be opened; what is wrong with a serial device is told with its own remedy. */
export function cannotOpen(bus: Bus, cause: unknown): GatehouseError {
  const message = cause instanceof Error ? cause.message.replace(/\.$/, '') : String(cause);
  if (cause instanceof PortTrouble)
    return errorOf('BUS_DOWN/port', { bus: bus.id, what: message, remedy: cause.remedy }, { cause });
  return busError('BUS_DOWN', bus.id, `cannot open ${placeOf(bus)} (${message})`, cause);
}

/** A timer that fires so long after its time says that this process itself was late, milliseconds. */
const lateByMs = 5;
/**
 * For so long it then looks for what has come meanwhile: a serial device is read two turns of the event loop
 * later.
 */
const lookMs = 20;

/**
 * Calls `fn` when no reply has come within `limitMs`. A process that was busy hears of the time before it
 * hears of the line, so a reply that has come in time would be taken for none, and the unit be left alone for
 * as long as a late one might still come.
 */
export function afterNoReply(clock: Clock, limitMs: number, fn: () => void): () => void {
  const dueMs = clock.monotonicMs() + limitMs;
  let cancel = clock.after(limitMs, () => {
    if (clock.monotonicMs() - dueMs < lateByMs) fn();
    else cancel = clock.after(lookMs, fn);
  });
  return () => cancel();
}

/** Settles like `work`, or rejects with `late()` after `limitMs`. */
export function within<T>(clock: Clock, limitMs: number, work: Promise<T>, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(limitMs, () => reject(late()));
    work.then(resolve, reject).finally(cancel);
  });
}

import { isOver, type Lease, leaseEnd, type Now } from './lease.ts';

export type HoldEnd = 'over' | 'let-go' | 'released';

/** What holds a device open. */
export interface Hold {
  readonly by: 'lease' | 'fire';
  readonly lease: Lease;
  /** When its relay was last written, monotonic milliseconds. */
  readonly writtenMs: number;
}

/** A relay that is on and that nobody here holds is given this long beyond a pulse, milliseconds: a predecessor may have begun one. */
const strayGraceMs = 2_000;

/** A board counts a pulse in steps and rounds it up, by a second at most (`stepMs` of the profiles), milliseconds. */
const roundedUpMs = 1_000;

/** What a device's relays are held for by us, and what they are read as. */
export class RelayHolds {
  readonly #pulseMs: number;
  readonly #ours = new Map<number, number>();
  readonly #strayOnMs = new Map<number, number>();
  readonly #readOn = new Set<number>();

  constructor(pulseMs: number) {
    this.#pulseMs = pulseMs;
  }

  /** We close a relay until then. */
  closed(channel: number, untilMs: number): void {
    this.#ours.set(channel, untilMs);
  }
  opened(channel: number): void {
    this.#ours.delete(channel);
  }
  /** Channels that we hold closed now, but for one. */
  others(channel: number, nowMs: number): number[] {
    return [...this.#ours].flatMap(([other, untilMs]) =>
      other !== channel && untilMs > nowMs ? [other] : [],
    );
  }

  /** Whether we hold a relay closed now. */
  isOurs(channel: number, nowMs: number): boolean {
    return (this.#ours.get(channel) ?? Number.NEGATIVE_INFINITY) > nowMs;
  }
  /** Whether a relay may be closed now, by us or, as it was read last, by anybody. */
  mayBeOn(channel: number, nowMs: number): boolean {
    const untilMs = this.#ours.get(channel);
    return this.#readOn.has(channel) || (untilMs !== undefined && untilMs + roundedUpMs > nowMs);
  }

  /** Takes a reading of a relay in. */
  read(channel: number, on: boolean, nowMs: number): void {
    if (on) this.#readOn.add(channel);
    else this.#readOn.delete(channel);
    if (!on || this.isOurs(channel, nowMs)) this.#strayOnMs.delete(channel);
    else if (!this.#strayOnMs.has(channel)) this.#strayOnMs.set(channel, nowMs);
  }
  lost(): void {
    this.#strayOnMs.clear();
    this.#readOn.clear();
  }
  /** A relay has been on for longer than any pulse without anybody here holding it. */
  stray(nowMs: number): boolean {
    return [...this.#strayOnMs.values()].some((sinceMs) => nowMs - sinceMs > this.#pulseMs + strayGraceMs);
  }
}

/** Whether a hold ends with this reading of its relay. A fire's does not: it is held anew until the latch is reset. */
export function holdEnd(hold: Hold, relayOn: boolean, now: Now): HoldEnd | undefined {
  if (hold.by === 'fire') return undefined;
  return leaseEnd(hold.lease, { on: relayOn, sinceWriteMs: now.monotonicMs - hold.writtenMs }, now);
}

/** A hold by the fire latch has to be written anew: its relay let go, or the board's pulse is about to end. */
export function wantsRenewal(hold: Hold | undefined, relayOn: boolean, now: Now): boolean {
  if (hold?.by !== 'fire' || !relayOn) return true;
  return isOver({ ...hold.lease, untilMs: hold.lease.untilMs - renewBeforeMs }, now);
}
const renewBeforeMs = 60_000;

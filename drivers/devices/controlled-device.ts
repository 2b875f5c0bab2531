import {
  actionsOf,
  type CommandOutcome,
  type Device,
  type DeviceAction,
  type DeviceState,
} from '@gatehouse/contracts';
import { type Clock, isoWithOffset } from '@gatehouse/kit';
import type { SendOptions } from '../bus/field-bus.ts';
import { didNothing, type Exchange } from '../bus/request.ts';
import { pulseRelay } from '../profiles/requests.ts';
import { type Alarm, wiringAlarms } from './alarms.ts';
import type { Board, BoardListener, Comms, Reading } from './board.ts';
import { type ContactStates, type Contacts, contactsOf, readContacts, settlesAtMs } from './contacts.ts';
import { DeviceRelays } from './device-relays.ts';
import { watchesForced } from './door.ts';
import { type Hold, type HoldEnd, holdEnd } from './hold.ts';
import type { Member } from './interlock.ts';
import { granted, type Lease, type Now } from './lease.ts';
import { motionOf } from './motion.ts';
import type { RelayRelease } from './relay-release.ts';
import { type Circumstances, channelOf, hasReflex, type Refusal, refusal } from './safety.ts';

/** Reports of a device to the rest of the service. */
export interface DeviceObserver {
  changed(device: ControlledDevice): void;
  commsChanged(device: string, comms: 'ok' | 'lost', reason: string | undefined): void;
  /** A barrier is coming down onto a vehicle. */
  raise(device: ControlledDevice): void;
  /** All alarms that hold now; not called while it is lost. */
  alarms(device: ControlledDevice, alarms: readonly Alarm[]): void;
  holdEnded(device: ControlledDevice, hold: Hold, end: HoldEnd): void;
  /** Its open relay was read. */
  relayRead(device: ControlledDevice, on: boolean): void;
  /** Circumstances that count besides the device itself. */
  around(device: ControlledDevice): Pick<Circumstances, 'fireLatched' | 'interlock'>;
}

/** How an action is carried out. `onTake` is called right before the write that the action is. */
export interface PulseOptions extends SendOptions {
  /**
   * Called right before a relay is let go that is in the way of the action; throwing refuses that, and the
   * action with it.
   */
  readonly check?: () => void;
  /** Told of each write that was answered. */
  readonly record: (exchange: Exchange) => void;
  /** How long the relay closes, milliseconds; the device's own pulse if absent. */
  readonly forMs?: number;
  readonly holdBy?: Hold['by'];
  /** The box acts by itself because something is below. */
  readonly reflex?: boolean;
}

export interface DeviceParts {
  readonly board: Board;
  readonly release: RelayRelease;
  readonly observer: DeviceObserver;
  readonly clock: Clock;
}

/**
 * A door, gate or barrier on its board: its machine fed by the board's readings, and the relays it may close.
 */
export class ControlledDevice implements BoardListener {
  readonly spec: Device;
  readonly board: Board;
  readonly #parts: DeviceParts;
  readonly #motion: ReturnType<typeof motionOf>;
  readonly #relays: DeviceRelays;
  #contacts: ContactStates = {};
  #contactsAskedMs: number | undefined;
  #lastCommand: CommandOutcome | undefined;
  #raisedMs = Number.NEGATIVE_INFINITY;
  /**
   * When it was pressed last and has not been seen to leave its closed end since; of step-by-step control.
   */
  #steppedMs: number | undefined;
  #hold: Hold | undefined;
  #alarms: readonly Alarm[] = [];
  #relaysSeen = false;
  #shown = '';

  constructor(spec: Device, parts: DeviceParts) {
    this.spec = spec;
    this.board = parts.board;
    this.#parts = parts;
    this.#motion = motionOf(spec);
    // It is not known which order a predecessor gave right before it ended.
    this.#steppedMs = parts.clock.monotonicMs();
    this.#relays = new DeviceRelays(spec, parts);
  }

  get position(): DeviceState['position'] {
    return this.#motion.position;
  }
  get held(): Hold | undefined {
    return this.#hold;
  }

  /** Milliseconds since the contacts were asked for; infinite while unknown. */
  get contactsAgeMs(): number {
    const asked = this.#contactsAskedMs;
    return asked === undefined ? Number.POSITIVE_INFINITY : this.#now().monotonicMs - asked;
  }

  refusal(action: DeviceAction): Refusal | undefined {
    const around = this.#parts.observer.around(this);
    const steps =
      this.#now().monotonicMs - (this.#steppedMs ?? Number.NEGATIVE_INFINITY) < this.spec.moveWithinMs;
    return refusal(this.spec, { ...around, contacts: this.#read, held: this.#hold?.by, steps }, action);
  }

  channel(action: DeviceAction): number | undefined {
    return channelOf(this.spec, action);
  }

  /** As the interlocks see it. */
  member(): Member {
    const { position } = this.#motion;
    const known = this.board.comms === 'ok' && (position === 'open' || position === 'closed');
    const strikeOn = this.#relays.others(-1, this.#now().monotonicMs - unlockedAfterMs).length > 0;
    return { id: this.spec.id, position: known ? position : 'unknown', unlocked: strikeOn };
  }

  /** Before the service started it was sent down, and nobody has seen it arrive since. */
  interrupted(): void {
    const { monotonicMs } = this.#now();
    this.#motion.interrupted(monotonicMs);
    // Its pulse may not be over yet: a raise lets it go first.
    const { close } = this.spec.outputs;
    if (close !== undefined) this.#relays.closed(close, monotonicMs + this.spec.pulseMs);
  }

  /** A lease that was found after a restart; nothing is written for it. */
  resume(lease: Lease): void {
    this.#begin('lease', lease);
  }

  /**
   * Closes the relay of an action, or opens it to end a hold; a relay that the box times is let go whatever
   * else happens.
   */
  async act(action: DeviceAction, options: PulseOptions): Promise<void> {
    const channel = this.channel(action);
    if (channel === undefined) throw new Error(`device ${this.spec.id} has no relay to ${action}`);
    if (action === 'release') return this.#letGo(channel, options);
    const { check, onTake: _take, ...sending } = options;
    const byItself = options.reflex === true || options.holdBy === 'fire';
    const how = {
      sending: { ...sending, ...(check ? { onTake: check } : {}) },
      byItself,
      record: options.record,
    };
    for (let attempt = 1; ; attempt++) {
      await this.#relays.clearFor(action, how);
      try {
        return await this.#pulse(action, channel, {
          ...options,
          mayCross: byItself || attempt >= clearAttempts,
        });
      } catch (error) {
        if (!(error instanceof Crossed)) throw error;
      }
    }
  }

  async #pulse(
    action: Exclude<DeviceAction, 'release'>,
    channel: number,
    options: PulseOptions & { readonly mayCross: boolean },
  ): Promise<void> {
    const { profile, unit } = this.board;
    const forMs = options.forMs ?? this.spec.pulseMs;
    let steppedBefore = this.#steppedMs;
    const onTake = () => {
      if (!options.mayCross && this.#relays.inTheWay(action).length > 0) throw new Crossed();
      options.onTake?.();
      const { monotonicMs } = this.#now();
      this.#motion.ordered(action === 'hold-open' ? 'open' : action, monotonicMs, options.reflex === true);
      steppedBefore = this.#steppedMs;
      this.#steppedMs = monotonicMs;
      if (options.holdBy) this.#begin(options.holdBy, granted(forMs, this.#now()));
      // Only a stop has left any: whatever else closes a relay has let the others go before.
      for (const other of this.#relays.others(channel, monotonicMs)) this.#relays.dropBehindStop(other);
      this.#relays.closed(channel, monotonicMs + forMs);
      const { release } = this.#parts;
      if (profile.pulse.by === 'box') release.after(this.board, channel, forMs, options.holdBy === 'fire');
      else release.forget(this.board, channel);
    };
    try {
      const exchange = await this.board.write(pulseRelay(profile, unit, channel, forMs), {
        ...options,
        onTake,
      });
      options.record(exchange);
      this.#motion.answered('answered', this.#now().monotonicMs);
    } catch (error) {
      // After a missing echo, or an exception that says nothing of the relay, it may have moved.
      if (didNothing(error)) {
        this.#undone(channel, options);
        this.#steppedMs = steppedBefore;
      }
      throw error;
    } finally {
      this.#show();
    }
  }

  #undone(channel: number, { holdBy }: PulseOptions): void {
    this.#motion.answered('refused', this.#now().monotonicMs);
    this.#relays.opened(channel);
    if (holdBy) this.#end('let-go');
  }

  async #letGo(channel: number, options: PulseOptions): Promise<void> {
    await this.#relays.letGo(channel, { sending: options, record: options.record });
    this.#relays.drop(channel);
    this.#end('released');
    this.#show();
  }

  /** The fire latch was reset: its relay is let go, and looked after until it is. */
  endFire(): void {
    if (this.#hold?.by !== 'fire') return;
    const channel = this.spec.outputs.open;
    this.#relays.drop(channel);
    this.#end('released');
    this.#show();
  }

  commandEnded(outcome: CommandOutcome): void {
    this.#lastCommand = outcome;
    this.#show();
  }

  view(): DeviceState {
    const { id, kind, name, hold } = this.spec;
    const { ageMs, comms } = this.board;
    const known = comms === 'ok';
    const { condition } = this.#motion;
    return {
      id,
      kind,
      name,
      position: known ? this.#motion.position : 'unknown',
      ...(known && condition ? { condition } : {}),
      ...(this.#hold ? { hold: shownHold(this.#hold) } : {}),
      ...(this.#alarms.length > 0 ? { alarms: this.#alarms.map((alarm) => alarm.kind) } : {}),
      comms,
      ...(ageMs === undefined ? {} : { ageMs }),
      inputs: known ? { ...this.#read } : {},
      actions: actionsOf(this.spec),
      ...(hold ? { maxHoldS: hold.maxS } : {}),
      ...(this.#lastCommand ? { lastCommand: this.#lastCommand } : {}),
    };
  }

  moving(): boolean {
    const watchesExit = this.spec.inputs.exit !== undefined && watchesForced(this.spec);
    return this.#motion.moving || watchesExit || this.settlesAtMs() !== undefined;
  }
  settlesAtMs(): number | undefined {
    return settlesAtMs(this.spec, this.#contacts);
  }

  inputsRead({ bits, askedMs }: Reading): void {
    // A reading asked for before a later one may arrive only in order: the bus does one request at a time.
    const { monotonicMs } = this.#now();
    this.#contactsAskedMs = askedMs;
    this.#contacts = readContacts(this.spec, this.#contacts, bits, askedMs);
    this.#motion.observed(this.#read, monotonicMs);
    if (this.#read.closed === false) this.#steppedMs = undefined;
    this.#reflex();
    this.#alarms = [
      ...this.#motion.alarms,
      ...wiringAlarms(this.#read, this.#relays.stray(monotonicMs), this.#motion.barrier),
    ];
    if (this.board.comms === 'ok') this.#parts.observer.alarms(this, this.#alarms);
    this.#show();
  }

  relaysRead({ bits }: Reading): void {
    const now = this.#now();
    const open = this.spec.outputs.open;
    const on = bits[open] === true;
    this.#adoptRelays(bits, now);
    for (const channel of this.#channels())
      this.#relays.read(channel, bits[channel] === true, now.monotonicMs);
    const end = this.#hold && holdEnd(this.#hold, on, now);
    if (end) {
      if (on && end === 'over') this.#relays.drop(open);
      this.#end(end);
    }
    this.#parts.observer.relayRead(this, on);
    this.#show();
  }

  /**
   * At start, and after an outage: a relay that nobody here holds was left on by a predecessor, and is let
   * go.
   */
  #adoptRelays(bits: readonly boolean[], now: Now): void {
    if (this.#relaysSeen) return;
    this.#relaysSeen = true;
    if (this.board.profile.pulse.by !== 'box') return;
    for (const channel of this.#channels()) {
      const leftMs =
        channel === this.spec.outputs.open ? (this.#hold?.lease.untilMs ?? 0) - now.monotonicMs : 0;
      if (bits[channel]) this.#parts.release.after(this.board, channel, Math.max(0, leftMs));
    }
  }

  commsChanged(comms: Comms, reason: string | undefined): void {
    if (comms === 'lost') {
      this.#contacts = {};
      this.#motion.lost(this.#now().monotonicMs);
      this.#contactsAskedMs = undefined;
      this.#relaysSeen = false;
      this.#relays.lost();
    }
    if (comms !== 'starting') this.#parts.observer.commsChanged(this.spec.id, comms, reason);
    this.#show();
  }

  get #read(): Contacts {
    return contactsOf(this.#contacts);
  }

  #now(): Now {
    const { clock } = this.#parts;
    return { epochMs: clock.epochMs(), monotonicMs: clock.monotonicMs() };
  }

  #channels(): number[] {
    return Object.values(this.spec.outputs).filter((channel) => channel !== undefined);
  }

  #begin(by: Hold['by'], lease: Lease): void {
    this.#hold = { by, lease, writtenMs: this.#now().monotonicMs };
    this.#relays.closed(this.spec.outputs.open, lease.untilMs);
    this.#motion.held(true, this.#now().monotonicMs);
  }

  #end(end: HoldEnd): void {
    const hold = this.#hold;
    if (!hold) return;
    this.#hold = undefined;
    this.#relays.opened(this.spec.outputs.open);
    this.#motion.held(false, this.#now().monotonicMs);
    this.#parts.observer.holdEnded(this, hold, end);
  }

  /**
   * Raises at once, and again while the board has not answered: a lost order must not leave an arm above a
   * car.
   */
  #reflex(): void {
    const { monotonicMs } = this.#now();
    if (!hasReflex(this.spec) || !this.#motion.mustRaise) return;
    if (monotonicMs - this.#raisedMs < raiseAgainMs) return;
    this.#raisedMs = monotonicMs;
    this.#parts.observer.raise(this);
  }

  /** Tells the observer what people would see differently; age alone is no change. */
  #show(): void {
    const { ageMs: _age, ...visible } = this.view();
    const text = JSON.stringify(visible);
    if (text === this.#shown) return;
    this.#shown = text;
    this.#parts.observer.changed(this);
  }
}

/** While this waited for the bus another order's relay was closed: it is to be let go first. */
class Crossed extends Error {}
/** A stop that was given meanwhile goes out first; so many of them may. */
const clearAttempts = 4;

/** Between two raises of one arm, milliseconds: longer than an exchange with its time-out. */
const raiseAgainMs = 500;
/** A strike lets go a moment after its relay; until then the door may still be pulled open, milliseconds. */
const unlockedAfterMs = 1_000;

function shownHold({ by, lease }: Hold): NonNullable<DeviceState['hold']> {
  return by === 'fire' ? { by } : { by, until: isoWithOffset(lease.untilEpochMs) };
}

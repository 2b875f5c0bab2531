import {
  actionsOf,
  type CommandOutcome,
  type Device,
  type DeviceAction,
  type DeviceState,
} from '@gatehouse/contracts';
import { type Clock, GatehouseError } from '@gatehouse/kit';
import type { SendOptions } from '../bus/field-bus.ts';
import type { Exchange } from '../bus/request.ts';
import { pulseRelay } from '../profiles/requests.ts';
import type { Board, BoardListener, Comms, Reading } from './board.ts';
import { type Contacts, type MachineState, observed, ordered, unknownState } from './machine.ts';
import type { RelayRelease } from './relay-release.ts';
import { channelOf, mustRaise, type Refusal, refusal } from './safety.ts';

/** What a device tells the rest of the service. */
export interface DeviceObserver {
  changed(state: DeviceState): void;
  commsChanged(device: string, comms: 'ok' | 'lost', reason: string | undefined): void;
  /** A barrier is coming down onto a vehicle. */
  raise(device: ControlledDevice): void;
}

/** A door or barrier on its board: the state machine fed by the board's readings, and the relays it may pulse. */
export class ControlledDevice implements BoardListener {
  readonly spec: Device;
  readonly board: Board;
  readonly #clock: Clock;
  readonly #release: RelayRelease;
  readonly #observer: DeviceObserver;
  #machine: MachineState = unknownState;
  #contactsAskedMs: number | undefined;
  #lastCommand: CommandOutcome | undefined;
  #raising = false;
  #lastPulse: { readonly channel: number; readonly untilMs: number } | undefined;
  #relaysSeen = false;
  #shown = '';

  constructor(spec: Device, board: Board, release: RelayRelease, observer: DeviceObserver, clock: Clock) {
    this.spec = spec;
    this.board = board;
    this.#release = release;
    this.#observer = observer;
    this.#clock = clock;
  }

  get position(): DeviceState['position'] {
    return this.#machine.position;
  }

  /** Milliseconds since the contacts were asked for; infinite while unknown. */
  get contactsAgeMs(): number {
    const asked = this.#contactsAskedMs;
    return asked === undefined ? Number.POSITIVE_INFINITY : this.#clock.monotonicMs() - asked;
  }

  refusal(action: DeviceAction): Refusal | undefined {
    return refusal(this.spec, this.#machine, action);
  }

  channel(action: DeviceAction): number | undefined {
    return channelOf(this.spec, action);
  }

  /** Pulses the relay of an action; on a board that cannot time it, our release follows whatever else happens. */
  async pulse(action: DeviceAction, options: SendOptions): Promise<Exchange> {
    const channel = this.channel(action);
    if (channel === undefined) throw new Error(`device ${this.spec.id} has no relay to ${action}`);
    const { profile, unit } = this.board;
    const onTake = () => {
      options.onTake?.();
      this.#machine = ordered(this.#machine, action, this.#clock.monotonicMs());
      if (profile.pulse.by === 'box') this.#release.after(this.board, channel, this.spec.pulseMs);
    };
    const request = pulseRelay(profile, unit, channel, this.spec.pulseMs);
    try {
      return await this.board.write(request, { ...options, onTake });
    } catch (error) {
      // The board says that it did not do it; after a missing echo it may have.
      if (error instanceof GatehouseError && error.code === 'BUS_EXCEPTION')
        this.#machine = { ...this.#machine, move: undefined };
      throw error;
    } finally {
      this.#letGoOthers(action, channel);
      this.#show();
    }
  }

  /** Drops the relay of an earlier pulse: an arm must not hear two orders at once for longer than a frame. */
  #letGoOthers(action: DeviceAction, channel: number): void {
    const nowMs = this.#clock.monotonicMs();
    const last = this.#lastPulse;
    if (last && last.channel !== channel && last.untilMs > nowMs)
      this.#release.after(this.board, last.channel, 0);
    if (this.#machine.move?.action === action)
      this.#lastPulse = { channel, untilMs: nowMs + this.spec.pulseMs };
  }

  commandEnded(outcome: CommandOutcome): void {
    this.#lastCommand = outcome;
    this.#show();
  }

  view(): DeviceState {
    const { id, kind, name } = this.spec;
    const ageMs = this.board.ageMs;
    const known = this.board.comms === 'ok';
    return {
      id,
      kind,
      name,
      position: known ? this.#machine.position : 'unknown',
      comms: this.board.comms,
      ...(ageMs === undefined ? {} : { ageMs }),
      inputs: known ? { ...this.#machine.contacts } : {},
      actions: actionsOf(this.spec),
      ...(this.#lastCommand ? { lastCommand: this.#lastCommand } : {}),
    };
  }

  moving(): boolean {
    return this.#machine.move !== undefined;
  }

  inputsRead({ bits, askedMs }: Reading): void {
    // A reading asked for before a later one may arrive only in order: the bus does one request at a time.
    this.#contactsAskedMs = askedMs;
    this.#machine = observed(this.spec, this.#machine, this.#contacts(bits), this.#clock.monotonicMs());
    this.#reflex();
    this.#show();
  }

  /** At start, and after an outage: a relay that nobody here holds was left on by a predecessor, and is let go. */
  relaysRead({ bits }: Reading): void {
    if (this.#relaysSeen) return;
    this.#relaysSeen = true;
    if (this.board.profile.pulse.by !== 'box') return;
    for (const channel of Object.values(this.spec.outputs))
      if (channel !== undefined && bits[channel]) this.#release.after(this.board, channel, 0);
  }

  commsChanged(comms: Comms, reason: string | undefined): void {
    if (comms === 'lost') {
      this.#machine = unknownState;
      this.#contactsAskedMs = undefined;
      this.#relaysSeen = false;
    }
    if (comms !== 'starting') this.#observer.commsChanged(this.spec.id, comms, reason);
    this.#show();
  }

  /** One raise for one lowering, until the arm is no longer on its way down. */
  #reflex(): void {
    const must = mustRaise(this.spec, this.#machine);
    if (must && !this.#raising) this.#observer.raise(this);
    this.#raising = must;
  }

  #contacts(bits: readonly boolean[]): Contacts {
    const { open, closed, loop } = this.spec.inputs;
    return {
      ...(open === undefined ? {} : { open: bits[open] === true }),
      ...(closed === undefined ? {} : { closed: bits[closed] === true }),
      ...(loop === undefined ? {} : { loop: bits[loop] === true }),
    };
  }

  /** Tells the observer what people would see differently; age alone is no change. */
  #show(): void {
    const { ageMs: _age, ...visible } = this.view();
    const text = JSON.stringify(visible);
    if (text === this.#shown) return;
    this.#shown = text;
    this.#observer.changed(this.view());
  }
}

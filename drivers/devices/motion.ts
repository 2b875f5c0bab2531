import type { Device, DeviceCondition, DeviceState } from '@gatehouse/contracts';
import { type Alarm, doorAlarms } from './alarms.ts';
import { type BarrierState, mustRaise, type Order, stepBarrier, unknownBarrier } from './barrier.ts';
import type { Contacts } from './contacts.ts';
import { type DoorState, doorPosition, stepDoor, unknownDoor } from './door.ts';

/** A device's machine, whichever it has: what the rest of the service asks of it. */
export interface Motion {
  readonly position: DeviceState['position'];
  readonly condition: DeviceCondition | undefined;
  readonly barrier: BarrierState | undefined;
  readonly alarms: readonly Alarm[];
  /** Something is on its way, or may be: short polls are wanted. */
  readonly moving: boolean;
  /** It comes down onto what is below it. */
  readonly mustRaise: boolean;
  observed(contacts: Contacts, nowMs: number): void;
  ordered(order: Order, nowMs: number, reflex: boolean): void;
  /** Fate of the order: the board has answered it, or said that it did not take it. */
  answered(how: 'answered' | 'refused', nowMs: number): void;
  /** The last that a predecessor did was to close it. */
  interrupted(nowMs: number): void;
  held(held: boolean, nowMs: number): void;
  lost(nowMs: number): void;
}

export function motionOf(spec: Device): Motion {
  return spec.kind === 'door' ? new DoorMotion(spec) : new BarrierMotion(spec);
}

class DoorMotion implements Motion {
  readonly barrier = undefined;
  /**
   * An open is watched at its contact until it is there. Nothing depends on seeing the door fall shut any
   * sooner.
   */
  readonly moving = false;
  readonly mustRaise = false;
  readonly #spec: Device;
  #state: DoorState = unknownDoor;
  constructor(spec: Device) {
    this.#spec = spec;
  }

  get position() {
    return doorPosition(this.#state.contacts);
  }
  get condition() {
    const { is } = this.#state;
    return is === 'unknown' || is === 'closed' || is === 'open' ? undefined : is;
  }
  get alarms() {
    return doorAlarms(this.#spec, this.#state);
  }
  observed(contacts: Contacts, nowMs: number): void {
    this.#state = stepDoor(this.#spec, this.#state, { type: 'contacts', contacts }, nowMs);
  }
  ordered(_order: Order, nowMs: number): void {
    this.#state = stepDoor(this.#spec, this.#state, { type: 'unlocked' }, nowMs);
  }
  answered(): void {
    // A door stays what its contact says; that somebody was let in for nothing raises no alarm.
  }
  interrupted(): void {
    // Nothing of a door goes on by itself.
  }
  held(held: boolean, nowMs: number): void {
    this.#state = stepDoor(this.#spec, this.#state, { type: 'held', held }, nowMs);
  }
  lost(nowMs: number): void {
    this.#state = stepDoor(this.#spec, this.#state, { type: 'lost' }, nowMs);
  }
}

class BarrierMotion implements Motion {
  readonly alarms = [];
  readonly #spec: Device;
  #state: BarrierState = unknownBarrier;
  #held = false;
  constructor(spec: Device) {
    this.#spec = spec;
  }

  get position() {
    return this.#state.position;
  }
  get condition() {
    if (this.#state.obstructed) return 'obstructed';
    return this.#held ? 'locked-open' : undefined;
  }
  get barrier() {
    return this.#state;
  }
  get moving() {
    return this.#state.move !== undefined || this.#state.downSinceMs !== undefined;
  }
  get mustRaise() {
    return mustRaise(this.#state);
  }

  observed(contacts: Contacts, nowMs: number): void {
    this.#state = stepBarrier(this.#spec, this.#state, { type: 'contacts', contacts }, nowMs);
  }
  ordered(order: Order, nowMs: number, reflex: boolean): void {
    this.#state = stepBarrier(this.#spec, this.#state, { type: 'ordered', order, reflex }, nowMs);
  }
  answered(type: 'answered' | 'refused', nowMs: number): void {
    this.#state = stepBarrier(this.#spec, this.#state, { type }, nowMs);
  }
  interrupted(nowMs: number): void {
    this.#state = stepBarrier(this.#spec, this.#state, { type: 'interrupted' }, nowMs);
  }
  held(held: boolean): void {
    this.#held = held;
  }
  lost(nowMs: number): void {
    this.#state = stepBarrier(this.#spec, this.#state, { type: 'lost' }, nowMs);
  }
}

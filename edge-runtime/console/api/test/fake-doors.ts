import { randomUUID } from 'node:crypto';
import type {
  CommandOutcome,
  DeviceAction,
  DeviceState,
  FireState,
  InputState,
  SensorState,
} from '@gatehouse/contracts';
import type { DeviceWish } from '@gatehouse/contracts/console/requests';
import { GatehouseError } from '@gatehouse/kit';
import type { DevicesPort, FirePort, InputsPort, SensorsPort } from '../ports.ts';
import { Listeners } from './listeners.ts';

export interface AskedDevice {
  readonly deviceId: string;
  readonly action: DeviceAction;
  readonly user: string;
  readonly commandId: string;
  readonly holdS?: number;
}

export class FakeDevices implements DevicesPort {
  readonly states = new Map<string, DeviceState>();
  readonly listeners = new Listeners<DeviceState>();
  readonly requests: AskedDevice[] = [];
  /** What the next request brings; a test replaces it. */
  onRequest: (outcome: CommandOutcome) => Promise<CommandOutcome> | CommandOutcome = (outcome) => outcome;

  put(state: DeviceState): void {
    this.states.set(state.id, state);
    this.listeners.emit(state);
  }
  list(): readonly DeviceState[] {
    return [...this.states.values()];
  }
  subscribe(listener: (state: DeviceState) => void): () => void {
    return this.listeners.add(listener);
  }
  async request(deviceId: string, wish: DeviceWish, user: string): Promise<CommandOutcome> {
    const { action, holdS, commandId = randomUUID() as string } = wish;
    if (!this.states.has(deviceId))
      throw new GatehouseError(
        'DEVICE_UNKNOWN',
        'input',
        `no device is called "${deviceId}".`,
        'Check the id.',
      );
    this.requests.push({ deviceId, action, user, commandId, ...(holdS === undefined ? {} : { holdS }) });
    return this.onRequest({
      commandId,
      device: deviceId,
      action,
      origin: { channel: 'console', user },
      state: 'confirmed',
      relay: 'actuated',
      feedback: 'reached',
      acceptedAt: '2026-11-23T03:00:00.000+08:00',
      tookMs: 1840,
    });
  }
}

export class FakeInputs implements InputsPort {
  readonly states = new Map<string, InputState>();
  readonly listeners = new Listeners<InputState>();

  put(state: InputState): void {
    this.states.set(state.id, state);
    this.listeners.emit(state);
  }
  list(): readonly InputState[] {
    return [...this.states.values()];
  }
  subscribe(listener: (state: InputState) => void): () => void {
    return this.listeners.add(listener);
  }
}

export class FakeSensors implements SensorsPort {
  readonly states = new Map<string, SensorState>();
  readonly listeners = new Listeners<SensorState>();

  put(state: SensorState): void {
    this.states.set(state.id, state);
    this.listeners.emit(state);
  }
  list(): readonly SensorState[] {
    return [...this.states.values()];
  }
  subscribe(listener: (state: SensorState) => void): () => void {
    return this.listeners.add(listener);
  }
}

/** A fire latch that refuses as the drivers do. */
export class FakeFire implements FirePort {
  current: FireState = { latched: false, active: [], unknown: [] };
  readonly listeners = new Listeners<FireState>();
  /** Who has reset it. */
  readonly resets: string[] = [];

  put(state: FireState): void {
    this.current = state;
    this.listeners.emit(state);
  }
  state(): FireState {
    return this.current;
  }
  subscribe(listener: (state: FireState) => void): () => void {
    return this.listeners.add(listener);
  }
  reset(user: string): FireState {
    const { active, unknown } = this.current;
    if (active.length > 0) throw refused('FIRE_STILL_ACTIVE', `${active.join(', ')} still says fire.`);
    if (unknown.length > 0) throw refused('FIRE_INPUT_UNKNOWN', `nothing is known of ${unknown.join(', ')}.`);
    this.resets.push(user);
    this.put({ latched: false, active, unknown });
    return this.current;
  }
}

function refused(code: string, message: string): GatehouseError {
  return new GatehouseError(code, 'input', message, 'See to the fire input first.');
}

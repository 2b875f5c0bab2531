import { randomUUID } from 'node:crypto';
import type {
  CommandOrigin,
  CommandOutcome,
  DeviceAction,
  DeviceState,
  FireState,
  InputState,
  SensorState,
} from '@gatehouse/contracts';
import type { DeviceWish } from '@gatehouse/contracts/console/requests';
import { GatehouseError } from '@gatehouse/kit';
import type { Doors } from '../parts.ts';
import { Listeners, PutStates } from './listeners.ts';

export interface AskedDevice {
  readonly deviceId: string;
  readonly action: DeviceAction;
  readonly user: string;
  readonly commandId: string;
  readonly holdS?: number;
}

/** A fire latch that refuses as the drivers do. */
class FakeLatch {
  current: FireState = { latched: false, active: [], unknown: [] };
  readonly changes = new Listeners<FireState>();
  /** The users who have reset it. */
  readonly resets: string[] = [];

  put(state: FireState): void {
    this.current = state;
    this.changes.emit(state);
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

/** Doors under a test's control, with contacts, sensors and a latch that it sets. */
export class FakeDoors extends PutStates<DeviceState> implements Doors {
  readonly contacts = new PutStates<InputState>();
  readonly sensors = new PutStates<SensorState>();
  readonly latch = new FakeLatch();
  readonly inputChanges = this.contacts.changes;
  readonly fireChanges = this.latch.changes;
  readonly requests: AskedDevice[] = [];
  /** The outcome of the next request; a test replaces it. */
  onRequest: (outcome: CommandOutcome) => Promise<CommandOutcome> | CommandOutcome = (outcome) => outcome;

  inputs(): readonly InputState[] {
    return this.contacts.list();
  }
  get fire(): FireState {
    return this.latch.current;
  }
  async resetFire({ user }: CommandOrigin): Promise<FireState> {
    return this.latch.reset(user);
  }
  async request(deviceId: string, wish: DeviceWish, origin: CommandOrigin): Promise<CommandOutcome> {
    const { user } = origin;
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
      origin,
      state: 'confirmed',
      relay: 'actuated',
      feedback: 'reached',
      acceptedAt: '2026-11-23T03:00:00.000+08:00',
      tookMs: 1840,
    });
  }
}

function refused(code: string, message: string): GatehouseError {
  return new GatehouseError(code, 'input', message, 'See to the fire input first.');
}

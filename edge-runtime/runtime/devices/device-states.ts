import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import {
  type CommandOrigin,
  type CommandOutcome,
  type DeviceCommand,
  type DeviceRequest,
  type DeviceState,
  defaultCommandLifeMs,
  type driversForRuntime,
  type EventOf,
  type FireReset,
  type FireState,
  type InputState,
  type Site,
} from '@gatehouse/contracts';
import {
  agedNow,
  type Clock,
  errorOf,
  every,
  GatehouseError,
  isoWithOffset,
  LastHeard,
  type Log,
  nothingCalled,
  type Part,
  type StreamKeeper,
  systemCode,
} from '@gatehouse/kit';
import type { DriversClient } from '@gatehouse/local-api';
import { Hub } from '../hub.ts';
import { SensorStates } from './sensor-states.ts';

/**
 * Longer than 5 s: after that the drivers answer with their present knowledge, so that no time-out here comes
 * first.
 */
const commandTimeoutMs = 8_000;

export interface DeviceStatesOptions {
  readonly site: Site;
  readonly drivers: DriversClient;
  readonly clock: Clock;
  /** Measures the drivers' silence; see `ProcessorMonitor.clock`. The same as `clock` if absent. */
  readonly watchClock?: Clock;
  readonly log: Log;
}

/** Drivers send changes at once. Between changes they are asked this often, to know the age of each state. */
const refreshMs = 2_000;
/**
 * After two refreshes without an answer the drivers hang with their connection open, and their last states no
 * longer count.
 */
const silentAfterMs = 5_000;

/**
 * The states of doors, barriers, inputs and the fire latch, and the one way to ask for a movement. While
 * drivers are away or silent all is `unknown`, except a fire alarm: that stays until somebody says that it is
 * over.
 */
export class DeviceStates implements Part {
  readonly changes: Hub<DeviceState>;
  readonly inputChanges: Hub<InputState>;
  readonly fireChanges: Hub<FireState>;
  readonly sensors: SensorStates;
  readonly #options: DeviceStatesOptions;
  readonly #stream: StreamKeeper;
  readonly #known = new Map<string, LastHeard<DeviceState>>();
  readonly #inputs = new Map<string, LastHeard<InputState>>();
  readonly #fire: LastHeard<FireState>;
  #stopRefresh: () => void = () => undefined;

  constructor(options: DeviceStatesOptions) {
    const { site, drivers, clock, log } = options;
    this.#options = options;
    const failed = (error: unknown) => log.error('device-listener-failed', { error });
    this.changes = new Hub(failed);
    this.inputChanges = new Hub(failed);
    this.fireChanges = new Hub(failed);
    this.sensors = new SensorStates(site, clock, log, options.watchClock);
    const fire: FireState = { latched: false, active: [], unknown: fireInputs(site) };
    this.#fire = new LastHeard(fire, options);
    this.#stream = drivers.keeper('events', {
      clock,
      log,
      onLink: (up) => (up ? undefined : this.#allLost()),
      onEvent: (event) => this.#take(event),
    });
    for (const { id, kind, name } of site.inputs) {
      const starting: InputState = { id, kind, name, state: 'unknown', comms: 'starting' };
      this.#inputs.set(id, new LastHeard(starting, options));
    }
    for (const { id, kind, name } of site.devices) {
      const nothing = { position: 'unknown', comms: 'starting', inputs: {} } as const;
      this.#known.set(id, new LastHeard<DeviceState>({ id, kind, name, ...nothing, actions: [] }, options));
    }
  }

  start(): void {
    this.#stream.start();
    this.#stopRefresh = every(this.#options.clock, refreshMs, () => {
      this.#loseSilent();
      void this.#refresh();
    });
  }
  async stop(): Promise<void> {
    this.#stopRefresh();
    await this.#stream.stop();
  }

  list(): DeviceState[] {
    return [...this.#known.values()].map(agedNow);
  }
  inputs(): InputState[] {
    return [...this.#inputs.values()].map(agedNow);
  }
  get fire(): FireState {
    return this.#fire.value;
  }

  /**
   * A person at the box resets the fire latch. Throws the drivers' answer (`NOT_PERMITTED`,
   * `FIRE_STILL_ACTIVE`, `FIRE_INPUT_UNKNOWN`), or `PEER_DOWN` while they are away. Then it stays latched.
   */
  async resetFire(origin: CommandOrigin): Promise<FireState> {
    const { clock, drivers } = this.#options;
    const expiresAt = isoWithOffset(clock.epochMs() + defaultCommandLifeMs);
    const body: FireReset = { requestId: randomUUID(), expiresAt, origin };
    const fire = await drivers.call('resetFire', { body });
    this.#takeFire(fire);
    return fire;
  }

  /**
   * Asks a device to move, once: no retry and no queue (drivers/README.md). The command expires 10 s from
   * now. Throws `DEVICE_UNKNOWN`, or the drivers' answer; `PEER_DOWN` while they are away.
   */
  async request(device: string, request: DeviceRequest, origin: CommandOrigin): Promise<CommandOutcome> {
    const { clock, drivers } = this.#options;
    if (!this.#known.has(device)) throw nothingCalled('DEVICE_UNKNOWN', device, [...this.#known.keys()]);
    const command: DeviceCommand = {
      commandId: request.commandId ?? randomUUID(),
      device,
      action: request.action,
      ...(request.holdS === undefined ? {} : { holdS: request.holdS }),
      expiresAt: isoWithOffset(clock.epochMs() + defaultCommandLifeMs),
      origin,
    };
    try {
      return await drivers.call('command', { body: command, timeoutMs: commandTimeoutMs });
    } catch (error) {
      throw unanswered(error, device);
    }
  }

  async #refresh(): Promise<void> {
    const { drivers, log } = this.#options;
    const within = { timeoutMs: refreshMs };
    const refused = (detail: string) => log.error('device-state-refused', { detail });
    try {
      for (const state of await drivers.items('devices', refused, within)) this.#set(state);
      if (this.sensors.size > 0)
        for (const state of await drivers.items('sensors', refused, within)) this.sensors.take(state);
      if (this.#inputs.size === 0) return;
      for (const state of await drivers.items('inputs', refused, within)) this.#setInput(state);
      this.#takeFire(await drivers.call('fire', within));
    } catch (error) {
      // The loss of the stream marks everything unknown, and so does silence. This is only the reason, for
      // the log.
      log.debug('device-refresh-failed', { error });
    }
  }

  #take({ event, data }: EventOf<(typeof driversForRuntime.routes)['events']>): void {
    if (event === 'device') this.#set(data);
    else if (event === 'input') this.#setInput(data);
    else if (event === 'sensor') this.sensors.take(data);
    else this.#takeFire(data);
  }

  #setInput(state: InputState): void {
    const known = this.#inputs.get(state.id);
    if (!known) return;
    known.hear(state);
    this.inputChanges.publish(state);
  }

  #takeFire(fire: FireState): void {
    const same = isDeepStrictEqual(fire, this.#fire.value);
    this.#fire.hear(fire);
    if (!same) this.fireChanges.publish(fire);
  }

  #set(state: DeviceState): void {
    const known = this.#known.get(state.id);
    if (!known) return;
    known.hear(state);
    this.changes.publish(state);
  }

  #allLost(): void {
    for (const state of this.list()) this.#lose(state);
    for (const state of this.inputs()) this.#loseInput(state);
    this.sensors.loseAll();
    this.#loseFire();
  }

  #loseSilent(): void {
    this.sensors.loseSilent();
    for (const heard of this.#known.values()) if (heard.silentMs > silentAfterMs) this.#lose(agedNow(heard));
    for (const heard of this.#inputs.values())
      if (heard.silentMs > silentAfterMs) this.#loseInput(agedNow(heard));
    if (this.#inputs.size > 0 && this.#fire.silentMs > silentAfterMs) this.#loseFire();
  }

  #loseInput(state: InputState): void {
    if (state.comms === 'ok') this.#setInput({ ...state, state: 'unknown', comms: 'lost' });
  }

  /** Nothing is known of its inputs now. The latch stays as it was last reported. */
  #loseFire(): void {
    const lost = { ...this.#fire.value, active: [], unknown: fireInputs(this.#options.site) };
    if (isDeepStrictEqual(lost, this.#fire.value)) return;
    this.#fire.hear(lost);
    this.fireChanges.publish(lost);
  }

  /** Takes a state whose age is as of now. */
  #lose(state: DeviceState): void {
    if (state.comms === 'ok') this.#set({ ...state, position: 'unknown', comms: 'lost', inputs: {} });
  }
}

function fireInputs({ inputs }: Site): string[] {
  return inputs.filter(({ kind }) => kind === 'fire').map(({ id }) => id);
}

/** Causes with which a request never reached the drivers, so that nothing can have moved. */
const neverSent: readonly (string | undefined)[] = ['ENOENT', 'ECONNREFUSED', 'EAGAIN'];

/** True if a call that failed with `PEER_DOWN` cannot have reached the drivers. */
export function neverReached({ cause }: GatehouseError): boolean {
  return neverSent.includes(systemCode(cause));
}

/**
 * A connection that broke after the request went out says nothing about the door: that must not read as "not
 * done".
 */
function unanswered(error: unknown, device: string): unknown {
  if (!(error instanceof GatehouseError) || error.code !== 'PEER_DOWN') return error;
  if (neverReached(error)) return error;
  return errorOf('COMMAND_UNANSWERED', { device }, { cause: error });
}

import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import {
  type CommandOrigin,
  CommandOutcome,
  type DeviceCommand,
  type DeviceRequest,
  DeviceState,
  defaultCommandLifeMs,
  type FireReset,
  FireState,
  InputState,
  type Site,
} from '@gatehouse/contracts';
import {
  type Clock,
  every,
  GatehouseError,
  isoWithOffset,
  type LocalClient,
  type Log,
  nothingCalled,
  type Part,
  StreamKeeper,
  systemCode,
} from '@gatehouse/kit';
import type { z } from 'zod';
import { Hub } from './hub.ts';
import { SensorBoard } from './sensor-board.ts';

/** Longer than the 5 s after which the drivers answer with what they know, so that the answer is theirs and no time-out. */
const commandTimeoutMs = 8_000;

export interface DeviceBoardOptions {
  readonly site: Site;
  readonly drivers: LocalClient;
  readonly clock: Clock;
  /** Measures the drivers' silence; see `ProcessorMonitor.clock`. The same as `clock` if absent. */
  readonly watchClock?: Clock;
  readonly log: Log;
}

/** Drivers send changes at once; a device that just goes on answering is asked for this often, to know its age. */
const refreshMs = 2_000;
/** Two refreshes unanswered: the drivers hang with their connection open, and what they last said is no longer known. */
const silentAfterMs = 5_000;

/**
 * What is known of doors, barriers, inputs and the fire latch, and the one way to ask for something to move. While drivers are away
 * or silent all is `unknown`, but for a fire alarm: that stays until somebody says that it is over.
 */
export class DeviceBoard implements Part {
  readonly changes: Hub<DeviceState>;
  readonly inputChanges: Hub<InputState>;
  readonly fireChanges: Hub<FireState>;
  readonly sensors: SensorBoard;
  readonly #options: DeviceBoardOptions;
  readonly #stream: StreamKeeper;
  readonly #known = new Map<string, Heard<DeviceState>>();
  readonly #inputs = new Map<string, Heard<InputState>>();
  #fire: FireState;
  readonly #watchClock: Clock;
  #fireHeardMs: number;
  #stopRefresh: () => void = () => undefined;

  constructor(options: DeviceBoardOptions) {
    const { site, drivers, clock, log } = options;
    this.#options = options;
    const failed = (error: unknown) => log.error('device-listener-failed', { error });
    this.changes = new Hub(failed);
    this.inputChanges = new Hub(failed);
    this.fireChanges = new Hub(failed);
    this.#watchClock = options.watchClock ?? clock;
    this.sensors = new SensorBoard(site, clock, log, this.#watchClock);
    this.#fire = { latched: false, active: [], unknown: fireInputs(site) };
    this.#stream = new StreamKeeper({
      client: drivers,
      route: '/events',
      clock,
      log,
      onLink: (up) => (up ? undefined : this.#allLost()),
      onEvent: ({ event, data }) => this.#takeEvent(event, data),
    });
    this.#fireHeardMs = this.#watchClock.monotonicMs();
    for (const { id, kind, name } of site.inputs)
      this.#inputs.set(id, {
        ...this.#heardNow(),
        state: { id, kind, name, state: 'unknown', comms: 'starting' },
      });
    for (const { id, kind, name } of site.devices)
      this.#known.set(id, {
        ...this.#heardNow(),
        state: { id, kind, name, position: 'unknown', comms: 'starting', inputs: {}, actions: [] },
      });
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
    return aged(this.#known, this.#options.clock.monotonicMs());
  }
  inputs(): InputState[] {
    return aged(this.#inputs, this.#options.clock.monotonicMs());
  }
  get fire(): FireState {
    return this.#fire;
  }

  /**
   * A person at the box resets the fire latch. Throws what the drivers answer (`NOT_PERMITTED`, `FIRE_STILL_ACTIVE`,
   * `FIRE_INPUT_UNKNOWN`), or `PEER_DOWN` while they are away; it is latched then as before.
   */
  async resetFire(origin: CommandOrigin): Promise<FireState> {
    const { clock, drivers } = this.#options;
    const expiresAt = isoWithOffset(clock.epochMs() + defaultCommandLifeMs);
    const body: FireReset = { requestId: randomUUID(), expiresAt, origin };
    const fire = FireState.parse(await drivers.call('POST', '/fire/reset', { body }));
    this.#takeFire(fire);
    return fire;
  }

  /**
   * Asks a device to move, once: no retry and no queue (doors.md, contract 1). The command expires 10 s from now.
   * Throws `DEVICE_UNKNOWN`, or what the drivers answer; `PEER_DOWN` while they are away.
   */
  async request(device: string, request: DeviceRequest, origin: CommandOrigin): Promise<CommandOutcome> {
    const { clock, drivers } = this.#options;
    if (!this.#known.has(device))
      throw nothingCalled('DEVICE_UNKNOWN', 'device', device, [...this.#known.keys()]);
    const command: DeviceCommand = {
      commandId: request.commandId ?? randomUUID(),
      device,
      action: request.action,
      ...(request.holdS === undefined ? {} : { holdS: request.holdS }),
      expiresAt: isoWithOffset(clock.epochMs() + defaultCommandLifeMs),
      origin,
    };
    const answer = drivers.call('POST', '/commands', { body: command, timeoutMs: commandTimeoutMs });
    return CommandOutcome.parse(
      await answer.catch((error) => {
        throw unanswered(error, device);
      }),
    );
  }

  async #refresh(): Promise<void> {
    try {
      const states = await this.#options.drivers.call('GET', '/devices', { timeoutMs: refreshMs });
      if (Array.isArray(states)) for (const state of states) this.#take(state);
      if (this.sensors.size > 0) {
        const sensors = await this.#options.drivers.call('GET', '/sensors', { timeoutMs: refreshMs });
        if (Array.isArray(sensors)) for (const state of sensors) this.sensors.take(state);
      }
      if (this.#inputs.size === 0) return;
      const inputs = await this.#options.drivers.call('GET', '/inputs', { timeoutMs: refreshMs });
      if (Array.isArray(inputs)) for (const state of inputs) this.#takeEvent('input', state);
      this.#takeEvent('fire', await this.#options.drivers.call('GET', '/fire', { timeoutMs: refreshMs }));
    } catch (error) {
      // The stream's own loss marks everything unknown, silence does too; this is only the reason, for the log.
      this.#options.log.debug('device-refresh-failed', { error });
    }
  }

  #takeEvent(event: string | undefined, data: unknown): void {
    if (event === 'device') this.#take(data);
    else if (event === 'input') this.#parsed(InputState, data, (state) => this.#setInput(state));
    else if (event === 'sensor') this.sensors.take(data);
    else if (event === 'fire') this.#parsed(FireState, data, (fire) => this.#takeFire(fire));
  }

  #take(data: unknown): void {
    this.#parsed(DeviceState, data, (state) => this.#set(state));
  }

  #parsed<T>(schema: z.ZodType<T>, data: unknown, take: (value: T) => void): void {
    const parsed = schema.safeParse(data);
    if (parsed.success) take(parsed.data);
    else this.#options.log.error('device-state-refused', { detail: parsed.error.issues[0]?.message });
  }

  #setInput(state: InputState): void {
    if (!this.#inputs.has(state.id)) return;
    this.#inputs.set(state.id, { state, ...this.#heardNow() });
    this.inputChanges.publish(state);
  }

  #takeFire(fire: FireState): void {
    this.#fireHeardMs = this.#watchClock.monotonicMs();
    const same = isDeepStrictEqual(fire, this.#fire);
    this.#fire = fire;
    if (!same) this.fireChanges.publish(fire);
  }

  #set(state: DeviceState): void {
    if (!this.#known.has(state.id)) return;
    this.#known.set(state.id, { state, ...this.#heardNow() });
    this.changes.publish(state);
  }

  #heardNow(): Pick<Heard<unknown>, 'heardMs' | 'watchMs'> {
    return { heardMs: this.#options.clock.monotonicMs(), watchMs: this.#watchClock.monotonicMs() };
  }

  #allLost(): void {
    for (const state of this.list()) this.#lose(state);
    for (const state of this.inputs()) this.#loseInput(state);
    this.sensors.loseAll();
    this.#loseFire();
  }

  #loseSilent(): void {
    const now = this.#watchClock.monotonicMs();
    this.sensors.loseSilent();
    for (const state of this.list())
      if (now - (this.#known.get(state.id)?.watchMs ?? now) > silentAfterMs) this.#lose(state);
    for (const state of this.inputs())
      if (now - (this.#inputs.get(state.id)?.watchMs ?? now) > silentAfterMs) this.#loseInput(state);
    if (this.#inputs.size > 0 && now - this.#fireHeardMs > silentAfterMs) this.#loseFire();
  }

  #loseInput(state: InputState): void {
    if (state.comms === 'ok') this.#setInput({ ...state, state: 'unknown', comms: 'lost' });
  }

  /** Nothing is known of its inputs now; whether it is latched stays as it was last heard. */
  #loseFire(): void {
    const lost = { ...this.#fire, active: [], unknown: fireInputs(this.#options.site) };
    if (isDeepStrictEqual(lost, this.#fire)) return;
    this.#fire = lost;
    this.fireChanges.publish(lost);
  }

  /** Takes a state whose age is as of now. */
  #lose(state: DeviceState): void {
    if (state.comms === 'ok') this.#set({ ...state, position: 'unknown', comms: 'lost', inputs: {} });
  }
}

/** A state, when it was heard, and the same on the clock of limits, milliseconds. */
interface Heard<T> {
  readonly state: T;
  readonly heardMs: number;
  readonly watchMs: number;
}

function fireInputs({ inputs }: Site): string[] {
  return inputs.filter(({ kind }) => kind === 'fire').map(({ id }) => id);
}

function aged<T extends { readonly ageMs?: number | undefined }>(
  known: ReadonlyMap<string, { readonly state: T; readonly heardMs: number }>,
  nowMs: number,
): T[] {
  return [...known.values()].map(({ state, heardMs }) =>
    state.ageMs === undefined ? state : { ...state, ageMs: state.ageMs + (nowMs - heardMs) },
  );
}

/** Causes with which a request never reached the drivers, so that nothing can have moved. */
const neverSent: readonly (string | undefined)[] = ['ENOENT', 'ECONNREFUSED', 'EAGAIN'];

/** Whether a call that failed with `PEER_DOWN` cannot have been heard. */
export function neverReached({ cause }: GatehouseError): boolean {
  return neverSent.includes(systemCode(cause));
}

/** A connection that broke after the request went out says nothing about the door: that must not read as "not done". */
function unanswered(error: unknown, device: string): unknown {
  if (!(error instanceof GatehouseError) || error.code !== 'PEER_DOWN') return error;
  if (neverReached(error)) return error;
  return new GatehouseError(
    'COMMAND_UNANSWERED',
    'peer',
    `drivers did not answer; whether ${device} has moved is not known.`,
    'Look at it before asking again.',
    { cause: error },
  );
}

import { randomUUID } from 'node:crypto';
import {
  type CommandOrigin,
  CommandOutcome,
  type DeviceAction,
  type DeviceCommand,
  DeviceState,
  defaultCommandLifeMs,
  FireState,
  Incident,
  InputState,
  SensorState,
} from '@gatehouse/contracts';
import { type Clock, GatehouseError, isoWithOffset, type LocalClient, sleep } from '@gatehouse/kit';

/** Answers of either side, as it knows things now. */
export interface Side {
  devices(): Promise<readonly DeviceState[]>;
  inputs(): Promise<readonly InputState[]>;
  sensors(): Promise<readonly SensorState[]>;
}

/** The box under test: its drivers, which move things, and its host, which must come to know of them. */
export interface Peer {
  readonly drivers: Side;
  readonly host: Side;
  fire(): Promise<FireState>;
  command(device: string, action: DeviceAction, holdS?: number): Promise<CommandOutcome>;
  /** Throws the drivers' refusal. */
  resetFire(): Promise<FireState>;
  /** Open incidents about a device, an input or an interlock, in the host. */
  openAlarms(subject: string): Promise<number>;
}

/** Longer than the 5 s after which drivers answer a command that still runs. */
const commandTimeoutMs = 8_000;
/** The longest `moveWithinMs` of a site file, and some. */
const longestCommandMs = 70_000;
const askAgainMs = 200;
const running: ReadonlySet<CommandOutcome['state']> = new Set(['accepted', 'executing']);

/** The services of a box through their own sockets, in the name of the installer. */
export class ServicePeer implements Peer {
  readonly drivers: Side;
  readonly host: Side;
  readonly #drivers: LocalClient;
  readonly #runtime: LocalClient;
  readonly #origin: CommandOrigin;
  readonly #clock: Clock;

  constructor(drivers: LocalClient, runtime: LocalClient, by: string, clock: Clock) {
    this.#drivers = drivers;
    this.#runtime = runtime;
    this.#origin = { channel: 'cli', user: by.slice(0, 60), reason: 'acceptance' };
    this.#clock = clock;
    this.drivers = side(drivers);
    this.host = side(runtime);
  }

  async fire(): Promise<FireState> {
    return FireState.parse(await this.#drivers.call('GET', '/fire'));
  }

  async command(device: string, action: DeviceAction, holdS?: number): Promise<CommandOutcome> {
    const command: DeviceCommand = {
      commandId: randomUUID(),
      device,
      action,
      ...(holdS === undefined ? {} : { holdS }),
      expiresAt: this.#soon(),
      origin: this.#origin,
    };
    const answer = await this.#drivers.call('POST', '/commands', {
      body: command,
      timeoutMs: commandTimeoutMs,
    });
    let outcome = CommandOutcome.parse(answer);
    const endMs = this.#clock.monotonicMs() + longestCommandMs;
    // Drivers answer with what they know after 5 s; a heavy gate takes longer.
    while (running.has(outcome.state) && this.#clock.monotonicMs() < endMs) {
      await sleep(this.#clock, askAgainMs);
      outcome = CommandOutcome.parse(await this.#drivers.call('GET', `/commands/${outcome.commandId}`));
    }
    return outcome;
  }

  async resetFire(): Promise<FireState> {
    const body = { requestId: randomUUID(), expiresAt: this.#soon(), origin: this.#origin };
    return FireState.parse(await this.#drivers.call('POST', '/fire/reset', { body }));
  }

  async openAlarms(subject: string): Promise<number> {
    const incidents = Incident.array().parse(
      await this.#runtime.call('GET', '/incidents?open=true&limit=1000'),
    );
    return incidents.filter(({ device }) => device === subject).length;
  }

  #soon(): string {
    return isoWithOffset(this.#clock.epochMs() + defaultCommandLifeMs);
  }
}

function side(client: LocalClient): Side {
  return {
    devices: async () => DeviceState.array().parse(await client.call('GET', '/devices')),
    inputs: async () => InputState.array().parse(await client.call('GET', '/inputs')),
    sensors: async () => SensorState.array().parse(await client.call('GET', '/sensors')),
  };
}

/** Whether the drivers service answers, so that it holds the buses. */
export async function driversRun(drivers: LocalClient): Promise<boolean> {
  try {
    await drivers.call('GET', '/health');
    return true;
  } catch (error) {
    if (error instanceof GatehouseError && error.code === 'PEER_DOWN') return false;
    throw error;
  }
}

/** A command on its way, and whether it has ended; its error comes with the outcome only. */
export function ending(outcome: Promise<CommandOutcome>) {
  let ended = false;
  const end = () => {
    ended = true;
  };
  outcome.then(end, end);
  return { outcome, ended: () => ended };
}

import { randomUUID } from 'node:crypto';
import {
  type CommandOrigin,
  type CommandOutcome,
  type DeviceAction,
  type DeviceCommand,
  type DeviceState,
  defaultCommandLifeMs,
  type FireState,
  type InputState,
  type SensorState,
} from '@gatehouse/contracts';
import { type Clock, GatehouseError, isoWithOffset, sleep } from '@gatehouse/kit';
import type { DriversCliClient, RuntimeCliClient } from '@gatehouse/local-api';

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
  readonly #drivers: DriversCliClient;
  readonly #runtime: RuntimeCliClient;
  readonly #origin: CommandOrigin;
  readonly #clock: Clock;

  constructor(drivers: DriversCliClient, runtime: RuntimeCliClient, by: string, clock: Clock) {
    this.#drivers = drivers;
    this.#runtime = runtime;
    this.#origin = { channel: 'cli', user: by.slice(0, 60), reason: 'acceptance' };
    this.#clock = clock;
    this.drivers = {
      devices: () => drivers.call('devices'),
      inputs: () => drivers.call('inputs'),
      sensors: () => drivers.call('sensors'),
    };
    this.host = {
      devices: () => runtime.call('devices'),
      inputs: () => runtime.call('inputs'),
      sensors: () => runtime.call('sensors'),
    };
  }

  fire(): Promise<FireState> {
    return this.#drivers.call('fire');
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
    let outcome = await this.#drivers.call('command', { body: command, timeoutMs: commandTimeoutMs });
    const endMs = this.#clock.monotonicMs() + longestCommandMs;
    // Drivers answer with what they know after 5 s; a heavy gate takes longer.
    while (running.has(outcome.state) && this.#clock.monotonicMs() < endMs) {
      await sleep(this.#clock, askAgainMs);
      outcome = await this.#drivers.call('outcome', { params: { commandId: outcome.commandId } });
    }
    return outcome;
  }

  resetFire(): Promise<FireState> {
    const body = { requestId: randomUUID(), expiresAt: this.#soon(), origin: this.#origin };
    return this.#drivers.call('resetFire', { body });
  }

  async openAlarms(subject: string): Promise<number> {
    const query = { open: 'true', limit: 1000 } as const;
    const incidents = await this.#runtime.call('incidents', { query });
    return incidents.filter(({ device }) => device === subject).length;
  }

  #soon(): string {
    return isoWithOffset(this.#clock.epochMs() + defaultCommandLifeMs);
  }
}

/** The process of the drivers service, which holds the buses; nothing where it does not answer. */
export async function driversPid(drivers: DriversCliClient): Promise<number | undefined> {
  try {
    return (await drivers.call('process')).pid;
  } catch (error) {
    if (error instanceof GatehouseError && error.code === 'PEER_DOWN') return undefined;
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

import { randomUUID } from 'node:crypto';
import {
  type CommandOrigin,
  CommandOutcome,
  type DeviceCommand,
  type DeviceRequest,
  DeviceState,
  defaultCommandLifeMs,
  type Site,
} from '@gatehouse/contracts';
import { type Clock, GatehouseError, isoWithOffset, type LocalClient, type Log } from '@gatehouse/kit';
import { Hub } from './hub.ts';
import { StreamLink } from './stream-link.ts';

/** Longer than any device may take to move (site schema: 60 s), so that the answer is the drivers' own. */
const commandTimeoutMs = 8_000;

export interface DeviceBoardOptions {
  readonly site: Site;
  readonly drivers: LocalClient;
  readonly clock: Clock;
  readonly log: Log;
}

/** What is known of doors and barriers, and the one way to ask them to move. While drivers are away all is `unknown`. */
export class DeviceBoard extends StreamLink {
  readonly changes: Hub<DeviceState>;
  readonly #options: DeviceBoardOptions;
  readonly #known: Map<string, { readonly state: DeviceState; readonly heardMs: number }>;

  constructor(options: DeviceBoardOptions) {
    const { site, drivers, clock, log } = options;
    const changes = new Hub<DeviceState>((error) => log.error('device-listener-failed', { error }));
    const known = new Map(
      site.devices.map((device): [string, { state: DeviceState; heardMs: number }] => [
        device.id,
        {
          heardMs: clock.monotonicMs(),
          state: {
            id: device.id,
            kind: device.kind,
            name: device.name,
            position: 'unknown',
            comms: 'starting',
            inputs: {},
            actions: [],
          },
        },
      ]),
    );
    const set = (state: DeviceState) => {
      if (!known.has(state.id)) return;
      known.set(state.id, { state, heardMs: clock.monotonicMs() });
      changes.publish(state);
    };
    super({
      client: drivers,
      route: '/events',
      clock,
      log,
      onLink: (up) => {
        if (up) return;
        for (const { state } of known.values())
          if (state.comms === 'ok') set({ ...state, position: 'unknown', comms: 'lost', inputs: {} });
      },
      onEvent: (event) => {
        if (event.event !== 'device') return;
        const parsed = DeviceState.safeParse(event.data);
        if (parsed.success) set(parsed.data);
        else log.error('device-state-refused', { detail: parsed.error.issues[0]?.message });
      },
    });
    this.#options = options;
    this.#known = known;
    this.changes = changes;
  }

  list(): DeviceState[] {
    const now = this.#options.clock.monotonicMs();
    return [...this.#known.values()].map(({ state, heardMs }) =>
      state.ageMs === undefined ? state : { ...state, ageMs: state.ageMs + (now - heardMs) },
    );
  }

  /**
   * Asks a device to move, once: no retry and no queue (doors.md, contract 1). The command expires 10 s from now.
   * Throws `DEVICE_UNKNOWN`, or what the drivers answer; `PEER_DOWN` while they are away.
   */
  async request(device: string, request: DeviceRequest, origin: CommandOrigin): Promise<CommandOutcome> {
    const { clock, drivers } = this.#options;
    if (!this.#known.has(device))
      throw new GatehouseError(
        'DEVICE_UNKNOWN',
        'input',
        `no device is called "${device}".`,
        'Use a device of the site file.',
      );
    const command: DeviceCommand = {
      commandId: request.commandId ?? randomUUID(),
      device,
      action: request.action,
      expiresAt: isoWithOffset(clock.epochMs() + defaultCommandLifeMs),
      origin,
    };
    return CommandOutcome.parse(
      await drivers.call('POST', '/commands', { body: command, timeoutMs: commandTimeoutMs }),
    );
  }
}

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CommandOutcome,
  type DeviceAction,
  DeviceEvent,
  DeviceState,
  type Site,
  Site as SiteSchema,
} from '@gatehouse/contracts';
import { until } from '@gatehouse/harness';
import {
  type Clock,
  isoWithOffset,
  LocalClient,
  type Log,
  type PartTable,
  silentLog,
  startAll,
  stopAll,
  systemClock,
} from '@gatehouse/kit';
import { buildDrivers } from '../drivers.ts';
import type { Fault } from '../simulators/faults.ts';
import { BarrierPlant, DoorPlant } from '../simulators/plants.ts';
import { PtyPair } from '../simulators/pty-pair.ts';
import { RelayBoard } from '../simulators/relay-board.ts';
import { RtuSlave } from '../simulators/rtu-slave.ts';
import { TcpSlave } from '../simulators/tcp-slave.ts';

export const pulseProfile = 'waveshare-modbus-rtu-relay-8ch';
export const plainProfile = 'lctech-modbus-relay-8ch';

/** A simulated board on either transport, with a quick barrier on 0 to 2 and a quick door on 3. */
export interface SimulatedBoard {
  readonly board: RelayBoard;
  readonly barrier: BarrierPlant;
  /** The bus as a site file has it. */
  readonly bus: Record<string, unknown>;
  fault(fault: Fault): void;
  powerOff(): Promise<void>;
  powerOn(): Promise<void>;
  /** The line is gone for good: the adapter pulled, the connection cut. */
  unplug(): Promise<void>;
  close(): Promise<void>;
}

const wiring = { openRelay: 0, closeRelay: 1, stopRelay: 2, upLimit: 0, downLimit: 1, loop: 2 };

function plants(options: BoardOptions) {
  const barrier = new BarrierPlant(wiring, options.travelMs ?? 250);
  const board = new RelayBoard([barrier, new DoorPlant(3, 3, 10, 50)], {
    hasPulse: options.hasPulse ?? true,
  });
  return { barrier, board };
}

export interface BoardOptions {
  readonly hasPulse?: boolean;
  readonly travelMs?: number;
}

export async function tcpBoard(options: BoardOptions = {}): Promise<SimulatedBoard> {
  const { barrier, board } = plants(options);
  const slave = new TcpSlave(board);
  await slave.listen(0);
  return {
    board,
    barrier,
    bus: { id: 'bus', kind: 'modbus-tcp', host: '127.0.0.1', port: slave.port, timeoutMs: 150 },
    fault: (fault) => {
      slave.fault = fault;
    },
    powerOff: () => slave.powerOff(),
    powerOn: () => slave.listen(),
    unplug: () => slave.close(),
    close: () => slave.close(),
  };
}

export async function rtuBoard(options: BoardOptions = {}): Promise<SimulatedBoard> {
  const { barrier, board } = plants(options);
  const folder = mkdtempSync(join(tmpdir(), 'gh-pty-'));
  const pair = new PtyPair(join(folder, 'bus'));
  await pair.start();
  const slave = new RtuSlave(board, pair.farPath, { baudRate: 19_200, turnaroundMs: 2 });
  await slave.start();
  return {
    board,
    barrier,
    bus: { id: 'bus', kind: 'modbus-rtu', path: pair.path, baudRate: 19_200, timeoutMs: 150 },
    fault: (fault) => {
      slave.fault = fault;
    },
    powerOff: async () => slave.powerOff(),
    powerOn: async () => {
      slave.fault = { kind: 'none' };
    },
    unplug: () => pair.stop(),
    close: async () => {
      await slave.stop();
      await pair.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function siteOf(bus: Record<string, unknown>, profile = pulseProfile): Site {
  const common = { bus: bus.id, unit: 1, profile, pulseMs: 300, moveWithinMs: 1500 };
  return SiteSchema.parse({
    version: 1,
    site: { id: 'test', name: { 'zh-CN': '测试', en: 'Test' } },
    box: { id: 'box-1' },
    buses: [bus],
    devices: [
      {
        ...common,
        id: 'barrier',
        kind: 'barrier',
        name: { 'zh-CN': '道闸', en: 'Barrier' },
        outputs: { open: 0, close: 1, stop: 2 },
        inputs: { open: 0, closed: 1, loop: 2 },
        failMode: 'secure',
      },
      {
        ...common,
        id: 'door',
        kind: 'door',
        name: { 'zh-CN': '门', en: 'Door' },
        outputs: { open: 3 },
        inputs: { open: 3 },
        failMode: 'safe',
      },
    ],
  });
}

/**
 * A rig's site where nothing is late on a busy machine either: the board shares its processor with the
 * service and the test.
 */
export function patient(site: Site, moveWithinMs = 15_000): Site {
  const buses = site.buses.map((bus) => ({ ...bus, timeoutMs: 5_000 }));
  const devices = site.devices.map((device) => ({ ...device, pulseMs: 1_500, moveWithinMs }));
  return SiteSchema.parse({ ...site, buses, devices });
}

export interface ServiceOptions {
  readonly clock?: Clock;
  readonly clockTrusted?: () => boolean;
  readonly maxPages?: number;
  readonly folder?: string;
  /** Folder of the site's own profiles. */
  readonly siteProfiles?: string;
  readonly log?: Log;
}

/** The whole service in this process, spoken to over its socket. */
export class Service {
  readonly client: LocalClient;
  /** The same as the command line has it: with cards. */
  readonly cli: LocalClient;
  readonly folder: string;
  /** Of the local API. */
  readonly socket: string;
  readonly #parts: PartTable;

  private constructor(folder: string, parts: PartTable, socket: string, cliSocket: string) {
    this.folder = folder;
    this.#parts = parts;
    this.socket = socket;
    this.client = new LocalClient('drivers', socket);
    this.cli = new LocalClient('drivers', cliSocket);
  }

  static async start(site: Site, options: ServiceOptions = {}): Promise<Service> {
    const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'gh-drv-'));
    const socket = join(folder, 'api.sock');
    const cliSocket = join(folder, 'cli.sock');
    const parts = buildDrivers({
      site,
      clock: options.clock ?? systemClock,
      log: options.log ?? silentLog,
      database: join(folder, 'drivers.db'),
      socket,
      cliSocket,
      clockTrusted: options.clockTrusted ?? (() => true),
      ...(options.maxPages === undefined ? {} : { maxPages: options.maxPages }),
      ...(options.siteProfiles === undefined ? {} : { siteProfiles: options.siteProfiles }),
    });
    await startAll(parts, silentLog, new AbortController().signal);
    return new Service(folder, parts, socket, cliSocket);
  }

  /** Stops it; `keep` leaves its database for a successor. */
  async stop(keep = false): Promise<void> {
    await stopAll(this.#parts, silentLog);
    if (!keep) rmSync(this.folder, { recursive: true, force: true });
  }

  async command(
    device: string,
    action: DeviceAction,
    more: Record<string, unknown> = {},
  ): Promise<CommandOutcome> {
    const body = { ...commandOf(device, action), ...more };
    return CommandOutcome.parse(await this.client.call('POST', '/commands', { body, timeoutMs: 20_000 }));
  }

  async device(id: string): Promise<DeviceState> {
    const all = DeviceState.array().parse(await this.client.call('GET', '/devices'));
    const found = all.find((device) => device.id === id);
    assert.ok(found, `device ${id}`);
    return found;
  }

  async events(after = 0): Promise<DeviceEvent[]> {
    return DeviceEvent.array().parse(await this.client.call('GET', `/outbox?after=${after}&limit=500`));
  }

  /** Waits until a device is in contact. */
  async ready(device = 'door'): Promise<void> {
    await until(`${device} is in contact`, async () => (await this.device(device)).comms === 'ok');
  }
}

export interface ServiceRig extends ServiceOptions {
  readonly board?: () => Promise<SimulatedBoard>;
  readonly site?: (bus: Record<string, unknown>) => Site;
  /** The device to wait for; the rig's door if absent, none if undefined. */
  readonly ready?: string | undefined;
}

/** Runs `body` on a service that is in contact with a board of its own, and takes both down. */
export async function withService(
  rig: ServiceRig,
  body: (service: Service, plant: SimulatedBoard) => Promise<void>,
): Promise<void> {
  const { board = tcpBoard, site = siteOf, ready, ...options } = rig;
  const plant = await board();
  try {
    const service = await Service.start(site(plant.bus), options);
    try {
      if (!('ready' in rig)) await service.ready();
      else if (ready !== undefined) await service.ready(ready);
      await body(service, plant);
    } finally {
      await service.stop();
    }
  } finally {
    await plant.close();
  }
}

export function commandOf(device: string, action: DeviceAction, lifeMs = 10_000) {
  return {
    commandId: randomUUID(),
    device,
    action,
    expiresAt: isoWithOffset(systemClock.epochMs() + lifeMs),
    origin: { channel: 'console', user: 'guard' },
  };
}

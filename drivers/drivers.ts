import type { Site } from '@gatehouse/contracts';
import {
  type Clock,
  GatehouseError,
  isoWithOffset,
  type Log,
  type PartTable,
  type Random,
} from '@gatehouse/kit';
import { DriversApi } from './api/drivers-api.ts';
import { FieldBus } from './bus/field-bus.ts';
import { linkTo } from './bus/open-link.ts';
import { Board } from './devices/board.ts';
import { ControlledDevice, type DeviceObserver } from './devices/controlled-device.ts';
import { RelayRelease } from './devices/relay-release.ts';
import { CommandGate } from './gate/command-gate.ts';
import { WriteBehind } from './gate/write-behind.ts';
import { Journal } from './journal/journal.ts';
import { deviceProblems, loadProfiles, type Profile } from './profiles/index.ts';

export interface DriversOptions {
  readonly site: Site;
  readonly clock: Clock;
  readonly log: Log;
  /** drivers.db. */
  readonly database: string;
  /** The Unix socket of the local API. */
  readonly socket: string;
  readonly clockTrusted: () => boolean;
  readonly random?: Random;
  /** Bound on drivers.db, in pages of 4 KiB. */
  readonly maxPages?: number;
}

/** The quarantine after a timeout on a serial bus exceeds the slowest board's turnaround by this much, milliseconds. */
const quarantineMarginMs = 200;

/** The whole service as a table of parts in start order. Throws on a site that names unknown profiles or channels. */
export function buildDrivers(options: DriversOptions): PartTable {
  const { site, clock, log, random } = options;
  const profiles = loadProfiles();
  const journal = new Journal({
    file: options.database,
    clock,
    log,
    ...(options.maxPages === undefined ? {} : { maxPages: options.maxPages }),
  });
  const writeBehind = new WriteBehind(clock, log);
  const release = new RelayRelease(clock, log);
  const buses = new Map(
    site.buses.map((bus) => {
      const quarantineMs = quarantineOf(site, bus.id, profiles);
      const openLink = () => linkTo(bus, { clock, quarantineMs });
      return [bus.id, new FieldBus({ id: bus.id, openLink, clock, log, ...(random ? { random } : {}) })];
    }),
  );
  const boards = new Map<string, Board>();
  const devices = new Map<string, ControlledDevice>();
  const gate = new CommandGate({
    clock,
    log,
    journal,
    writeBehind,
    devices,
    clockTrusted: options.clockTrusted,
  });
  const api = new DriversApi({
    socket: options.socket,
    clock,
    log,
    gate,
    journal,
    devices: () => [...devices.values()].map((device) => device.view()),
  });
  const observer: DeviceObserver = {
    changed: (state) => api.publish(state),
    raise: (device) => gate.raise(device),
    commsChanged: (device, comms, reason) => {
      log[comms === 'ok' ? 'info' : 'warn']('device-comms', { device, comms, reason });
      const event = { type: 'comms', at: isoWithOffset(clock.epochMs()), device, comms } as const;
      writeBehind.write(() => journal.append(reason ? { ...event, reason: reason.slice(0, 200) } : event));
    },
  };
  const [wrong] = deviceProblems(site, profiles);
  if (wrong) throw siteError(wrong.device, `${wrong.path.join('.')}: ${wrong.message}`);
  for (const spec of site.devices) {
    const profile = profileOf(spec, profiles);
    const key = `${spec.bus}/${spec.unit}`;
    const bus = buses.get(spec.bus);
    if (!bus) throw new Error(`the site schema lets bus ${spec.bus} of ${spec.id} through unchecked`);
    const board = boards.get(key) ?? new Board({ bus, unit: spec.unit, profile, clock });
    if (board.profile.boardId !== profile.boardId)
      throw siteError(spec.id, `bus ${spec.bus} unit ${spec.unit} already has profile ${board.profile.id}`);
    boards.set(key, board);
    const device = new ControlledDevice(spec, board, release, observer, clock);
    board.listen(device);
    devices.set(spec.id, device);
  }
  return [
    ['journal', journal],
    ['write-behind', writeBehind],
    ...[...buses.values()].map((bus) => [`bus ${bus.id}`, bus] as const),
    ['relay-release', release],
    ...[...boards].map(([key, board]) => [`board ${key}`, board] as const),
    ['api', api],
  ];
}

function profileOf(spec: Site['devices'][number], profiles: ReadonlyMap<string, Profile>): Profile {
  const profile = profiles.get(spec.profile);
  if (!profile) throw new Error(`profile ${spec.profile} of ${spec.id} went unchecked`);
  return profile;
}

function siteError(device: string, what: string): GatehouseError {
  return new GatehouseError(
    'SITE_DEVICE_INVALID',
    'input',
    `device ${device}: ${what}.`,
    'Correct the site file.',
  );
}

function quarantineOf(site: Site, bus: string, profiles: ReadonlyMap<string, Profile>): number {
  const slowest = site.devices
    .filter((device) => device.bus === bus)
    .map((device) => profiles.get(device.profile)?.worstTurnaroundMs ?? 0);
  return Math.max(0, ...slowest) + quarantineMarginMs;
}

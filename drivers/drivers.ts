import { dirname, join } from 'node:path';
import type { Site } from '@gatehouse/contracts';
import { type Clock, isoWithOffset, type Log, type Part, type PartTable, type Random } from '@gatehouse/kit';
import { CardAccess } from './access/card-access.ts';
import { DriversApi } from './api/drivers-api.ts';
import { driversHealth } from './api/health.ts';
import { lineTo } from './bus/byte-line.ts';
import { FieldBus } from './bus/field-bus.ts';
import { linkTo } from './bus/open-link.ts';
import { DeviceCommands } from './commands/device-commands.ts';
import { FireResets } from './commands/fire-resets.ts';
import { PlatformCommands } from './commands/platform-commands.ts';
import { Boards } from './devices/boards.ts';
import { ControlledDevice, type DeviceObserver } from './devices/controlled-device.ts';
import { type InputObserver, InputPoint } from './devices/input-point.ts';
import { OpenAlarms } from './devices/open-alarms.ts';
import { deviceOut, inputOut, outOfService, sensorOut } from './devices/out-of-service.ts';
import { RelayRelease } from './devices/relay-release.ts';
import { type SensorObserver, SensorPoint } from './devices/sensor-point.ts';
import { Surroundings } from './devices/surroundings.ts';
import { AuditHeads } from './journal/audit-heads.ts';
import type { NewDeviceEvent } from './journal/event-outbox.ts';
import { Journal } from './journal/journal.ts';
import { type Catalogue, readCatalogue } from './profiles/index.ts';

export interface DriversOptions {
  readonly site: Site;
  readonly clock: Clock;
  readonly log: Log;
  /** drivers.db. */
  readonly database: string;
  /** The Unix sockets of the local API: the runtime's and the command line's. */
  readonly socket: string;
  readonly cliSocket: string;
  readonly clockTrusted: () => boolean;
  readonly random?: Random;
  /** Bound on drivers.db, in pages of 4 KiB. */
  readonly maxPages?: number;
  /** Folder of the site's own profiles; it has none if absent. */
  readonly siteProfiles?: string;
}

/** The quarantine after a timeout on a serial bus exceeds the slowest board's turnaround by this much, milliseconds. */
const quarantineMarginMs = 200;

/** The whole service as a table of parts in start order. What its boards cannot do is out of service, and named in health. */
export function buildDrivers(options: DriversOptions): PartTable {
  const { site, clock, log, random } = options;
  const catalogue = readCatalogue(undefined, options.siteProfiles);
  for (const error of catalogue.broken.values()) log.warn('profile-left-out', { error });
  const out = outOfService(site, catalogue);
  const inService = <T extends { readonly id: string }>(list: readonly T[]) =>
    list.filter(({ id }) => !out.has(id));
  const notInService = <T extends { readonly id: string }>(list: readonly T[]) =>
    list.filter(({ id }) => out.has(id));
  const journal = new Journal({
    file: options.database,
    clock,
    log,
    ...(options.maxPages === undefined ? {} : { maxPages: options.maxPages }),
  });
  const release = new RelayRelease(clock, log);
  const buses = new Map(
    site.buses.map((bus) => {
      const worstTurnaroundMs = slowestOn(site, bus.id, catalogue);
      const openLink = () => linkTo(bus, { clock, quarantineMs: worstTurnaroundMs + quarantineMarginMs });
      const common = { openLink, clock, log, worstTurnaroundMs, ...(random ? { random } : {}) };
      return [bus.id, new FieldBus({ id: bus.id, ...common })];
    }),
  );
  const boards = new Boards(buses, catalogue.boards, clock);
  const devices = new Map<string, ControlledDevice>();
  const inputs = new Map<string, InputPoint>();
  const sensors = new Map<string, SensorPoint>();
  const commands = new DeviceCommands({
    ...{ clock, log, journal, devices, outOfService: out },
    clockTrusted: options.clockTrusted,
    permissions: site.permissions,
  });
  const sources = new Set(
    [...site.devices, ...site.inputs, ...site.sensors, ...site.readers, ...site.interlocks].map(
      ({ id }) => id,
    ),
  );
  const alarms = new OpenAlarms({ journal, clock, log, sources });
  const surroundings = new Surroundings({
    ...{ site, clock, log, journal, devices },
    alarms: (source, list) => alarms.report(source, list),
    fireChanged: (fire) => api.publish('fire', fire),
    holdForFire: (device) => commands.holdForFire(device),
  });
  const fireDesk = new FireResets({ surroundings, permissions: site.permissions, clock, journal });
  const cards = new CardAccess({
    ...{ readers: site.readers, journal, clock, log },
    openLine: ({ path }) => lineTo({ path, baudRate: 9600, parity: 'none', stopBits: 1 }),
    keyFile: join(dirname(options.database), 'card-key'),
    submit: (command) => commands.submit(command),
    alarms: (reader, list) => alarms.report(reader, list),
    commsChanged: (reader, comms, reason) => commsChanged(reader, comms, reason),
  });
  const platform = new PlatformCommands({
    ...{ clock, log, commands, journal },
    box: site.box.id,
    keys: site.uplink?.commands?.keys ?? [],
  });
  const views = {
    devices: () => [...devices.values()].map((device) => device.view()),
    inputs: () => [...inputs.values()].map((point) => point.view()),
    sensors: () => [...sensors.values()].map((sensor) => sensor.view()),
  };
  const api = new DriversApi({
    ...{
      socket: options.socket,
      cliSocket: options.cliSocket,
      clock,
      log,
      commands,
      journal,
      cards,
      platform,
    },
    devices: () => [...views.devices(), ...notInService(site.devices).map(deviceOut)],
    inputs: () => [...views.inputs(), ...notInService(site.inputs).map(inputOut)],
    sensors: () => [...views.sensors(), ...notInService(site.sensors).map(sensorOut)],
    fire: fireDesk,
    health: () =>
      driversHealth({ journal, outOfService: out, views, cards, clockTrusted: options.clockTrusted }),
  });
  const commsChanged = (device: string, comms: 'ok' | 'lost', reason: string | undefined) => {
    log[comms === 'ok' ? 'info' : 'warn']('device-comms', { device, comms, reason });
    const event = { type: 'comms', at: isoWithOffset(clock.epochMs()), device, comms } as const;
    void journal.keep({ fact: 'event', event: reason ? { ...event, reason: reason.slice(0, 200) } : event });
  };
  const observer: DeviceObserver = {
    changed: (device) => {
      surroundings.deviceChanged(device);
      api.publish('device', device.view());
    },
    commsChanged,
    raise: (device) => commands.raise(device),
    alarms: (device, list) => alarms.report(device.spec.id, list),
    holdEnded: (device, hold, end) => surroundings.holdEnded(device, hold, end),
    relayRead: (device, on) => surroundings.relayRead(device, on),
    around: (device) => surroundings.around(device),
  };
  const inputObserver: InputObserver = {
    changed: (point) => {
      surroundings.inputChanged(point);
      api.publish('input', point.view());
    },
    // A board with a device on it is told of by that device.
    commsChanged: ({ spec, board }, comms, reason) => {
      const first = site.inputs.find(({ bus, unit }) => bus === spec.bus && unit === spec.unit) === spec;
      const told = [...devices.values()].some((device) => device.board === board);
      if (first && !told) commsChanged(spec.id, comms, reason);
    },
  };
  const sensorObserver: SensorObserver = {
    changed: (sensor) => api.publish('sensor', sensor.view()),
    commsChanged: ({ spec }, comms, reason) => commsChanged(spec.id, comms, reason),
    alarms: ({ spec }, list) => alarms.report(spec.id, list),
    report: ({ spec }, cause, values) => {
      const at = isoWithOffset(clock.epochMs());
      const event: NewDeviceEvent = { type: 'reading', at, device: spec.id, cause, values: [...values] };
      void journal.keep({ fact: 'event', event });
    },
  };
  for (const spec of inService(site.devices)) {
    const board = boards.of(spec);
    const device = new ControlledDevice(spec, { board, release, observer, clock });
    board.listen(device);
    devices.set(spec.id, device);
  }
  for (const spec of inService(site.inputs)) {
    const board = boards.of(spec);
    const point = new InputPoint(spec, board, inputObserver);
    board.listen(point);
    inputs.set(spec.id, point);
  }
  for (const spec of inService(site.sensors)) {
    const bus = buses.get(spec.bus);
    const profile = catalogue.sensors.get(spec.profile);
    if (!bus || !profile) throw new Error(`bus or profile of sensor ${spec.id} went unchecked`);
    sensors.set(spec.id, new SensorPoint(spec, { bus, profile, observer: sensorObserver, clock }));
  }
  const toldAtStart: Part = {
    start: () => {
      for (const [id, why] of out) commsChanged(id, 'lost', `OUT_OF_SERVICE: ${why}`);
    },
    stop: () => undefined,
  };
  return [
    ['journal', journal],
    ['audit heads', new AuditHeads(journal, clock, log)],
    ['alarms', alarms],
    ...[...buses.values()].map((bus) => [`bus ${bus.id}`, bus] as const),
    ['surroundings', surroundings],
    ['out of service', toldAtStart],
    ['relay-release', release],
    ...[...boards.all].map(([key, board]) => [`board ${key}`, board] as const),
    ...[...sensors].map(([id, sensor]) => [`sensor ${id}`, sensor] as const),
    ['card readers', cards],
    ['api', api],
  ];
}

/** Longest time to an answer of any board or sensor of a bus, by their profiles, milliseconds. */
function slowestOn(site: Site, bus: string, { boards, sensors }: Catalogue): number {
  const slowest = [...site.devices, ...site.inputs, ...site.sensors]
    .filter((device) => device.bus === bus)
    .map(({ profile }) => (boards.get(profile) ?? sensors.get(profile))?.worstTurnaroundMs ?? 0);
  return Math.max(0, ...slowest);
}

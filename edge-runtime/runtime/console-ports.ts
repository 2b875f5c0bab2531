import type { ConsolePorts, IncidentsPort, TuningPort, WatchingPort } from '@gatehouse/console';
import { actionsOf, type IncidentChange, type Site, type SiteView, ZoneRule } from '@gatehouse/contracts';
import { type Clock, socketPath } from '@gatehouse/kit';
import type { VisionClient } from '@gatehouse/local-api';
import type { EventStore } from '@gatehouse/store';
import type { CameraBoard } from './camera-board.ts';
import type { ClipFiles } from './clip-files.ts';
import type { DeviceBoard } from './device-board.ts';
import type { FlowsRecord } from './flows-record.ts';
import type { HealthBoard } from './health-board.ts';
import type { Hub } from './hub.ts';
import type { IncidentDesk } from './incident-desk.ts';
import type { IncidentRecorder } from './incident-recorder.ts';
import { withZones } from './look-back/at-moment.ts';
import type { DryRuns } from './look-back/dry-runs.ts';
import type { LookBack } from './look-back/look-back.ts';
import { zonePrecision } from './precision.ts';
import type { SiteBook } from './site-book.ts';
import type { StillFiles } from './still-files.ts';
import type { UplinkBoard } from './uplink-board.ts';

export interface ConsoleParts {
  readonly book: SiteBook;
  readonly store: EventStore;
  readonly recorder: IncidentRecorder;
  readonly desk: IncidentDesk;
  readonly lookBack: LookBack;
  readonly dryRuns: DryRuns;
  readonly changes: Hub<IncidentChange>;
  readonly stills: StillFiles;
  readonly clips: ClipFiles;
  readonly cameras: CameraBoard;
  readonly devices: DeviceBoard;
  readonly uplink: UplinkBoard;
  readonly health: HealthBoard;
  readonly vision: VisionClient;
  readonly flowsRecord: FlowsRecord;
  readonly clock: Clock;
}

/** What pickers and pages may know of the site: names and places, no address and no secret. */
export function siteView({ site, cameras, devices, inputs, sensors, readers, interlocks }: Site): SiteView {
  return {
    id: site.id,
    name: site.name,
    cameras: cameras.map(({ id, name, zones }) => ({
      id,
      name,
      zones: zones.map((zone) => ({ id: zone.id, name: zone.name, polygon: zone.polygon })),
    })),
    devices: devices.map((device) => ({
      id: device.id,
      kind: device.kind,
      name: device.name,
      actions: actionsOf(device),
    })),
    inputs: inputs.map(({ id, kind, name }) => ({ id, kind, name })),
    sensors: sensors.map(({ id, name }) => ({ id, name })),
    readers: readers.map(({ id, name }) => ({ id, name })),
    interlocks: interlocks.map(({ id, name, doors }) => ({ id, name, doors })),
  };
}

/** A transcoder starts with the next keyframe, and cameras send one every 10 s at worst. */
const firstPictureMs = 15_000;

/** The console's ports on the runtime's parts. */
export function consolePorts(parts: ConsoleParts): ConsolePorts {
  const { book, store, cameras, devices, uplink, health, vision } = parts;
  return {
    incidents: incidentsPort(parts),
    devices: {
      list: () => devices.list(),
      subscribe: (listener) => devices.changes.subscribe(listener),
      request: (device, wish, user) => devices.request(device, wish, { channel: 'console', user }),
    },
    inputs: {
      list: () => devices.inputs(),
      subscribe: (listener) => devices.inputChanges.subscribe(listener),
    },
    sensors: {
      list: () => devices.sensors.list(),
      subscribe: (listener) => devices.sensors.changes.subscribe(listener),
    },
    fire: {
      state: () => devices.fire,
      subscribe: (listener) => devices.fireChanges.subscribe(listener),
      reset: (user) => devices.resetFire({ channel: 'console', user }),
    },
    cameras: {
      list: () => cameras.list(),
      subscribe: (listener) => cameras.changes.subscribe(listener),
      openStream: (camera) =>
        vision.open('stream', {
          params: { id: camera },
          query: { as: 'mpeg1' },
          timeoutMs: firstPictureMs,
        }),
      still: async (camera, atMs) =>
        (await vision.bytes('still', { params: { id: camera }, query: { atMs } })).bytes,
    },
    watching: watchingPort(parts),
    tuning: tuningPort(parts),
    users: usersPort(store),
    health: { services: () => health.services() },
    site: { view: () => siteView(book.site), version: () => book.inForce },
    editor: {
      socketPath: socketPath('flows', 'editor'),
      beginDeploy: (by) => parts.flowsRecord.begin(by),
    },
    audit: { record: (record) => store.accounts.recordAudit(record) },
    uplink: { view: () => uplink.view(), subscribe: (listener) => uplink.changes.subscribe(listener) },
  };
}

/** The tables answer the port as they are; the store is opened after the ports are built. */
export function usersPort(store: EventStore): ConsolePorts['users'] {
  return {
    countUsers: () => store.accounts.countUsers(),
    findUser: (name) => store.accounts.findUser(name),
    listUsers: () => store.accounts.listUsers(),
    addFirstUser: (user) => store.accounts.addFirstUser(user),
    addUser: (user) => store.accounts.addUser(user),
    addSession: (session) => store.accounts.addSession(session),
    findSession: (hash) => store.accounts.findSession(hash),
    touchSession: (hash, atMs) => store.accounts.touchSession(hash, atMs),
    removeSession: (hash) => store.accounts.removeSession(hash),
    removeStaleSessions: (created, seen) => store.accounts.removeStaleSessions(created, seen),
    sessionsOf: (user) => store.accounts.sessionsOf(user),
    changeRole: (name, role) => store.accounts.changeRole(name, role),
    changePassword: (name, hash) => store.accounts.changePassword(name, hash),
    failedLogins: (key) => store.accounts.failedLogins(key),
    saveFailedLogins: (list, beforeMs) => store.accounts.saveFailedLogins(list, beforeMs),
    clearFailedLogins: (key) => store.accounts.clearFailedLogins(key),
  };
}

/** Missed changes handed to one resuming browser at most; further back it loads the list anew. */
const maxResume = 1000;

function watchingPort({ book, recorder, lookBack }: ConsoleParts): WatchingPort {
  return {
    now(camera) {
      const stored = lookBack.stored(book.camera(camera).id);
      return { ...recorder.view(camera), ...(stored ? { stored } : {}) };
    },
    at: (camera, atMs) => lookBack.at(book.camera(camera), atMs),
  };
}

/** Verdicts of this long count: what an installer changed before is not what guards see now. */
const precisionMs = 30 * 86_400_000;

function tuningPort({ book, dryRuns, store, clock }: ConsoleParts): TuningPort {
  return {
    base: (camera) => ({
      zones: book.camera(camera).zones,
      version: book.version(),
      rules: ZoneRule.options.map((rule) => rule.parse({ kind: rule.shape.kind.value })),
    }),
    dryRun: (camera, zones) => dryRuns.begin(withZones(book.camera(camera), zones)),
    getDryRun: (id) => dryRuns.get(id),
    cancelDryRun: (id) => dryRuns.cancel(id),
    save: (camera, zones, version, user) => book.saveZones(camera, zones, version, user),
    precision: () =>
      zonePrecision(store.verdictCounts(new Date(clock.epochMs() - precisionMs).toISOString())),
  };
}

function incidentsPort({ store, desk, changes, stills, clips }: ConsoleParts): IncidentsPort {
  return {
    list: ({ condition, handling }, { limit, before }) => {
      const rows = store.incidents({
        limit: limit + 1,
        ...(condition ? { open: condition === 'open' } : {}),
        ...(handling ? { handling } : {}),
        ...(before ? { before: Number(before) } : {}),
      });
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      return {
        incidents: page.map(({ incident }) => incident),
        ...(rows.length > limit && last ? { next: String(last.order) } : {}),
      };
    },
    get: (id) => store.incident(id),
    acknowledge: (id, user, at) => desk.acknowledge(id, user, at),
    label: (id, request) => desk.label(id, request),
    labels: (id) => store.labels(id),
    still: (id, name) => stills.read(id, name),
    clip: (id) => clips.read(id),
    subscribe: (listener, afterEventId) => {
      const newest = store.lastChange();
      const after = Number(afterEventId);
      const resumed =
        afterEventId !== undefined &&
        Number.isSafeInteger(after) &&
        after <= newest &&
        newest - after <= maxResume;
      const hear = ({ sequence, incident }: IncidentChange) => listener({ id: String(sequence), incident });
      // One thread: nothing is committed between the missed ones and the subscription.
      if (resumed) for (const change of store.changesAfter(after, maxResume)) hear(change);
      return { lastEventId: String(newest), resumed, stop: changes.subscribe(hear) };
    },
  };
}

/**
 * A scripted history of a box: cars, cameras and devices in trouble, guards at work, a full disk, restarts
 * and an edit of the zones. `node history.ts > history.golden.jsonl` prints the rows of events.db and the
 * published changes, byte for byte.
 */
import crypto from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  type CameraConditionName,
  type DeviceEvent,
  driversForRuntime,
  flowsForRuntime,
  type IncidentChange,
  parseSite,
  type Site,
  visionForRuntime,
} from '@gatehouse/contracts';
import { GatehouseError, LocalClient, ManualClock, silentLog } from '@gatehouse/kit';
import { ApiClient } from '@gatehouse/local-api';
import type { EventStore } from '@gatehouse/store';
import Database from 'better-sqlite3';
import { CameraStates } from '../../cameras/camera-states.ts';
import { DeviceStates } from '../../devices/device-states.ts';
import { buildEvidence } from '../../evidence/build.ts';
import { buildPeers } from '../../health/build.ts';
import type { RuntimeOptions } from '../../options.ts';
import { buildStorage } from '../../storage/build.ts';
import { frame, jpeg, laneZone } from '../../test/fixtures.ts';
import { buildIncidents } from '../build.ts';

const tables = [
  'incidents',
  'incident_changes',
  'incident_labels',
  'outbox',
  'engine_state',
  'device_events',
];

/** Plays the history in a new folder; returns one JSON text for each published change and each row. */
export async function playHistory(): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'gh-history-'));
  const undo = fixedUuids();
  // Times are written with the offset of the machine.
  process.env.TZ = 'Asia/Shanghai';
  try {
    const box = new Box(folder);
    await box.play();
    return [...box.told, ...rowsOf(join(folder, 'events.db'))];
  } finally {
    undo();
    rmSync(folder, { recursive: true, force: true });
  }
}

function rowsOf(file: string): string[] {
  const db = new Database(file, { readonly: true });
  try {
    return tables.flatMap((table) =>
      db
        .prepare(`SELECT * FROM ${table}`)
        .all()
        .map((row) => JSON.stringify({ table, row })),
    );
  } finally {
    db.close();
  }
}

/** Incidents of devices have random ids: here they are numbered. */
function fixedUuids(): () => void {
  const { randomUUID } = crypto;
  let count = 0;
  crypto.randomUUID = () => uuid(++count);
  syncBuiltinESMExports();
  return () => {
    crypto.randomUUID = randomUUID;
    syncBuiltinESMExports();
  };
}

function uuid(n: number): `${string}-${string}-${string}-${string}-${string}` {
  return `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
}

function siteWith(zones: string): Site {
  const camera = (id: string, more = '') =>
    `  - { id: ${id}, name: { zh-CN: 门, en: Gate }, url: "rtsp://192.0.2.7/${id}"${more} }`;
  const result = parseSite(`version: 1
site: { id: compound, name: { zh-CN: 小区, en: Compound } }
box: { id: box-1 }
cameras:
${[camera('east', `, zones: ${zones}`), ...['north', 'south', 'west'].map((id) => camera(id))].join('\n')}
buses: [{ id: tcp, kind: modbus-tcp, host: 192.0.2.9 }]
devices:
  - { id: barrier, kind: barrier, name: { zh-CN: 道闸, en: Barrier }, bus: tcp, unit: 1, profile: p, outputs: { open: 0, close: 1 }, failMode: safe }
`);
  if (!result.ok) throw new Error(JSON.stringify(result.problems[0]));
  return result.site;
}

/** Vision that has every picture, and drivers that hand over the events they are given. */
class FakeVision extends LocalClient {
  override async callRaw() {
    return { status: 200, bytes: Buffer.from(jpeg), headers: {} };
  }
  override async open() {
    return Readable.from([Buffer.from('mp4')]) as IncomingMessage;
  }
}
class FakeDrivers extends LocalClient {
  events: DeviceEvent[] = [];
  override async call(method: string): Promise<unknown> {
    if (method === 'GET') return this.events;
    this.events = [];
    return undefined;
  }
}

class Box {
  readonly told: string[] = [];
  readonly #folder: string;
  readonly #clock = new ManualClock();
  readonly #vision = new FakeVision('vision', '/nowhere');
  readonly #drivers = new FakeDrivers('drivers', '/nowhere');
  #sequence = 0;
  #parts: Parts;

  constructor(folder: string) {
    this.#folder = folder;
    const { store } = buildStorage(this.#options(siteWith(laneZone)));
    store.start();
    store.stop();
    // The epoch is random, and ids of incidents follow from it.
    const db = new Database(join(folder, 'events.db'));
    db.prepare("UPDATE meta SET value = ? WHERE key = 'epoch'").run('0123456789abcdef0123456789abcdef');
    db.close();
    this.#parts = this.#build(siteWith(laneZone));
  }

  async play(): Promise<void> {
    await this.#start();
    await this.#parkedCar();
    await this.#devices();
    await this.#cameras();
    await this.#fullDisk();
    await this.#edits();
    this.#stop();
  }

  /** A car parks, is acknowledged, labelled twice, and leaves. */
  async #parkedCar(): Promise<void> {
    await this.#drive(0, 40);
    const id = this.#open('illegal-parking');
    await this.#clip(id);
    const { records } = this.#parts.incidents;
    records.acknowledge(id, 'zhang', '2026-11-23T03:00:00+08:00');
    records.acknowledge(id, 'li', '2026-11-23T03:00:01+08:00');
    await this.#drive(40, 70, false);
    const label = { label: 'false-alarm', reason: 'light-or-weather', note: '树影' } as const;
    const at = '2026-11-23T03:05:00+08:00';
    records.label(id, { request: uuid(901), label, by: 'li', at });
    records.label(id, { request: uuid(901), label, by: 'li', at });
    records.label(id, { request: uuid(902), label: { label: 'confirmed' }, by: 'wang', at });
    // A restart in the middle of the next one, and a guard who labels it before anybody has acknowledged it.
    await this.#drive(70, 90);
    await this.#restart(siteWith(laneZone));
    await this.#drive(90, 112);
    await this.#clip(this.#open('illegal-parking'));
    const confirmed = { request: uuid(903), label: { label: 'confirmed' }, by: 'wang', at } as const;
    this.#parts.incidents.records.label(this.#open('illegal-parking'), confirmed);
    await this.#restart(siteWith(laneZone));
    await this.#drive(112, 130, false);
  }

  async #devices(): Promise<void> {
    const [one, two, three] = [uuid(801), uuid(802), uuid(803)];
    const gates = [{ name: 'open-for', value: 61, threshold: 60, unit: 's', passed: true }];
    const alarm = { type: 'alarm', device: 'barrier', kind: 'door-held-open', gates } as const;
    const comms = { type: 'comms', device: 'barrier' } as const;
    await this.#ingest(
      { ...comms, comms: 'lost', reason: 'TIMEOUT: no answer' },
      { ...comms, comms: 'lost' },
    );
    await this.#ingest({ ...alarm, alarm: one, phase: 'opened', priority: 3 });
    await this.#ingest(
      { ...alarm, alarm: one, phase: 'updated', priority: 1, gates: [] },
      { ...alarm, alarm: one, phase: 'updated', priority: 3 },
      { ...alarm, alarm: two, phase: 'opened', priority: 2 },
      { ...alarm, alarm: one, phase: 'updated', priority: 2 },
      { ...alarm, alarm: three, kind: 'device-tamper', phase: 'opened', priority: 2 },
    );
    await this.#ingest(
      { ...alarm, alarm: two, phase: 'cleared', priority: 2 },
      { ...alarm, alarm: two, phase: 'cleared', priority: 2 },
      {
        type: 'reading',
        device: 'barrier',
        cause: 'period',
        values: [{ id: 'level', value: 3, unit: 'cm', state: 'normal' }],
      },
      { type: 'audit-head', head: { sequence: 7, hash: 'ab'.repeat(32) } },
      { ...comms, comms: 'ok' },
      { ...alarm, alarm: three, kind: 'device-tamper', phase: 'cleared', priority: 2 },
    );
  }

  async #cameras(): Promise<void> {
    const all = ['east', 'north', 'south', 'west'];
    for (const id of all) this.#tell(id);
    this.#tell('north', 'blurred');
    await this.#clock.advance(2_000);
    this.#tell('north', 'blurred', 'stale');
    await this.#clock.advance(12_000);
    this.#tell('north');
    await this.#clock.advance(2_000);
    for (const id of all) this.#tell(id, 'stale');
    await this.#clock.advance(2_000);
    await this.#restart(siteWith(laneZone));
    await this.#clock.advance(2_000);
    for (const id of all) this.#tell(id);
    await this.#clock.advance(2_000);
  }

  /** Findings wait while the disk takes nothing, and so does the trouble of a camera. */
  async #fullDisk(): Promise<void> {
    const { store } = this.#parts.storage;
    const commit = store.commit.bind(store);
    store.commit = () => {
      throw new GatehouseError('STORE_FULL', 'environment', 'no space is left.', 'Free space.');
    };
    this.#tell('west', 'covered');
    await this.#drive(130, 180);
    await this.#drive(180, 200, false);
    store.commit = commit;
    await this.#drive(200, 205, false);
    await this.#drive(205, 250);
    await this.#clip(this.#open('illegal-parking'));
  }

  /** The zone of an open incident is taken out, put back, and taken out again over a restart. */
  async #edits(): Promise<void> {
    const { rules } = this.#parts.incidents;
    rules.reload(siteWith('[]'));
    await this.#drive(250, 260);
    rules.reload(siteWith(laneZone));
    await this.#drive(260, 300);
    await this.#clip(this.#open('illegal-parking'));
    await this.#restart(siteWith('[]'));
    await this.#drive(300, 310);
  }

  async #drive(fromS: number, toS: number, car = true): Promise<void> {
    for (let ms = fromS * 1000; ms < toS * 1000; ms += 500) {
      await this.#clock.advance(500);
      this.#parts.cameras.frames.publish(frame(ms, car));
    }
    await this.#clock.advance(0);
  }

  /** Waits until the clip of an incident is on record: its bytes come through a stream. */
  async #clip(id: string): Promise<void> {
    await this.#clock.advance(13_000);
    while (!this.#store.incident(id)?.clip) await new Promise((resolve) => setImmediate(resolve));
  }

  #open(kind: string): string {
    const open = this.#store
      .incidents({ open: true, limit: 9 })
      .find(({ incident }) => incident.kind === kind);
    if (!open) throw new Error(`no ${kind} is open`);
    return open.incident.id;
  }

  #tell(id: string, ...names: CameraConditionName[]): void {
    this.#parts.cameras.changes.publish({
      id,
      state: names.includes('stale') ? 'down' : 'live',
      analysedFps: 5,
      reconnects: 0,
      conditions: names.map((name) => ({ name, value: 9, threshold: 5, unit: 's', sinceMs: 1_000 })),
    });
  }

  async #ingest(...events: NewDeviceEvent[]): Promise<void> {
    this.#drivers.events = events.map((event): DeviceEvent => {
      const sequence = ++this.#sequence;
      const at = `2026-11-23T04:00:${String(sequence).padStart(2, '0')}+08:00`;
      return { id: uuid(700 + sequence), sequence, at, ...event } as DeviceEvent;
    });
    const again = this.#drivers.events;
    await this.#parts.incidents.deviceEvents.takeOver();
    // The acknowledgement was lost, and they come again.
    this.#drivers.events = again;
    await this.#parts.incidents.deviceEvents.takeOver();
  }

  get #store(): EventStore {
    return this.#parts.storage.store;
  }

  async #restart(site: Site): Promise<void> {
    this.#stop();
    this.#parts = this.#build(site);
    await this.#start();
  }

  async #start(): Promise<void> {
    const { storage, incidents, evidence } = this.#parts;
    const { signal } = new AbortController();
    for (const part of [
      storage.store,
      storage.tracks,
      incidents.rules,
      evidence.collector,
      incidents.cameraHealth,
    ])
      await (part as { start(signal: AbortSignal): unknown }).start(signal);
  }

  #stop(): void {
    const { storage, incidents, evidence } = this.#parts;
    for (const part of [
      incidents.cameraHealth,
      evidence.collector,
      incidents.rules,
      storage.tracks,
      storage.store,
    ])
      part.stop();
  }

  #options(site: Site): RuntimeOptions {
    const siteFile = join(this.#folder, 'site.yaml');
    writeFileSync(siteFile, '');
    const unused = '/nowhere';
    return {
      site,
      siteFile,
      stateDir: this.#folder,
      clock: this.#clock,
      log: silentLog,
      random: () => 0.5,
      clients: {
        vision: () => new ApiClient(visionForRuntime, this.#vision),
        drivers: new ApiClient(driversForRuntime, this.#drivers),
        flows: new ApiClient(flowsForRuntime, this.#drivers),
      },
      sockets: { sync: unused, flows: unused, cli: unused },
      listeners: { port: 0, editorPort: 0 },
    };
  }

  #build(site: Site): Parts {
    const parts = partsOf(this.#options(site));
    parts.incidents.changes.subscribe((told: IncidentChange) => this.told.push(JSON.stringify({ told })));
    return parts;
  }
}

type Parts = ReturnType<typeof partsOf>;

function partsOf(options: RuntimeOptions) {
  const { site, clock, log } = options;
  const storage = buildStorage(options);
  const peers = buildPeers(options);
  const cameras = new CameraStates({ site, vision: peers.vision, clock, log });
  const devices = new DeviceStates({ site, drivers: peers.drivers, clock, log });
  const incidents = buildIncidents(options, { storage, peers, cameras, devices });
  const evidence = buildEvidence(options, { storage, peers, cameras, incidents });
  return { storage, cameras, incidents, evidence };
}

type NewDeviceEvent = DeviceEvent extends infer E
  ? E extends E
    ? Omit<E, 'id' | 'sequence' | 'at'>
    : never
  : never;

if (import.meta.main) {
  process.stdout.write(`${(await playHistory()).join('\n')}\n`);
}

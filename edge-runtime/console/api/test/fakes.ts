import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import type {
  CameraStatus,
  DeviceAction,
  Incident,
  ServiceHealth,
  SiteView,
  Verdict,
} from '@gatehouse/contracts';
import type { IncidentPage, UplinkView } from '@gatehouse/contracts/console';
import { GatehouseError } from '@gatehouse/kit';
import type {
  AuditRecord,
  CamerasPort,
  ConsolePorts,
  IncidentChange,
  IncidentFilter,
  IncidentSubscription,
  IncidentsPort,
  LabelRequest,
  PageRequest,
} from '../ports.ts';
import { FakeDevices, FakeFire, FakeInputs, FakeSensors } from './fake-doors.ts';
import { FakeTuning, FakeWatching } from './fake-tuning.ts';
import { Listeners } from './listeners.ts';
import { MemoryUsers } from './memory-users.ts';

export class FakeIncidents implements IncidentsPort {
  readonly log: IncidentChange[] = [];
  readonly listeners = new Listeners<IncidentChange>();
  readonly stills = new Map<string, Uint8Array>();
  readonly clips = new Map<string, Uint8Array>();
  readonly #incidents = new Map<string, Incident>();
  readonly #requests = new Set<string>();
  readonly #labels: (readonly [id: string, verdict: Verdict])[] = [];

  put(incident: Incident): void {
    this.#incidents.set(incident.id, incident);
    const change = { id: `e-${this.log.length + 1}`, incident };
    this.log.push(change);
    this.listeners.emit(change);
  }
  list(filter: IncidentFilter, page: PageRequest): IncidentPage {
    const all = [...this.#incidents.values()]
      .filter(
        (incident) =>
          !filter.condition || (filter.condition === 'cleared') === (incident.phase === 'cleared'),
      )
      .filter((incident) => !filter.handling || incident.handling.state === filter.handling)
      .sort((a, b) => Date.parse(b.openedAt) - Date.parse(a.openedAt));
    const from = page.before ? Number(page.before) : 0;
    const next = from + page.limit < all.length ? { next: String(from + page.limit) } : {};
    return { incidents: all.slice(from, from + page.limit), ...next };
  }
  get(id: string): Incident | undefined {
    return this.#incidents.get(id);
  }
  acknowledge(id: string, by: string, at: string): Incident | undefined {
    const incident = this.#incidents.get(id);
    if (incident?.handling.state !== 'new') return incident;
    const done: Incident = { ...incident, handling: { state: 'acknowledged', by, at } };
    this.put(done);
    return done;
  }
  label(id: string, { request, label, by, at }: LabelRequest): Incident | undefined {
    const incident = this.#incidents.get(id);
    if (!incident || this.#requests.has(request)) return incident;
    this.#requests.add(request);
    const verdict: Verdict = { ...label, by, at };
    this.#labels.push([id, verdict]);
    const done: Incident = {
      ...incident,
      handling: { by, at, ...incident.handling, state: label.label, verdict },
    };
    this.put(done);
    return done;
  }
  labels(id: string): readonly Verdict[] {
    return this.#labels.filter(([of]) => of === id).map(([, verdict]) => verdict);
  }
  subscribe(listener: (change: IncidentChange) => void, afterEventId?: string): IncidentSubscription {
    const after = this.log.findIndex((change) => change.id === afterEventId);
    const lastEventId = this.log.at(-1)?.id ?? 'e-0';
    if (after >= 0) for (const change of this.log.slice(after + 1)) listener(change);
    return { lastEventId, resumed: after >= 0, stop: this.listeners.add(listener) };
  }
  still(id: string, name: Incident['stills'][number]): Uint8Array | undefined {
    return this.stills.get(`${id}/${name}`);
  }
  clip(id: string): Uint8Array | undefined {
    return this.clips.get(id);
  }
}

export class FakeCameras implements CamerasPort {
  readonly states = new Map<string, CameraStatus>();
  readonly listeners = new Listeners<CameraStatus>();
  readonly stills = new Map<string, Uint8Array>();
  readonly stillsAsked: { cameraId: string; atMs: number | undefined }[] = [];
  opened = 0;
  source: (cameraId: string) => Readable = (cameraId) => {
    throw new GatehouseError(
      'CAMERA_UNKNOWN',
      'input',
      `no camera is called "${cameraId}".`,
      'Check the id.',
    );
  };

  put(status: CameraStatus): void {
    this.states.set(status.id, status);
    this.listeners.emit(status);
  }
  list(): readonly CameraStatus[] {
    return [...this.states.values()];
  }
  subscribe(listener: (status: CameraStatus) => void): () => void {
    return this.listeners.add(listener);
  }
  async openStream(cameraId: string): Promise<Readable> {
    this.opened++;
    return this.source(cameraId);
  }
  still(cameraId: string, atMs?: number): Uint8Array | undefined {
    this.stillsAsked.push({ cameraId, atMs });
    return this.stills.get(cameraId);
  }
}

export class FakeUplink {
  current: UplinkView = { status: { state: 'connected', protocol: 5 }, backlog: 0 };
  readonly listeners = new Listeners<UplinkView>();
  put(view: UplinkView): void {
    this.current = view;
    this.listeners.emit(view);
  }
  view(): UplinkView {
    return this.current;
  }
  subscribe(listener: (view: UplinkView) => void): () => void {
    return this.listeners.add(listener);
  }
}

/** A runtime in whatever health a test gives it, and a vision service that misses a camera. */
export class FakeHealth {
  runtime: ServiceHealth = { status: 'ok' };
  vision: ServiceHealth = { status: 'degraded', detail: 'camera gate-1 at 10.0.0.7 is down' };
  services(): Record<string, ServiceHealth> {
    return { runtime: this.runtime, vision: this.vision };
  }
}

/** All of the console's ports in memory, with one camera, one barrier and one door. */
export function fakePorts(editorSocket = '/nonexistent/flows.sock') {
  const deploys: { user: string; address: string; ended: boolean }[] = [];
  const audit: AuditRecord[] = [];
  const ports = {
    incidents: new FakeIncidents(),
    devices: new FakeDevices(),
    inputs: new FakeInputs(),
    sensors: new FakeSensors(),
    fire: new FakeFire(),
    cameras: new FakeCameras(),
    users: new MemoryUsers(),
    uplink: new FakeUplink(),
    health: new FakeHealth(),
    watching: new FakeWatching(),
    tuning: new FakeTuning(),
    site: {
      version: () => '1',
      view: (): SiteView => ({
        id: 'demo',
        name: { 'zh-CN': '锦绣花园', en: 'Jinxiu Garden' },
        cameras: [
          {
            id: 'gate-1',
            name: { 'zh-CN': '东门车道', en: 'East gate lane' },
            zones: [
              {
                id: 'no-parking',
                name: { 'zh-CN': '禁停区', en: 'No-parking zone' },
                polygon: [
                  [0.1, 0.4],
                  [0.9, 0.4],
                  [0.9, 0.9],
                  [0.1, 0.9],
                ] as [number, number][],
              },
            ],
          },
        ],
        devices: [
          {
            id: 'barrier-1',
            kind: 'barrier',
            name: { 'zh-CN': '东门道闸', en: 'East barrier' },
            actions: ['open', 'close', 'stop'] as DeviceAction[],
          },
          {
            id: 'door-1',
            kind: 'door',
            name: { 'zh-CN': '1 号楼门', en: 'Block 1 door' },
            actions: ['open'] as DeviceAction[],
          },
        ],
        inputs: [],
        sensors: [],
        readers: [],
        interlocks: [],
      }),
    },
    editor: {
      socketPath: editorSocket,
      deploys,
      async beginDeploy(by: { user: string; address: string }) {
        const deploy = { ...by, ended: false };
        deploys.push(deploy);
        return {
          end: () => {
            deploy.ended = true;
          },
        };
      },
    },
    audit: {
      record(record: AuditRecord): void {
        audit.push(record);
      },
    },
  };
  ports.devices.put({
    id: 'barrier-1',
    kind: 'barrier',
    name: { 'zh-CN': '东门道闸', en: 'East barrier' },
    position: 'closed',
    comms: 'ok',
    ageMs: 120,
    inputs: { closed: true, open: false, loop: false },
    actions: ['open', 'close', 'stop'],
  });
  ports.devices.put({
    id: 'door-1',
    kind: 'door',
    name: { 'zh-CN': '1 号楼门', en: 'Block 1 door' },
    position: 'unknown',
    comms: 'lost',
    ageMs: 754_000,
    inputs: {},
    actions: ['open'],
  });
  ports.cameras.put({
    id: 'gate-1',
    state: 'live',
    frameAgeMs: 180,
    codec: 'h264',
    analysedFps: 5,
    reconnects: 0,
  });
  return { ports: ports satisfies ConsolePorts, audit };
}

/** An illegal-parking incident as the store would hold it. */
export function anIncident(overrides: Partial<Incident> = {}): Incident {
  return {
    id: randomUUID(),
    kind: 'illegal-parking',
    phase: 'opened',
    priority: 2,
    camera: 'gate-1',
    zone: 'no-parking',
    openedAt: '2026-11-23T03:12:30.000+08:00',
    updatedAt: '2026-11-23T03:12:30.000+08:00',
    evidence: {
      class: 'car',
      box: { x1: 0.3, y1: 0.4, x2: 0.55, y2: 0.7 },
      sinceMs: Date.parse('2026-11-23T03:12:00.000+08:00'),
      atMs: Date.parse('2026-11-23T03:12:30.000+08:00'),
      gates: [
        { name: 'class', value: 'car', threshold: 'car, bus, truck', passed: true },
        { name: 'inside-zone', value: true, passed: true },
        { name: 'dwell', value: 30.2, threshold: 30, unit: 's', passed: true },
      ],
    },
    handling: { state: 'new' },
    stills: ['opened'],
    ...overrides,
  };
}

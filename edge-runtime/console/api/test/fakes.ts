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
import type { AuditRecord, ConsoleParts, FlowsAudit, Pictures } from '../parts.ts';
import type {
  IncidentChange,
  IncidentFilter,
  IncidentSubscription,
  IncidentsPort,
  LabelRequest,
  PageRequest,
} from '../ports.ts';
import { FakeDoors } from './fake-doors.ts';
import { FakeTuning, FakeWatching } from './fake-tuning.ts';
import { Listeners, PutStates } from './listeners.ts';
import { MemoryUsers } from './memory-users.ts';

class FakeIncidents implements IncidentsPort {
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
    return { lastEventId, resumed: after >= 0, stop: this.listeners.subscribe(listener) };
  }
  still(id: string, name: Incident['stills'][number]): Uint8Array | undefined {
    return this.stills.get(`${id}/${name}`);
  }
  clip(id: string): Uint8Array | undefined {
    return this.clips.get(id);
  }
}

/** Cameras that a test sets, with its pictures. */
class FakeCameras extends PutStates<CameraStatus> implements Pictures {
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

  async live(cameraId: string): Promise<Readable> {
    this.opened++;
    return this.source(cameraId);
  }
  still(cameraId: string, atMs?: number): Uint8Array | undefined {
    this.stillsAsked.push({ cameraId, atMs });
    return this.stills.get(cameraId);
  }
}

class FakeUplink {
  current: UplinkView = { status: { state: 'connected', protocol: 5 }, backlog: 0 };
  readonly changes = new Listeners<UplinkView>();
  put(view: UplinkView): void {
    this.current = view;
    this.changes.emit(view);
  }
  view(): UplinkView {
    return this.current;
  }
}

class MemoryAccounts extends MemoryUsers {
  readonly audit: AuditRecord[] = [];
  recordAudit(record: AuditRecord): void {
    this.audit.push(record);
  }
}

/** Records the users who have deployed flows. */
class FakeFlowsAudit implements FlowsAudit {
  readonly deploys: { user: string; address: string; ended: boolean }[] = [];
  async begin(by: { user: string; address: string }) {
    const deploy = { ...by, ended: false };
    this.deploys.push(deploy);
    return {
      end: () => {
        deploy.ended = true;
      },
    };
  }
}

/** A runtime with a health that a test sets, and a vision service that misses a camera. */
class FakeHealth {
  runtime: ServiceHealth = { status: 'ok' };
  vision: ServiceHealth = { status: 'degraded', detail: 'camera gate-1 at 10.0.0.7 is down' };
  services(): Record<string, ServiceHealth> {
    return { runtime: this.runtime, vision: this.vision };
  }
}

/** Parts of a runtime in memory, with one camera, one barrier and one door. */
export function fakeParts() {
  const accounts = new MemoryAccounts();
  const cameras = new FakeCameras();
  const parts = {
    store: { accounts },
    incidents: new FakeIncidents(),
    watching: new FakeWatching(),
    tuning: new FakeTuning(),
    devices: new FakeDoors(),
    cameras,
    pictures: cameras,
    uplink: new FakeUplink(),
    health: new FakeHealth(),
    flowsAudit: new FakeFlowsAudit(),
    site: {
      inForce: '1',
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
  };
  parts.devices.put({
    id: 'barrier-1',
    kind: 'barrier',
    name: { 'zh-CN': '东门道闸', en: 'East barrier' },
    position: 'closed',
    comms: 'ok',
    ageMs: 120,
    inputs: { closed: true, open: false, loop: false },
    actions: ['open', 'close', 'stop'],
  });
  parts.devices.put({
    id: 'door-1',
    kind: 'door',
    name: { 'zh-CN': '1 号楼门', en: 'Block 1 door' },
    position: 'unknown',
    comms: 'lost',
    ageMs: 754_000,
    inputs: {},
    actions: ['open'],
  });
  parts.cameras.put({
    id: 'gate-1',
    state: 'live',
    frameAgeMs: 180,
    codec: 'h264',
    analysedFps: 5,
    reconnects: 0,
  });
  return parts satisfies ConsoleParts;
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

import type {
  CameraStatus,
  DesiredView,
  DeviceState,
  Endangered,
  FireState,
  HealthFault,
  Incident,
  InputState,
  SensorState,
  ServiceHealth,
  UplinkStatus,
} from '@gatehouse/contracts';

/** Mirrors the API's `UplinkView`. */
export interface Uplink {
  readonly status: UplinkStatus;
  readonly backlog: number;
  readonly oldestUnsentAt?: string;
  readonly desired?: DesiredView;
}

/** Something heard from the box, and when by this browser's clock. */
export interface Heard<T> {
  readonly value: T;
  readonly atMs: number;
}

/** What this page knows about the box. While `link` is not `live`, all of it is history. */
export interface BoxState {
  readonly link: 'connecting' | 'live' | 'lost';
  /** Last sign of life, browser clock. */
  readonly lastHeardMs: number | undefined;
  /** Box clock minus browser clock, milliseconds. */
  readonly clockOffsetMs: number;
  readonly incidents: ReadonlyMap<string, Incident>;
  readonly devices: ReadonlyMap<string, Heard<DeviceState>>;
  readonly inputs: ReadonlyMap<string, Heard<InputState>>;
  readonly sensors: ReadonlyMap<string, Heard<SensorState>>;
  readonly fire: FireState | undefined;
  readonly cameras: ReadonlyMap<string, Heard<CameraStatus>>;
  readonly uplink: Uplink | undefined;
  /** Health of the box's services by name. */
  readonly services: Readonly<Record<string, ServiceHealth>>;
  /** Changes whenever names, places or zones may have. */
  readonly siteVersion: string | undefined;
}

export interface BoxSnapshot {
  readonly siteVersion: string;
  readonly now: string;
  readonly devices: readonly DeviceState[];
  readonly inputs: readonly InputState[];
  readonly sensors: readonly SensorState[];
  readonly fire: FireState;
  readonly cameras: readonly CameraStatus[];
  readonly uplink: Uplink;
  readonly services: Readonly<Record<string, ServiceHealth>>;
  readonly incidents?: readonly Incident[];
}

export type BoxEvent =
  | { readonly type: 'lost' }
  | { readonly type: 'state'; readonly data: BoxSnapshot; readonly atMs: number }
  | { readonly type: 'beat'; readonly data: BoxSnapshot; readonly atMs: number }
  | { readonly type: 'incident'; readonly data: Incident; readonly atMs: number }
  | { readonly type: 'device'; readonly data: DeviceState; readonly atMs: number }
  | { readonly type: 'input'; readonly data: InputState; readonly atMs: number }
  | { readonly type: 'sensor'; readonly data: SensorState; readonly atMs: number }
  | { readonly type: 'fire'; readonly data: FireState; readonly atMs: number }
  | { readonly type: 'camera'; readonly data: CameraStatus; readonly atMs: number }
  | { readonly type: 'uplink'; readonly data: Uplink; readonly atMs: number };

export const unknownBox: BoxState = {
  link: 'connecting',
  lastHeardMs: undefined,
  clockOffsetMs: 0,
  incidents: new Map(),
  devices: new Map(),
  inputs: new Map(),
  sensors: new Map(),
  fire: undefined,
  cameras: new Map(),
  uplink: undefined,
  services: {},
  siteVersion: undefined,
};

/** A page that has been open for weeks keeps at most this many; the least urgent go first. */
const maxIncidents = 300;

export function reduceBox(box: BoxState, event: BoxEvent): BoxState {
  if (event.type === 'lost') return { ...box, link: 'lost' };
  const { atMs } = event;
  const heard = { ...box, lastHeardMs: atMs };
  switch (event.type) {
    case 'state':
    case 'beat': {
      const { now, devices, inputs, sensors, fire, cameras, uplink, services, siteVersion, incidents } =
        event.data;
      return {
        ...heard,
        link: 'live',
        clockOffsetMs: Date.parse(now) - atMs,
        devices: new Map(devices.map((value) => [value.id, { value, atMs }])),
        inputs: new Map(inputs.map((value) => [value.id, { value, atMs }])),
        sensors: new Map(sensors.map((value) => [value.id, { value, atMs }])),
        fire,
        cameras: new Map(cameras.map((value) => [value.id, { value, atMs }])),
        uplink,
        services,
        siteVersion,
        incidents: incidents ? new Map(incidents.map((incident) => [incident.id, incident])) : box.incidents,
      };
    }
    case 'incident':
      return { ...heard, incidents: withIncident(box.incidents, event.data) };
    case 'device':
      return { ...heard, devices: new Map(box.devices).set(event.data.id, { value: event.data, atMs }) };
    case 'input':
      return { ...heard, inputs: new Map(box.inputs).set(event.data.id, { value: event.data, atMs }) };
    case 'sensor':
      return { ...heard, sensors: new Map(box.sensors).set(event.data.id, { value: event.data, atMs }) };
    case 'fire':
      return { ...heard, fire: event.data };
    case 'camera':
      return { ...heard, cameras: new Map(box.cameras).set(event.data.id, { value: event.data, atMs }) };
    case 'uplink':
      return { ...heard, uplink: event.data };
  }
}

function withIncident(before: ReadonlyMap<string, Incident>, incident: Incident): Map<string, Incident> {
  const after = new Map(before).set(incident.id, incident);
  if (after.size > maxIncidents) {
    const last = sortIncidents(after.values()).at(-1);
    if (last) after.delete(last.id);
  }
  return after;
}

/** Open and new, then open and taken by somebody, then cleared and new, then done. */
function rank(incident: Incident): number {
  return (incident.phase === 'cleared' ? 2 : 0) + (incident.handling.state === 'new' ? 0 : 1);
}

/** What nobody has taken is ordered by urgency first: a minor newcomer must not push an urgent one down. */
function urgency(incident: Incident): number {
  return incident.handling.state === 'new' ? incident.priority : 0;
}

/** As the guard needs them: what still holds first, within it what nobody has taken, urgent first, newest first. */
export function sortIncidents(incidents: Iterable<Incident>): Incident[] {
  return [...incidents].sort(
    (a, b) =>
      rank(a) - rank(b) ||
      urgency(a) - urgency(b) ||
      Date.parse(b.openedAt) - Date.parse(a.openedAt) ||
      (a.id < b.id ? -1 : 1),
  );
}

/** Not yet finished: the condition holds or nobody has acknowledged it. */
export function needsHandling(incident: Incident): boolean {
  return rank(incident) < 3;
}

/** Priority 1 and not acknowledged: sounds until somebody acknowledges, also when it has cleared meanwhile. */
export function sounds(incident: Incident): boolean {
  return incident.priority === 1 && incident.handling.state === 'new';
}

/** An age past this makes a last value unknown, whatever it says of itself. */
const oldestFrameMs = 10_000;

export type CameraSight = 'live' | 'starting' | 'stale' | 'down' | 'unknown';

/** What may be said of a camera now, and how old its newest picture is. */
export function cameraSight(
  box: BoxState,
  id: string,
  nowMs: number,
): { sight: CameraSight; ageMs?: number; status?: CameraStatus } {
  const heard = box.cameras.get(id);
  if (!heard) return { sight: 'unknown' };
  const status = heard.value;
  const age = status.frameAgeMs === undefined ? {} : { ageMs: status.frameAgeMs + nowMs - heard.atMs };
  if (box.link !== 'live') return { sight: 'unknown', ...age, status };
  const stale = status.state === 'live' && (age.ageMs ?? Number.POSITIVE_INFINITY) > oldestFrameMs;
  return { sight: stale ? 'stale' : status.state, ...age, status };
}

/** The order of `Endangered` in the contracts. */
export const gravity: readonly Endangered[] = ['people', 'watch', 'records', 'platform', 'comfort'];

/** Faults of what has a place of its own on the page, where it shows as lost: a camera, a door, a sensor, a spare model. */
const shownInPlace: readonly string[] = [
  'CAMERAS_NOT_LIVE',
  'DEVICES_SILENT',
  'SENSORS_SILENT',
  'MODEL_REPLACED',
];

/** One thing that is not well with the box; `gone`: the whole service is. */
export interface BoxTrouble extends Pick<HealthFault, 'endangers' | 'code' | 'detail'> {
  readonly service: string;
  readonly gone: boolean;
}

/** All that is not well with the box's services, the gravest first. The link to the platform has a line of its own. */
export function troubles(services: BoxState['services']): readonly BoxTrouble[] {
  return Object.entries(services)
    .flatMap(([service, { status, faults = [] }]) =>
      faults
        .filter(({ code }) => !shownInPlace.includes(code) && (service !== 'sync' || status === 'down'))
        .map((fault) => ({ ...fault, service, gone: status === 'down' })),
    )
    .toSorted((a, b) => gravity.indexOf(a.endangers) - gravity.indexOf(b.endangers));
}

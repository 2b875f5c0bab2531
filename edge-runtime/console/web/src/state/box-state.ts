import type {
  CameraStatus,
  DeviceState,
  Endangered,
  FireState,
  HealthFault,
  Incident,
  InputState,
  SensorState,
  ServiceHealth,
} from '@gatehouse/contracts';
import type { BoxEvents, UplinkView } from '@gatehouse/contracts/console';
import { faultWords, plainWords } from '@gatehouse/errors';

/** A value from the box, with its time by this browser's clock. */
export interface Heard<T> {
  readonly value: T;
  readonly atMs: number;
}

/** This page's knowledge of the box. While `link` is not `live`, all of it is history. */
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
  readonly uplink: UplinkView | undefined;
  /** Health of the box's services by name. */
  readonly services: Readonly<Record<string, ServiceHealth>>;
  /** Changes whenever names, places or zones may have. */
  readonly siteVersion: string | undefined;
}

export type BoxEvent =
  | { readonly type: 'lost' }
  | {
      [Type in keyof BoxEvents]: {
        readonly type: Type;
        readonly data: BoxEvents[Type];
        readonly atMs: number;
      };
    }[keyof BoxEvents];

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

/**
 * Incidents that nobody has taken are ordered by urgency first: a minor newcomer must not push an urgent one
 * down.
 */
function urgency(incident: Incident): number {
  return incident.handling.state === 'new' ? incident.priority : 0;
}

/**
 * The order that a guard needs: incidents whose condition still holds first, among them the untaken ones,
 * urgent first, newest first.
 */
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

/**
 * Priority 1 and not acknowledged: sounds until somebody acknowledges, also when it has cleared meanwhile.
 */
export function sounds(incident: Incident): boolean {
  return incident.priority === 1 && incident.handling.state === 'new';
}

/** A last value with a greater age is unknown, whatever its own state. */
const oldestFrameMs = 10_000;

export type CameraSight = 'live' | 'starting' | 'stale' | 'down' | 'unknown';

/** The state of a camera that is certain now, and the age of its newest picture. */
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

/**
 * Faults of things with a place of their own on the page, where they show as lost: a camera, a door, a
 * sensor, a spare model.
 */
const shownInPlace: readonly string[] = [
  'CAMERAS_NOT_LIVE',
  'DEVICES_SILENT',
  'SENSORS_SILENT',
  'MODEL_REPLACED',
];

/** One fault of the box; `gone`: the whole service is gone. */
export interface BoxTrouble extends Pick<HealthFault, 'endangers' | 'code' | 'detail'> {
  readonly service: string;
  readonly gone: boolean;
}

/**
 * All faults of the box's services, each once, the gravest first. The link to the platform has a line of its
 * own.
 */
export function troubles(services: BoxState['services']): readonly BoxTrouble[] {
  return Object.entries(services)
    .flatMap(([service, { status, faults = [] }]) =>
      faults
        .filter(({ code }) => !shownInPlace.includes(code) && (service !== 'sync' || status === 'down'))
        .map((fault) => ({ ...fault, service, gone: status === 'down' })),
    )
    .filter((one, at, all) => all.findIndex((other) => saysTheSame(one, other)) === at)
    .toSorted((a, b) => gravity.indexOf(a.endangers) - gravity.indexOf(b.endangers));
}

/** Words that a code has of its own leave out what the services measured: two lines would read alike. */
function saysTheSame(one: BoxTrouble, other: BoxTrouble): boolean {
  if (one === other) return true;
  const hasWords = one.code in faultWords || one.code in plainWords;
  return hasWords && !one.gone && !other.gone && one.code === other.code && one.endangers === other.endangers;
}

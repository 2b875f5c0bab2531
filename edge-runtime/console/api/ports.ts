import type { Readable } from 'node:stream';
import type {
  CameraStatus,
  CameraView,
  CommandOutcome,
  DeviceState,
  DryRun,
  FireState,
  Incident,
  InputState,
  Label,
  Role,
  SensorState,
  ServiceHealth,
  SiteView,
  Verdict,
  Zone,
  ZoneDraftBase,
  ZonePrecision,
} from '@gatehouse/contracts';
import type { IncidentPage, UplinkView } from '@gatehouse/contracts/console';
import type { DeviceWish } from '@gatehouse/contracts/console/requests';

/**
 * What the console needs from the rest of the runtime. The composition root implements these on the store and
 * on the clients of vision and drivers; tests implement them in memory. A port may answer at once or with a promise.
 */
export type Awaitable<T> = T | Promise<T>;

/** Ends a subscription; calling it twice is harmless. */
export type Unsubscribe = () => void;

export interface IncidentFilter {
  /** Only incidents whose condition still holds (`open`) or no longer does (`cleared`). */
  readonly condition?: 'open' | 'cleared';
  readonly handling?: Incident['handling']['state'];
}

/** Newest first by `openedAt`, then id; `before` is the `next` of the page before. */
export interface PageRequest {
  readonly limit: number;
  readonly before?: string;
}

/** One change of one incident. `id` rises with every change of any incident and survives a restart. */
export interface IncidentChange {
  readonly id: string;
  readonly incident: Incident;
}

export interface IncidentSubscription {
  /**
   * Id of the newest change at the moment of subscribing: the listener hears everything after it, or, when
   * `resumed`, everything after `afterEventId`.
   */
  readonly lastEventId: string;
  /** True if `afterEventId` was known and every change since was, or will be, handed to the listener. */
  readonly resumed: boolean;
  readonly stop: Unsubscribe;
}

export interface LabelRequest {
  readonly request: string;
  readonly label: Label;
  readonly by: string;
  /** RFC 3339. */
  readonly at: string;
}

export interface IncidentsPort {
  list(filter: IncidentFilter, page: PageRequest): Awaitable<IncidentPage>;
  get(id: string): Awaitable<Incident | undefined>;
  /** Marks it acknowledged by `user` at the RFC 3339 instant `at`; keeps the first acknowledgement. `undefined`: no such incident. */
  acknowledge(id: string, user: string, at: string): Awaitable<Incident | undefined>;
  /**
   * Says what an incident turned out to be, which also acknowledges a new one; labels are only ever added, the newest counts.
   * A repeat with the same `request` changes nothing. `undefined`: no such incident.
   */
  label(id: string, label: LabelRequest): Awaitable<Incident | undefined>;
  /** Every label it was given, oldest first. */
  labels(id: string): Awaitable<readonly Verdict[]>;
  /** Calls `listener` for every change, in order, missed ones after `afterEventId` first. The listener must not throw. */
  subscribe(listener: (change: IncidentChange) => void, afterEventId?: string): IncidentSubscription;
  /** JPEG bytes of a kept still, or `undefined`. */
  still(id: string, name: Incident['stills'][number]): Awaitable<Uint8Array | undefined>;
  /** MP4 bytes of a kept clip, or `undefined`. */
  clip(id: string): Awaitable<Uint8Array | undefined>;
}

/** Lists answer with ages as of the call; a device whose service is down is `position: 'unknown', comms: 'lost'`. */
export interface DevicesPort {
  list(): Awaitable<readonly DeviceState[]>;
  subscribe(listener: (state: DeviceState) => void): Unsubscribe;
  /**
   * Asks for a movement on behalf of `user`; a repeat with the same `commandId` gets the first outcome.
   * Throws `GatehouseError` (e.g. `PEER_DOWN`, `DEVICE_UNKNOWN`) when nothing was done or nothing is known.
   */
  request(deviceId: string, wish: DeviceWish, user: string): Awaitable<CommandOutcome>;
}

/** Help buttons, smoke, water and the like; an input whose service is down is `state: 'unknown', comms: 'lost'`. */
export interface InputsPort {
  list(): Awaitable<readonly InputState[]>;
  subscribe(listener: (state: InputState) => void): Unsubscribe;
}

export interface SensorsPort {
  list(): Awaitable<readonly SensorState[]>;
  subscribe(listener: (state: SensorState) => void): Unsubscribe;
}

/** The fire latch. While its service is down every fire input is in `unknown`. */
export interface FirePort {
  state(): Awaitable<FireState>;
  subscribe(listener: (state: FireState) => void): Unsubscribe;
  /** On behalf of `user`, who says that they stand at the box. Throws `NOT_PERMITTED`, `FIRE_STILL_ACTIVE`, `FIRE_INPUT_UNKNOWN`. */
  reset(user: string): Awaitable<FireState>;
}

/** Lists answer with ages as of the call; while the vision service is down every camera is `down` with its reason. */
export interface CamerasPort {
  list(): Awaitable<readonly CameraStatus[]>;
  subscribe(listener: (status: CameraStatus) => void): Unsubscribe;
  /** MPEG-1 video in MPEG-TS, from the last keyframe on, live until destroyed. Throws `GatehouseError` if there is none. */
  openStream(cameraId: string): Promise<Readable>;
  /** The picture nearest to a frame time, or the newest, as JPEG; `undefined` if there is none. */
  still(cameraId: string, atMs?: number): Awaitable<Uint8Array | undefined>;
}

/** What the rules have their eye on, and why it is (not yet) an incident. Throws `CAMERA_UNKNOWN`. */
export interface WatchingPort {
  now(cameraId: string): Awaitable<CameraView>;
  /** At a moment of the last 24 h, ms on the frame timeline. Throws `LOOK_BACK_*`. */
  at(cameraId: string, atMs: number): Awaitable<CameraView>;
}

/** Editing a camera's zones: tried on stored tracks first, then saved into the site file. Throws `CAMERA_UNKNOWN`. */
export interface TuningPort {
  base(cameraId: string): Awaitable<ZoneDraftBase>;
  /** Throws `DRY_RUN_*`. */
  dryRun(cameraId: string, zones: readonly Zone[]): Awaitable<DryRun>;
  getDryRun(id: string): Awaitable<DryRun | undefined>;
  cancelDryRun(id: string): Awaitable<DryRun | undefined>;
  /** Returns the new version. Throws `SITE_FILE_CHANGED`, `SITE_FILE_SHARED`, `ZONES_INVALID`, `SITE_FILE_NOT_WRITABLE`; then nothing is changed. */
  save(cameraId: string, zones: readonly Zone[], version: string, user: string): Awaitable<string>;
  /** By zone and rule, of the last 30 days. */
  precision(): Awaitable<readonly ZonePrecision[]>;
}

export interface UserRecord {
  /** Login name, unique without regard to case; kept as typed. */
  readonly name: string;
  readonly role: Role;
  /** argon2id in PHC string format. */
  readonly passwordHash: string;
  /** RFC 3339. */
  readonly createdAt: string;
}

export interface SessionRecord {
  /** SHA-256 of the cookie's token, lower case hex; the token itself is stored nowhere. */
  readonly tokenHash: string;
  readonly user: string;
  readonly createdAtMs: number;
  readonly lastSeenAtMs: number;
}

export interface FailedLogins {
  readonly count: number;
  readonly lastAtMs: number;
}

export interface KeyedFailures extends FailedLogins {
  readonly key: string;
}

/**
 * Users, sessions and failed logins, kept in `events.db`. Every method is one atomic step. Names compare without
 * regard to case. `test/users-port-contract.ts` is the contract suite of every implementation.
 */
export interface UsersPort {
  countUsers(): Awaitable<number>;
  findUser(name: string): Awaitable<UserRecord | undefined>;
  /** By name. */
  listUsers(): Awaitable<readonly UserRecord[]>;
  /** Stores the very first user; false, and nothing stored, if any user exists. */
  addFirstUser(user: UserRecord): Awaitable<boolean>;
  /** False, and nothing stored, if the name is taken. */
  addUser(user: UserRecord): Awaitable<boolean>;
  addSession(session: SessionRecord): Awaitable<void>;
  findSession(tokenHash: string): Awaitable<SessionRecord | undefined>;
  touchSession(tokenHash: string, lastSeenAtMs: number): Awaitable<void>;
  removeSession(tokenHash: string): Awaitable<void>;
  /** Removes sessions created before `createdBeforeMs` or last seen before `seenBeforeMs`. */
  removeStaleSessions(createdBeforeMs: number, seenBeforeMs: number): Awaitable<void>;
  sessionsOf(user: string): Awaitable<readonly SessionRecord[]>;
  /** Changes nothing unless it answers `changed`; the last administrator stays one. */
  changeRole(name: string, role: Role): Awaitable<'changed' | 'unknown' | 'last-administrator'>;
  /** False, and nothing stored, if there is no such user. */
  changePassword(name: string, passwordHash: string): Awaitable<boolean>;
  /** Failures that were written down for a key, if any. */
  failedLogins(key: string): Awaitable<FailedLogins | undefined>;
  /**
   * Writes these counts in place of those before, and forgets keys whose last failure is older than
   * `beforeMs`.
   */
  saveFailedLogins(list: readonly KeyedFailures[], beforeMs: number): Awaitable<void>;
  clearFailedLogins(key: string): Awaitable<void>;
}

/** Health of the services by name, e.g. `{runtime, vision, drivers, sync, flows}`. */
export interface HealthPort {
  services(): Awaitable<Readonly<Record<string, ServiceHealth>>>;
}

export interface SitePort {
  view(): Awaitable<SiteView>;
  /** Changes whenever the view may have. */
  version(): Awaitable<string>;
}

/** Node-RED's editor. */
export interface EditorPort {
  /** Unix socket of its HTTP server: `socketPath('flows', 'editor')`. */
  readonly socketPath: string;
  /**
   * Records durably that somebody is about to change the flows; `end` records the result. Throws `PEER_DOWN`
   * while flows are away, and `STORE_*` if it cannot be recorded. Then nothing may be changed.
   */
  beginDeploy(by: { readonly user: string; readonly address: string }): Promise<Deploy>;
}

export interface Deploy {
  end(): Awaitable<void>;
}

export interface AuditRecord {
  /** RFC 3339. */
  readonly at: string;
  /** Login name, or `anonymous`. */
  readonly who: string;
  /** Stable kebab-case name: `login`, `login-failed`, `device-request`, ... */
  readonly what: string;
  /** The thing it was done to: incident, device or user. */
  readonly on?: string;
  /** Client address. */
  readonly from?: string;
  readonly detail?: Readonly<Record<string, string | number | boolean>>;
}

export interface AuditPort {
  record(record: AuditRecord): Awaitable<void>;
}

export interface UplinkPort {
  view(): Awaitable<UplinkView>;
  subscribe(listener: (view: UplinkView) => void): Unsubscribe;
}

export interface ConsolePorts {
  readonly incidents: IncidentsPort;
  readonly devices: DevicesPort;
  readonly inputs: InputsPort;
  readonly sensors: SensorsPort;
  readonly fire: FirePort;
  readonly cameras: CamerasPort;
  readonly watching: WatchingPort;
  readonly tuning: TuningPort;
  readonly users: UsersPort;
  readonly health: HealthPort;
  readonly site: SitePort;
  readonly editor: EditorPort;
  readonly audit: AuditPort;
  readonly uplink: UplinkPort;
}

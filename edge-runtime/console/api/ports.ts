import type {
  CameraView,
  DryRun,
  Incident,
  Label,
  Role,
  Verdict,
  Zone,
  ZoneDraftBase,
  ZonePrecision,
} from '@gatehouse/contracts';
import type { IncidentPage } from '@gatehouse/contracts/console';

/**
 * Ports of the console: the parts that have a second implementation with a behaviour of its own. The runtime
 * implements them on the store and its parts, tests in memory. Parts that the console only reads are in
 * `parts.ts`.
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
  /**
   * Marks it acknowledged by `user` at the RFC 3339 instant `at`; keeps the first acknowledgement.
   * `undefined`: no such incident.
   */
  acknowledge(id: string, user: string, at: string): Awaitable<Incident | undefined>;
  /**
   * Labels an incident with what it turned out to be, which also acknowledges a new one. Labels are only
   * added; the newest counts. A repeat with the same `request` changes nothing. `undefined`: no such
   * incident.
   */
  label(id: string, label: LabelRequest): Awaitable<Incident | undefined>;
  /** Every label it was given, oldest first. */
  labels(id: string): Awaitable<readonly Verdict[]>;
  /**
   * Calls `listener` for every change, in order, missed ones after `afterEventId` first. The listener must
   * not throw.
   */
  subscribe(listener: (change: IncidentChange) => void, afterEventId?: string): IncidentSubscription;
  /** JPEG bytes of a kept still, or `undefined`. */
  still(id: string, name: Incident['stills'][number]): Awaitable<Uint8Array | undefined>;
  /** MP4 bytes of a kept clip, or `undefined`. */
  clip(id: string): Awaitable<Uint8Array | undefined>;
}

/** The candidates that the rules watch, and why each is (not yet) an incident. Throws `CAMERA_UNKNOWN`. */
export interface WatchingPort {
  now(cameraId: string): Awaitable<CameraView>;
  /** At a moment of the last 24 h, ms of the box's wall clock. Throws `LOOK_BACK_*`. */
  at(cameraId: string, atMs: number): Awaitable<CameraView>;
}

/**
 * Editing a camera's zones: tried on stored tracks first, then saved into the site file. Throws
 * `CAMERA_UNKNOWN`.
 */
export interface TuningPort {
  base(cameraId: string): Awaitable<ZoneDraftBase>;
  /** Throws `DRY_RUN_*`. */
  dryRun(cameraId: string, zones: readonly Zone[]): Awaitable<DryRun>;
  getDryRun(id: string): Awaitable<DryRun | undefined>;
  cancelDryRun(id: string): Awaitable<DryRun | undefined>;
  /**
   * Returns the new version. Throws `SITE_FILE_CHANGED`, `SITE_FILE_SHARED`, `ZONES_INVALID`,
   * `SITE_FILE_NOT_WRITABLE`; then nothing is changed.
   */
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
 * Users, sessions and failed logins, kept in `events.db`. Every method is one atomic step. Names compare
 * without regard to case. `test/users-port-contract.ts` is the contract suite of every implementation.
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
  /** Replaces the counts of these keys, and forgets keys whose last failure is older than `beforeMs`. */
  saveFailedLogins(list: readonly KeyedFailures[], beforeMs: number): Awaitable<void>;
  clearFailedLogins(key: string): Awaitable<void>;
}

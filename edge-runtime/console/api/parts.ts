import type { Readable } from 'node:stream';
import type {
  CameraStatus,
  CommandOrigin,
  CommandOutcome,
  DeviceState,
  FireState,
  InputState,
  SensorState,
  ServiceHealth,
  SiteView,
} from '@gatehouse/contracts';
import type { UplinkView } from '@gatehouse/contracts/console';
import type { DeviceWish } from '@gatehouse/contracts/console/requests';
import type { Awaitable, IncidentsPort, TuningPort, Unsubscribe, UsersPort, WatchingPort } from './ports.ts';

export interface Changes<T> {
  subscribe(listener: (value: T) => void): Unsubscribe;
}

/** The last known states of things, with ages as of the call, and each change. */
export interface States<T> {
  list(): readonly T[];
  readonly changes: Changes<T>;
}

/**
 * Doors, gates and barriers, with the contacts, sensors and the fire latch beside them. While the drivers are
 * away a device is `position: 'unknown', comms: 'lost'`, and every fire input is in `unknown`.
 */
export interface Doors extends States<DeviceState> {
  inputs(): readonly InputState[];
  readonly inputChanges: Changes<InputState>;
  readonly sensors: States<SensorState>;
  readonly fire: FireState;
  readonly fireChanges: Changes<FireState>;
  /**
   * A repeat with the same `commandId` gets the first outcome. Throws `GatehouseError` (e.g. `PEER_DOWN`,
   * `DEVICE_UNKNOWN`) if nothing was done or the outcome is unknown.
   */
  request(device: string, wish: DeviceWish, origin: CommandOrigin): Promise<CommandOutcome>;
  /** Throws `NOT_PERMITTED`, `FIRE_STILL_ACTIVE`, `FIRE_INPUT_UNKNOWN`. */
  resetFire(origin: CommandOrigin): Promise<FireState>;
}

/** Pictures of the cameras, from vision. */
export interface Pictures {
  /**
   * MPEG-1 video in MPEG-TS, from the last keyframe on, live until destroyed. Throws `GatehouseError` if
   * there is none.
   */
  live(camera: string): Promise<Readable>;
  /** JPEG nearest to a frame time, or the newest; `undefined` if there is none. */
  still(camera: string, atMs?: number): Awaitable<Uint8Array | undefined>;
}

export interface AuditRecord {
  /** RFC 3339. */
  readonly at: string;
  /** Login name, or `anonymous`. */
  readonly who: string;
  /** Stable kebab-case name: `login`, `login-failed`, `device-request`, ... */
  readonly what: string;
  /** The object of the action: incident, device or user. */
  readonly on?: string;
  /** Client address. */
  readonly from?: string;
  readonly detail?: Readonly<Record<string, string | number | boolean>>;
}

/** The store opens after the console is built, so its tables are looked up at every use. */
export interface UserStore {
  readonly accounts: UsersPort;
}

export interface AuditStore {
  readonly accounts: { recordAudit(record: AuditRecord): Awaitable<void> };
}

export interface FlowsAudit {
  /**
   * Records durably that somebody is about to change the flows; `end` records the result. Throws `PEER_DOWN`
   * while flows are away, and `STORE_*` if it cannot be recorded. Then nothing may be changed.
   */
  begin(by: { readonly user: string; readonly address: string }): Promise<{ end(): Awaitable<void> }>;
}

/** Parts of the runtime that the console shows and acts on, as far as it uses them. */
export interface ConsoleParts {
  readonly store: UserStore & AuditStore;
  readonly incidents: IncidentsPort;
  readonly watching: WatchingPort;
  readonly tuning: TuningPort;
  readonly devices: Doors;
  /** While vision is away every camera is `down` with its reason. */
  readonly cameras: States<CameraStatus>;
  readonly pictures: Pictures;
  readonly uplink: { view(): UplinkView; readonly changes: Changes<UplinkView> };
  readonly health: { services(): Readonly<Record<string, ServiceHealth>> };
  /** `inForce` changes whenever the view may have. */
  readonly site: { view(): SiteView; readonly inForce: string };
  readonly flowsAudit: FlowsAudit;
}

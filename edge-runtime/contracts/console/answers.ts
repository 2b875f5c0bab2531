import type { DeviceState, FireState, InputState } from '../device.ts';
import type { Incident } from '../incident.ts';
import type { CameraStatus } from '../local/camera.ts';
import type { ServiceHealth } from '../local/health.ts';
import type { SensorState } from '../local/sensor.ts';
import type { UplinkStatus } from '../local/uplink-status.ts';
import type { Role } from '../role.ts';
import type { DesiredView } from '../wire/platform-desired.ts';

/** Nothing to say but that it is done. */
export type Done = Readonly<Record<string, never>>;

/** Health without a login: only states, since details may name hosts and files. */
export interface PublicHealth {
  readonly status: 'ok' | 'degraded';
  readonly services: Readonly<Record<string, Pick<ServiceHealth, 'status'>>>;
}

/** `user` and `role` are absent without a login. */
export interface SessionAnswer {
  readonly setupNeeded: boolean;
  readonly user?: string;
  readonly role?: Role;
}

/** The page keeps `pageKey` and sends it with every change. */
export interface LoginAnswer extends SessionAnswer {
  readonly pageKey: string;
}

export interface UserLine {
  readonly name: string;
  readonly role: Role;
  /** RFC 3339. */
  readonly createdAt: string;
}

/** Newest first by `openedAt`. */
export interface IncidentPage {
  readonly incidents: readonly Incident[];
  /** Cursor of the next page; absent on the last. */
  readonly next?: string;
}

/** The upstream link as the guard's banner shows it. */
export interface UplinkView {
  readonly status: UplinkStatus;
  /** Events that wait for the platform's acknowledgement, all classes. */
  readonly backlog: number;
  /** RFC 3339 time of the oldest of them. */
  readonly oldestUnsentAt?: string;
  /** The platform's newest configuration of this box, if one ever came. */
  readonly desired?: DesiredView;
}

/** A form posts the ticket to `enter`, which is on the editor's own origin. */
export interface EditorTicket {
  readonly ticket: string;
  readonly enter: string;
}

/** All that a page needs to show the box, with ages as of `now`. */
export interface BoxSnapshot {
  /** Changes whenever names, places or zones may have. */
  readonly siteVersion: string;
  /** The box's clock, RFC 3339. */
  readonly now: string;
  readonly devices: readonly DeviceState[];
  readonly inputs: readonly InputState[];
  readonly sensors: readonly SensorState[];
  readonly fire: FireState;
  readonly cameras: readonly CameraStatus[];
  readonly uplink: UplinkView;
  /** By name, e.g. `{runtime, vision, drivers, sync, flows}`. */
  readonly services: Readonly<Record<string, ServiceHealth>>;
  /** Absent in beats, and where a reader resumes after `Last-Event-ID`. */
  readonly incidents?: readonly Incident[];
}

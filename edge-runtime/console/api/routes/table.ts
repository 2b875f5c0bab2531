import { Role } from '@gatehouse/contracts';
import type { Handler } from '../call.ts';
import { editorRoles } from '../editor/editor-tokens.ts';

/** Who may use a route: everybody (also without a login) or the listed roles. */
export type Access = 'public' | readonly Role[];

export interface RouteRow {
  /** `websocket`: an upgrade. */
  readonly method: 'get' | 'post' | 'websocket';
  readonly path: string;
  readonly access: Access;
  /** Name of the handler. */
  readonly does: string;
}

const everyone: readonly Role[] = Role.options;
/** Installers set up and try things, but do not answer alarms. */
const handlers: readonly Role[] = ['guard', 'supervisor', 'administrator'];
const administrators: readonly Role[] = ['administrator'];
/**
 * Who stands in the gatehouse. A fire latch is reset there or not at all; installers and administrators may be anywhere, and use
 * the command line on the box.
 */
const atTheBox: readonly Role[] = ['guard', 'supervisor'];
/** Who draws zones: what a camera is blind to afterwards is theirs to answer for. */
const tuners: readonly Role[] = ['installer', 'administrator'];

/**
 * Every route of the console except its pages. A route that is not here is not served.
 * `test/access-table.test.ts` asks for each row with every role.
 */
export const routeTable = [
  { method: 'get', path: '/api/health', access: 'public', does: 'health' },
  { method: 'get', path: '/api/session', access: 'public', does: 'session' },
  { method: 'post', path: '/api/setup', access: 'public', does: 'setUp' },
  { method: 'post', path: '/api/login', access: 'public', does: 'logIn' },
  { method: 'post', path: '/api/logout', access: everyone, does: 'logOut' },
  { method: 'get', path: '/api/users', access: administrators, does: 'listUsers' },
  { method: 'post', path: '/api/users', access: administrators, does: 'addUser' },
  { method: 'post', path: '/api/users/:id/role', access: administrators, does: 'changeRole' },
  { method: 'post', path: '/api/users/:id/password', access: administrators, does: 'resetPassword' },
  { method: 'get', path: '/api/site', access: everyone, does: 'site' },
  { method: 'get', path: '/api/events', access: everyone, does: 'events' },
  { method: 'get', path: '/api/incidents', access: everyone, does: 'incidents' },
  { method: 'get', path: '/api/incidents/:id', access: everyone, does: 'incident' },
  { method: 'get', path: '/api/incidents/:id/stills/:name', access: everyone, does: 'incidentStill' },
  { method: 'get', path: '/api/incidents/:id/clip', access: everyone, does: 'incidentClip' },
  { method: 'post', path: '/api/incidents/:id/acknowledge', access: handlers, does: 'acknowledge' },
  { method: 'post', path: '/api/incidents/:id/label', access: handlers, does: 'label' },
  { method: 'get', path: '/api/incidents/:id/labels', access: everyone, does: 'labels' },
  { method: 'get', path: '/api/cameras', access: everyone, does: 'cameras' },
  { method: 'get', path: '/api/cameras/:id/watching', access: everyone, does: 'watching' },
  { method: 'get', path: '/api/cameras/:id/zones', access: tuners, does: 'zones' },
  { method: 'post', path: '/api/cameras/:id/zones', access: tuners, does: 'saveZones' },
  { method: 'post', path: '/api/cameras/:id/dry-runs', access: tuners, does: 'dryRun' },
  { method: 'get', path: '/api/dry-runs/:id', access: tuners, does: 'getDryRun' },
  { method: 'post', path: '/api/dry-runs/:id/cancel', access: tuners, does: 'cancelDryRun' },
  { method: 'get', path: '/api/precision', access: everyone, does: 'precision' },
  { method: 'get', path: '/api/cameras/:id/still', access: everyone, does: 'cameraStill' },
  { method: 'websocket', path: '/api/cameras/:id/live', access: everyone, does: 'live' },
  { method: 'get', path: '/api/devices', access: everyone, does: 'devices' },
  { method: 'post', path: '/api/devices/:id/requests', access: everyone, does: 'requestDevice' },
  { method: 'get', path: '/api/inputs', access: everyone, does: 'inputs' },
  { method: 'get', path: '/api/sensors', access: everyone, does: 'sensors' },
  { method: 'get', path: '/api/fire', access: everyone, does: 'fire' },
  { method: 'post', path: '/api/fire/reset', access: atTheBox, does: 'resetFire' },
  { method: 'get', path: '/api/uplink', access: everyone, does: 'uplink' },
  { method: 'post', path: '/api/editor/tickets', access: editorRoles, does: 'editorTicket' },
] as const satisfies readonly RouteRow[];

type Rows = (typeof routeTable)[number];
export type HttpRow = Extract<Rows, { method: 'get' | 'post' }>;
/** A handler for every HTTP row; the compiler finds a missing one. */
export type HandlerTable = Readonly<Record<HttpRow['does'], Handler>>;

/** Access of the one row of this name. */
export function accessOf(does: Rows['does']): Access {
  return routeTable.find((row) => row.does === does)?.access ?? [];
}

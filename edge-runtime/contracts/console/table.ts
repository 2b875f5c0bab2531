import type { CommandOutcome, DeviceState, FireState, InputState } from '../device.ts';
import type { Verdict } from '../handling.ts';
import type { Incident } from '../incident.ts';
import type { CameraStatus } from '../local/camera.ts';
import type { SensorState } from '../local/sensor.ts';
import type { SiteView } from '../local/site-view.ts';
import type { Role } from '../role.ts';
import type {
  BoxSnapshot,
  Done,
  EditorTicket,
  IncidentPage,
  LoginAnswer,
  PublicHealth,
  SessionAnswer,
  UplinkView,
  UserLine,
} from './answers.ts';
import type {
  DeviceWish,
  FireResetRequest,
  IncidentQuery,
  LabelBody,
  LoginRequest,
  MomentQuery,
  NewUser,
  PasswordChange,
  RoleChange,
  SetupRequest,
  StillQuery,
  ZonesSave,
  ZonesTrial,
} from './requests.ts';
import { bytes, type ConsolePage, type ConsoleRoute, json, takes } from './route.ts';
import type { CameraView, DryRun, ZoneDraftBase, ZonePrecision } from './watching.ts';

/**
 * The console's pages and its HTTP API, with the roles that may open and call them. The server routes and
 * checks roles by these tables, the pages build their menu and their calls from them. Nothing here loads a
 * schema library, since the pages bundle it.
 */

/** In the order in which people are given roles. */
export const everyone = [
  'guard',
  'supervisor',
  'installer',
  'administrator',
] as const satisfies readonly Role[];
/** Installers set up and try things, but do not answer alarms. */
const handlers: readonly Role[] = ['guard', 'supervisor', 'administrator'];
const administrators: readonly Role[] = ['administrator'];
/**
 * The roles that stand in the gatehouse. A fire latch is reset there or not at all. Installers and
 * administrators may be anywhere, and use the command line on the box.
 */
const atTheBox: readonly Role[] = ['guard', 'supervisor'];
/** The roles that draw zones, and so answer for all that a camera does not watch afterwards. */
const tuners: readonly Role[] = ['installer', 'administrator'];
const flowEditors: readonly Role[] = ['installer', 'administrator'];

/**
 * In the order of the menu. The server answers each path with the same document, whose script reads the path.
 */
export const consolePages = {
  watch: { path: '/', access: everyone, label: 'nav.watch' },
  doors: { path: '/doors', access: everyone, label: 'nav.doors' },
  cameras: { path: '/cameras', access: everyone, label: 'nav.cameras' },
  analytics: { path: '/analytics', access: everyone, label: 'nav.analytics' },
  users: { path: '/users', access: administrators, label: 'nav.users' },
  flows: { path: '/flows', access: flowEditors, label: 'nav.flows', ownTab: true },
} as const satisfies Record<string, ConsolePage>;

export type PageName = keyof typeof consolePages;

/** Every route of the console except its pages. A route that is not here is not served. */
export const consoleRoutes = {
  health: { method: 'get', path: '/api/health', access: 'public', answers: json<PublicHealth>() },
  session: { method: 'get', path: '/api/session', access: 'public', answers: json<SessionAnswer>() },
  setUp: {
    method: 'post',
    path: '/api/setup',
    access: 'public',
    takes: takes<SetupRequest>(),
    answers: json<LoginAnswer>(),
  },
  logIn: {
    method: 'post',
    path: '/api/login',
    access: 'public',
    takes: takes<LoginRequest>(),
    answers: json<LoginAnswer>(),
  },
  logOut: { method: 'post', path: '/api/logout', access: everyone, answers: json<Done>() },
  listUsers: {
    method: 'get',
    path: '/api/users',
    access: administrators,
    answers: json<{ readonly users: readonly UserLine[] }>(),
  },
  addUser: {
    method: 'post',
    path: '/api/users',
    access: administrators,
    takes: takes<NewUser>(),
    answers: json<Pick<UserLine, 'name' | 'role'>>(),
  },
  changeRole: {
    method: 'post',
    path: '/api/users/:id/role',
    access: administrators,
    takes: takes<RoleChange>(),
    answers: json<Done>(),
  },
  resetPassword: {
    method: 'post',
    path: '/api/users/:id/password',
    access: administrators,
    takes: takes<PasswordChange>(),
    answers: json<Done>(),
  },
  site: { method: 'get', path: '/api/site', access: everyone, answers: json<SiteView>() },
  /** Server-sent events: `boxEvents`. */
  events: { method: 'get', path: '/api/events', access: everyone, answers: { as: 'stream' } },
  incidents: {
    method: 'get',
    path: '/api/incidents',
    access: everyone,
    takes: takes<IncidentQuery>(),
    answers: json<IncidentPage>(),
  },
  incident: { method: 'get', path: '/api/incidents/:id', access: everyone, answers: json<Incident>() },
  incidentStill: {
    method: 'get',
    path: '/api/incidents/:id/stills/:name',
    access: everyone,
    answers: bytes('image/jpeg'),
  },
  incidentClip: {
    method: 'get',
    path: '/api/incidents/:id/clip',
    access: everyone,
    answers: bytes('video/mp4'),
  },
  acknowledge: {
    method: 'post',
    path: '/api/incidents/:id/acknowledge',
    access: handlers,
    answers: json<Incident>(),
  },
  label: {
    method: 'post',
    path: '/api/incidents/:id/label',
    access: handlers,
    takes: takes<LabelBody>(),
    answers: json<Incident>(),
  },
  labels: {
    method: 'get',
    path: '/api/incidents/:id/labels',
    access: everyone,
    answers: json<{ readonly labels: readonly Verdict[] }>(),
  },
  cameras: {
    method: 'get',
    path: '/api/cameras',
    access: everyone,
    answers: json<{ readonly cameras: readonly CameraStatus[] }>(),
  },
  watching: {
    method: 'get',
    path: '/api/cameras/:id/watching',
    access: everyone,
    takes: takes<MomentQuery>(),
    answers: json<CameraView>(),
  },
  zones: { method: 'get', path: '/api/cameras/:id/zones', access: tuners, answers: json<ZoneDraftBase>() },
  saveZones: {
    method: 'post',
    path: '/api/cameras/:id/zones',
    access: tuners,
    takes: takes<ZonesSave>(),
    answers: json<{ readonly version: string }>(),
  },
  dryRun: {
    method: 'post',
    path: '/api/cameras/:id/dry-runs',
    access: tuners,
    takes: takes<ZonesTrial>(),
    answers: json<DryRun>(),
  },
  getDryRun: { method: 'get', path: '/api/dry-runs/:id', access: tuners, answers: json<DryRun>() },
  cancelDryRun: { method: 'post', path: '/api/dry-runs/:id/cancel', access: tuners, answers: json<DryRun>() },
  precision: {
    method: 'get',
    path: '/api/precision',
    access: everyone,
    answers: json<{ readonly zones: readonly ZonePrecision[] }>(),
  },
  cameraStill: {
    method: 'get',
    path: '/api/cameras/:id/still',
    access: everyone,
    takes: takes<StillQuery>(),
    answers: bytes('image/jpeg'),
  },
  /** MPEG-1 video in MPEG-TS, a packet a message. */
  live: { method: 'websocket', path: '/api/cameras/:id/live', access: everyone, answers: { as: 'stream' } },
  devices: {
    method: 'get',
    path: '/api/devices',
    access: everyone,
    answers: json<{ readonly devices: readonly DeviceState[] }>(),
  },
  requestDevice: {
    method: 'post',
    path: '/api/devices/:id/requests',
    access: everyone,
    takes: takes<DeviceWish>(),
    answers: json<CommandOutcome>(),
  },
  inputs: {
    method: 'get',
    path: '/api/inputs',
    access: everyone,
    answers: json<{ readonly inputs: readonly InputState[] }>(),
  },
  sensors: {
    method: 'get',
    path: '/api/sensors',
    access: everyone,
    answers: json<{ readonly sensors: readonly SensorState[] }>(),
  },
  fire: { method: 'get', path: '/api/fire', access: everyone, answers: json<FireState>() },
  resetFire: {
    method: 'post',
    path: '/api/fire/reset',
    access: atTheBox,
    takes: takes<FireResetRequest>(),
    answers: json<FireState>(),
  },
  uplink: { method: 'get', path: '/api/uplink', access: everyone, answers: json<UplinkView>() },
  editorTicket: {
    method: 'post',
    path: '/api/editor/tickets',
    access: flowEditors,
    answers: json<EditorTicket>(),
  },
} as const satisfies Record<string, ConsoleRoute>;

/** Events of the `events` route by name. Only incidents carry ids, by which a reader resumes. */
export const boxEvents = {
  state: json<BoxSnapshot>(),
  beat: json<BoxSnapshot>(),
  incident: json<Incident>(),
  device: json<DeviceState>(),
  input: json<InputState>(),
  sensor: json<SensorState>(),
  fire: json<FireState>(),
  camera: json<CameraStatus>(),
  uplink: json<UplinkView>(),
} as const;

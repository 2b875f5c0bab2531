import type { z } from 'zod';
import type { RouteRequest, TakingRouteName } from './names.ts';
import {
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

export * from './requests.ts';

/**
 * Checks the body, or the query of a GET, of every route that takes one. The compiler finds a missing one.
 */
export const consoleRequests = {
  setUp: SetupRequest,
  logIn: LoginRequest,
  addUser: NewUser,
  changeRole: RoleChange,
  resetPassword: PasswordChange,
  incidents: IncidentQuery,
  label: LabelBody,
  watching: MomentQuery,
  saveZones: ZonesSave,
  dryRun: ZonesTrial,
  cameraStill: StillQuery,
  requestDevice: DeviceWish,
  resetFire: FireResetRequest,
} as const satisfies { readonly [Name in TakingRouteName]: z.ZodType<RouteRequest<Name>> };

import { z } from 'zod';
import { Handling, Label } from '../handling.ts';
import { DeviceRequest } from '../local/device-request.ts';
import { LoginName } from '../primitives.ts';
import { Role } from '../role.ts';
import { Zone } from '../site/site.ts';

/** In characters. The longest bounds the work of hashing. */
export const minPasswordLength = 8;
export const maxPasswordLength = 256;

const Password = z.string().min(minPasswordLength).max(maxPasswordLength);
/** The own password of the administrator who asks, typed again. */
const Confirmation = z.string().min(1).max(maxPasswordLength);

export const SetupRequest = z.strictObject({
  code: z.string().min(1).max(40),
  user: LoginName,
  password: Password,
});
export type SetupRequest = z.infer<typeof SetupRequest>;

export const LoginRequest = z.strictObject({
  user: z.string().min(1).max(60),
  password: z.string().min(1).max(maxPasswordLength),
});
export type LoginRequest = z.infer<typeof LoginRequest>;

export const NewUser = z.strictObject({
  user: LoginName,
  password: Password,
  role: Role,
  confirm: Confirmation,
});
export type NewUser = z.infer<typeof NewUser>;

export const RoleChange = z.strictObject({ role: Role, confirm: Confirmation });
export type RoleChange = z.infer<typeof RoleChange>;

export const PasswordChange = z.strictObject({ password: Password, confirm: Confirmation });
export type PasswordChange = z.infer<typeof PasswordChange>;

export const IncidentQuery = z.strictObject({
  condition: z.enum(['open', 'cleared']).optional(),
  handling: Handling.shape.state.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  before: z.string().max(200).optional(),
});
export type IncidentQuery = Partial<z.infer<typeof IncidentQuery>>;

/** Milliseconds of the box's wall clock; now if absent. */
export const MomentQuery = z.strictObject({ atMs: z.coerce.number().min(0).optional() });
export type MomentQuery = z.infer<typeof MomentQuery>;

/** `at` is not read: it only keeps browsers from showing an old picture again. */
export const StillQuery = z.object({ atMs: z.coerce.number().min(0).optional(), at: z.unknown().optional() });
export type StillQuery = z.infer<typeof StillQuery>;

/** A repeat with the same `request` changes nothing. */
export const LabelBody = z.strictObject({ request: z.uuid(), verdict: Label });
export type LabelBody = z.infer<typeof LabelBody>;

const Zones = z.array(Zone).max(32);
export const ZonesTrial = z.strictObject({ zones: Zones });
export type ZonesTrial = z.infer<typeof ZonesTrial>;

/** `version` is that of the site file which the draft began from. */
export const ZonesSave = z.strictObject({ zones: Zones, version: z.string().min(1).max(100) });
export type ZonesSave = z.infer<typeof ZonesSave>;

/** A guard's request to a device. The login that makes it is known. */
export const DeviceWish = DeviceRequest.pick({ action: true, holdS: true, commandId: true });
export type DeviceWish = z.infer<typeof DeviceWish>;

/** Nobody resets a fire alarm that they cannot see, so they say that they are there. */
export const FireResetRequest = z.strictObject({ atTheBox: z.literal(true) });
export type FireResetRequest = z.infer<typeof FireResetRequest>;

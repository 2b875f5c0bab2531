import { LoginName, Role, type ServiceHealth } from '@gatehouse/contracts';
import { z } from 'zod';
import type { Admitted, Authority } from '../auth/authority.ts';
import { deviceMaxAgeS } from '../auth/known-clients.ts';
import { pageKeyOf } from '../auth/page-key.ts';
import { maxPasswordLength, minPasswordLength } from '../auth/passwords.ts';
import { absoluteLimitMs } from '../auth/sessions.ts';
import type { Call, Handler } from '../call.ts';
import { id, parsed, sessionOf } from '../call.ts';
import type { Cookies } from '../cookies.ts';
import type { HealthPort, UsersPort } from '../ports.ts';

const Password = z.string().min(minPasswordLength).max(maxPasswordLength);
const SetupBody = z.strictObject({ code: z.string().min(1).max(40), user: LoginName, password: Password });
const LoginBody = z.strictObject({
  user: z.string().min(1).max(60),
  password: z.string().min(1).max(maxPasswordLength),
});
/** The own password of the administrator who asks, typed again. */
const Confirmation = z.string().min(1).max(maxPasswordLength);
const NewUserBody = z.strictObject({
  user: LoginName,
  password: Password,
  role: Role,
  confirm: Confirmation,
});
const RoleBody = z.strictObject({ role: Role, confirm: Confirmation });
const PasswordBody = z.strictObject({ password: Password, confirm: Confirmation });

/** Who comes in and who may: set-up, login, session, users; and the one public fact, health. */
export function accessRoutes(
  authority: Authority,
  { users, health }: { readonly users: UsersPort; readonly health: HealthPort },
  cookies: Cookies,
) {
  const clientOf = ({ request, address }: Call) => ({ address, devices: cookies.all(request, 'device') });
  const confirmed = (call: Call, password: string) =>
    authority.confirm(sessionOf(call), password, call.address);
  const welcome = async ({ token, device }: Admitted) => {
    const session = await authority.sessions.find(token);
    return {
      json: { setupNeeded: false, user: session?.user, role: session?.role, pageKey: pageKeyOf(token) },
      cookies: [
        cookies.set('session', token, absoluteLimitMs / 1000),
        cookies.set('device', device, deviceMaxAgeS),
      ],
    };
  };
  return {
    async health() {
      const services = await health.services();
      const states = Object.values(services).map((service) => service.status);
      const status = states.every((state) => state === 'ok') ? 'ok' : 'degraded';
      return { json: { status, services: publicHealth(services) } };
    },
    async setUp(call) {
      const { code, ...credentials } = parsed(SetupBody, call.body);
      return welcome(await authority.setUp(code, credentials, clientOf(call)));
    },
    async logIn(call) {
      return welcome(await authority.logIn(parsed(LoginBody, call.body), clientOf(call)));
    },
    async logOut(call) {
      const session = sessionOf(call);
      await authority.logOut(session.user, session.tokenHash, call.address);
      return { json: {}, cookies: [cookies.clear('session'), cookies.clear('editor')] };
    },
    async session(call) {
      const setupNeeded = await authority.needsSetup();
      const { session } = call;
      return { json: session ? { setupNeeded, user: session.user, role: session.role } : { setupNeeded } };
    },
    async listUsers() {
      const list = await users.listUsers();
      return { json: { users: list.map(({ name, role, createdAt }) => ({ name, role, createdAt })) } };
    },
    async addUser(call) {
      const { role, confirm, ...credentials } = parsed(NewUserBody, call.body);
      await authority.addUser(await confirmed(call, confirm), credentials, role);
      return { status: 201, json: { name: credentials.user, role } };
    },
    async changeRole(call) {
      const { role, confirm } = parsed(RoleBody, call.body);
      await authority.changeRole(await confirmed(call, confirm), id(call), role);
      return { json: {} };
    },
    async resetPassword(call) {
      const { password, confirm } = parsed(PasswordBody, call.body);
      await authority.resetPassword(await confirmed(call, confirm), id(call), password);
      return { json: {} };
    },
  } satisfies Record<string, Handler>;
}

/** Without a login only the state: details may name hosts and files. */
function publicHealth(services: Readonly<Record<string, ServiceHealth>>): Record<string, ServiceHealth> {
  return Object.fromEntries(Object.entries(services).map(([name, { status }]) => [name, { status }]));
}

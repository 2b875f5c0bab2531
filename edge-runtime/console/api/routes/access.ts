import { LoginName, Role, type ServiceHealth } from '@gatehouse/contracts';
import { z } from 'zod';
import type { Authority } from '../auth/authority.ts';
import { maxPasswordLength, minPasswordLength } from '../auth/passwords.ts';
import type { Handler } from '../call.ts';
import { parsed, sessionOf } from '../call.ts';
import { clearSession, setSession } from '../cookies.ts';
import type { HealthPort, UsersPort } from '../ports.ts';

const Password = z.string().min(minPasswordLength).max(maxPasswordLength);
const SetupBody = z.strictObject({ code: z.string().min(1).max(40), user: LoginName, password: Password });
const LoginBody = z.strictObject({
  user: z.string().min(1).max(60),
  password: z.string().min(1).max(maxPasswordLength),
});
const NewUserBody = z.strictObject({ user: LoginName, password: Password, role: Role });

/** Who comes in and who may: set-up, login, session, users; and the one public fact, health. */
export function accessRoutes(authority: Authority, users: UsersPort, health: HealthPort, https: boolean) {
  const welcome = async (token: string) => {
    const session = await authority.sessions.find(token);
    return {
      json: { setupNeeded: false, user: session?.user, role: session?.role },
      cookie: setSession(token, https),
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
      return welcome(await authority.setUp(code, credentials, call.address));
    },
    async logIn(call) {
      return welcome(await authority.logIn(parsed(LoginBody, call.body), call.address));
    },
    async logOut(call) {
      const session = sessionOf(call);
      await authority.logOut(session.user, session.tokenHash, call.address);
      return { json: {}, cookie: clearSession(https) };
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
      const { role, ...credentials } = parsed(NewUserBody, call.body);
      await authority.addUser(sessionOf(call).user, credentials, role, call.address);
      return { status: 201, json: { name: credentials.user, role } };
    },
  } satisfies Record<string, Handler>;
}

/** Without a login only the state: details may name hosts and files. */
function publicHealth(services: Readonly<Record<string, ServiceHealth>>): Record<string, ServiceHealth> {
  return Object.fromEntries(Object.entries(services).map(([name, { status }]) => [name, { status }]));
}

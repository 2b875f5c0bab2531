import type { ServiceHealth } from '@gatehouse/contracts';
import type { PublicHealth } from '@gatehouse/contracts/console';
import type { Admitted, Authority } from '../auth/authority.ts';
import { deviceMaxAgeS } from '../auth/known-clients.ts';
import { pageKeyOf } from '../auth/page-key.ts';
import { absoluteLimitMs } from '../auth/sessions.ts';
import { type Caller, type Handlers, sessionOf } from '../call.ts';
import type { Cookies } from '../cookies.ts';
import type { ConsoleParts } from '../parts.ts';

/** Access to the console: set-up, login, session, users; and the one public fact, health. */
export function accessRoutes(
  authority: Authority,
  { store, health }: Pick<ConsoleParts, 'store' | 'health'>,
  cookies: Cookies,
) {
  const clientOf = ({ request, address }: Caller) => ({ address, devices: cookies.all(request, 'device') });
  const confirmed = (call: Caller, password: string) =>
    authority.confirm(sessionOf(call), password, call.address);
  const welcome = async ({ token, device }: Admitted) => {
    const session = await authority.sessions.find(token);
    return {
      json: {
        setupNeeded: false,
        ...(session ? { user: session.user, role: session.role } : {}),
        pageKey: pageKeyOf(token),
      },
      cookies: [
        cookies.set('session', token, absoluteLimitMs / 1000),
        cookies.set('device', device, deviceMaxAgeS),
      ],
    };
  };
  return {
    async health() {
      const services = health.services();
      const states = Object.values(services).map((service) => service.status);
      const well = states.every((state) => state === 'ok');
      return { json: { status: well ? 'ok' : 'degraded', services: publicHealth(services) } };
    },
    async setUp(call) {
      const { code, ...credentials } = call.asked;
      return welcome(await authority.setUp(code, credentials, clientOf(call)));
    },
    async logIn(call) {
      return welcome(await authority.logIn(call.asked, clientOf(call)));
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
      const list = await store.accounts.listUsers();
      return { json: { users: list.map(({ name, role, createdAt }) => ({ name, role, createdAt })) } };
    },
    async addUser(call) {
      const { role, confirm, ...credentials } = call.asked;
      await authority.addUser(await confirmed(call, confirm), credentials, role);
      return { status: 201, json: { name: credentials.user, role } };
    },
    async changeRole(call) {
      const { role, confirm } = call.asked;
      await authority.changeRole(await confirmed(call, confirm), call.params.id, role);
      return { json: {} };
    },
    async resetPassword(call) {
      const { password, confirm } = call.asked;
      await authority.resetPassword(await confirmed(call, confirm), call.params.id, password);
      return { json: {} };
    },
  } satisfies Partial<Handlers>;
}

/** Without a login the answer has only the state: details may name hosts and files. */
function publicHealth(services: Readonly<Record<string, ServiceHealth>>): PublicHealth['services'] {
  return Object.fromEntries(Object.entries(services).map(([name, { status }]) => [name, { status }]));
}

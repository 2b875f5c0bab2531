import type { IncomingMessage } from 'node:http';
import { checkPageKey, hasPageKey } from './auth/page-key.ts';
import { isToken } from './auth/secrets.ts';
import type { Session, Sessions } from './auth/sessions.ts';
import type { Connections } from './connections/connections.ts';
import type { Cookies } from './cookies.ts';
import { consoleError } from './errors.ts';
import type { Access } from './routes/table.ts';
import { checkHost, checkSameOrigin, refuseServiceWorker } from './same-origin.ts';

export interface GatekeeperOptions {
  readonly sessions: Sessions;
  readonly cookies: Cookies;
  readonly connections: Connections;
  readonly hostNames: readonly string[];
  readonly https: boolean;
}

/** Decides about every request of the console, HTTP or WebSocket. All checks of the console are here. */
export class Gatekeeper {
  readonly #options: GatekeeperOptions;
  constructor(options: GatekeeperOptions) {
    this.#options = options;
  }

  /**
   * Checks of every request before its body is read: the host must be ours, and no other origin may ask,
   * except for a page.
   */
  checkOrigin(request: IncomingMessage): void {
    const { hostNames, https } = this.#options;
    checkHost(request, hostNames);
    refuseServiceWorker(request);
    const isPage = !request.url?.startsWith('/api/') && !request.headers.upgrade;
    if (isPage && (request.method === 'GET' || request.method === 'HEAD')) return;
    checkSameOrigin(request, https);
  }

  /**
   * The login of a request, if any. A request that changes something must carry the page key besides the
   * cookie. So must a request on a public route, or it counts as one without a login. Log-in itself works
   * with any cookies, because it makes a new one. Throws `SESSION_REQUIRED`, `ROLE_FORBIDDEN`,
   * `PAGE_KEY_WRONG`, `COOKIES_MIXED`, `TOO_MANY_CONNECTIONS`.
   */
  async admit(request: IncomingMessage, access: Access): Promise<Session | undefined> {
    const { sessions, cookies, connections } = this.#options;
    const cookie = cookies.read(request, 'session');
    const changes = request.method !== 'GET' && request.method !== 'HEAD';
    if (cookie.is === 'several' && !(access === 'public' && changes)) throw consoleError('COOKIES_MIXED');
    const token = cookie.is === 'one' && isToken(cookie.value) ? cookie.value : undefined;
    const session = token === undefined ? undefined : await sessions.find(token);
    if (access === 'public') return token && hasPageKey(request, token) ? session : undefined;
    if (!session || token === undefined) throw consoleError('SESSION_REQUIRED');
    if (!access.includes(session.role)) throw consoleError('ROLE_FORBIDDEN');
    if (changes) checkPageKey(request, token);
    connections.known(request.socket, session.user);
    return session;
  }
}

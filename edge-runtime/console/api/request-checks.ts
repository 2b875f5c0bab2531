import type { IncomingMessage } from 'node:http';
import type { Access } from '@gatehouse/contracts/console';
import { errorOf } from '@gatehouse/kit';
import { checkPageKey, hasPageKey } from './auth/page-key.ts';
import { isToken } from './auth/secrets.ts';
import type { Session, Sessions } from './auth/sessions.ts';
import type { Connections } from './connections/connections.ts';
import type { Cookies } from './cookies.ts';
import { checkHost, checkSameOrigin, refuseServiceWorker } from './same-origin.ts';

export interface RequestChecksOptions {
  readonly sessions: Sessions;
  readonly cookies: Cookies;
  readonly connections: Connections;
  readonly hostNames: readonly string[];
  readonly https: boolean;
}

/** Decides about every request of the console, HTTP or WebSocket. All checks of the console are here. */
export class RequestChecks {
  readonly #options: RequestChecksOptions;
  constructor(options: RequestChecksOptions) {
    this.#options = options;
  }

  /** Checks of every request, pages included. Another origin may ask only for a page. */
  check(request: IncomingMessage): void {
    const { hostNames, https } = this.#options;
    checkHost(request, hostNames);
    refuseServiceWorker(request);
    if (changes(request)) checkSameOrigin(request, https);
  }

  /**
   * The login of a request to the API, if any. A request that changes something must carry the page key
   * besides the cookie. So must a request on a public route, or it counts as one without a login. Log-in
   * itself works with any cookies, because it makes a new one. Throws `CROSS_SITE_REFUSED`,
   * `SESSION_REQUIRED`, `ROLE_FORBIDDEN`, `PAGE_KEY_WRONG`, `COOKIES_MIXED`, `TOO_MANY_CONNECTIONS`.
   */
  async admit(request: IncomingMessage, access: Access): Promise<Session | undefined> {
    const { sessions, cookies, connections, https } = this.#options;
    // The check is here and not by the path: a router may accept another spelling of a path than a check in
    // front of it.
    checkSameOrigin(request, https);
    const cookie = cookies.read(request, 'session');
    if (cookie.is === 'several' && !(access === 'public' && changes(request))) throw errorOf('COOKIES_MIXED');
    const token = cookie.is === 'one' && isToken(cookie.value) ? cookie.value : undefined;
    const session = token === undefined ? undefined : await sessions.find(token);
    if (access === 'public') return token && hasPageKey(request, token) ? session : undefined;
    if (!session || token === undefined) throw errorOf('SESSION_REQUIRED');
    if (!access.includes(session.role)) throw errorOf('ROLE_FORBIDDEN');
    if (changes(request)) checkPageKey(request, token);
    connections.known(request.socket, session.user);
    return session;
  }
}

function changes({ method }: IncomingMessage): boolean {
  return method !== 'GET' && method !== 'HEAD';
}

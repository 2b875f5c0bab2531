import type { IncomingMessage } from 'node:http';
import type { Session, Sessions } from './auth/sessions.ts';
import { sessionToken } from './cookies.ts';
import { consoleError } from './errors.ts';
import type { Access } from './routes/table.ts';
import { checkHost, checkSameOrigin } from './same-origin.ts';

/** Decides for every request, HTTP or WebSocket, whether it may pass; all of the console's checks run here. */
export class Gatekeeper {
  readonly #sessions: Sessions;
  readonly #hostNames: readonly string[];
  constructor(sessions: Sessions, hostNames: readonly string[]) {
    this.#sessions = sessions;
    this.#hostNames = hostNames;
  }

  /** Checks that hold for everything, before any body is read: the right host and, where it can do harm, no other site. */
  checkOrigin(request: IncomingMessage): void {
    checkHost(request, this.#hostNames);
    const harmless = (request.method === 'GET' || request.method === 'HEAD') && !request.headers.upgrade;
    if (!harmless) checkSameOrigin(request);
  }

  /** The login of a request, if any. Throws `SESSION_REQUIRED` or `ROLE_FORBIDDEN`. */
  async admit(request: IncomingMessage, access: Access): Promise<Session | undefined> {
    const token = sessionToken(request);
    const session = token === undefined ? undefined : await this.#sessions.find(token);
    if (access === 'public') return session;
    if (!session) throw consoleError('SESSION_REQUIRED');
    if (!access.includes(session.role)) throw consoleError('ROLE_FORBIDDEN');
    return session;
  }
}

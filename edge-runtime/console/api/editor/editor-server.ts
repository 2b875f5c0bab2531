import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { consolePages } from '@gatehouse/contracts/console';
import { errorOf, type Log, readBounded, refuseUpgrade, whenClosed } from '@gatehouse/kit';
import type { Session } from '../auth/sessions.ts';
import { addressOf } from '../connections/address.ts';
import type { Connections } from '../connections/connections.ts';
import { Shares } from '../connections/shares.ts';
import type { Cookies } from '../cookies.ts';
import { errorAnswer } from '../errors.ts';
import { checkHost, checkSameOrigin, hostName, refuseServiceWorker } from '../same-origin.ts';
import { setEditorHeaders } from '../security-headers.ts';
import type { SessionFollower } from '../session-follower.ts';
import type { DeployAudit } from './deploy-audit.ts';
import type { EditorAccess } from './editor-access.ts';
import type { EditorProxy } from './editor-proxy.ts';
import type { EditorTokens } from './editor-tokens.ts';

/** Path of the editor, here and in Node-RED (`httpAdminRoot`). The path is handed on unchanged. */
const editorRoot = '/flows';
const editorPath = /^\/flows(?:[/?]|$)/;
/** The console's form posts its ticket here. */
export const enterPath = '/enter';
const maxFormBytes = 1024;
/** Errors of pages that people open themselves. */
const told: readonly string[] = ['SESSION_REQUIRED', 'TICKET_WRONG', 'EDITOR_DOWN', 'COOKIES_MIXED'];
/** Editors that may be open; each has one socket. */
const sockets = { total: 64, user: 8, address: 32 };
/** The longest life of a console's login. The cookie is of no use after the login has ended. */
const cookieMaxAgeS = 86_400;

export interface EditorServerOptions {
  readonly access: EditorAccess;
  readonly tokens: EditorTokens;
  readonly proxy: EditorProxy;
  readonly deploys: DeployAudit;
  readonly follower: SessionFollower;
  readonly cookies: Cookies;
  readonly connections: Connections;
  readonly hostNames: readonly string[];
  readonly https: boolean;
  /** Port of the console. */
  readonly consolePort: () => number;
  readonly log: Log;
}

/**
 * The listener of the flow editor, on an origin of its own. A script that a flow puts into the editor's page
 * runs on this origin and not on the console's. Only a ticket lets a browser in, only the editor is served,
 * and the console's cookies are neither read nor handed on.
 */
export class EditorServer {
  readonly #options: EditorServerOptions;
  readonly #sockets = new Shares('editors', sockets);
  constructor(options: EditorServerOptions) {
    this.#options = options;
  }

  onRequest(request: IncomingMessage, response: ServerResponse): void {
    setEditorHeaders(response, this.#options.https);
    this.#serve(request, response).catch((error) => this.#refuse(request, response, error));
  }

  onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#serveSocket(request, socket, head).catch((error) => refuseUpgrade(socket, errorAnswer(error)));
  }

  stop(): void {
    this.#options.proxy.stop();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { hostNames, https, deploys, proxy, tokens } = this.#options;
    checkHost(request, hostNames);
    refuseServiceWorker(request);
    const path = (request.url ?? '').split('?', 1)[0];
    if (path === enterPath && request.method === 'POST') return this.#enter(request, response);
    if (request.method !== 'GET') checkSameOrigin(request, https);
    if (path === '/') return redirect(response, `${editorRoot}/`);
    if (!editorPath.test(request.url ?? '')) throw errorOf('NOT_FOUND');
    const session = await this.#admit(request);
    await deploys.around(request, session, () => proxy.web(request, response, tokens.mint(session)));
  }

  /** The form comes from the console, another origin. The ticket is valid for that origin only. */
  async #enter(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { access, cookies } = this.#options;
    const form = new URLSearchParams((await readBounded(request, maxFormBytes)).toString('utf8'));
    const token = await access.redeem(form.get('ticket') ?? '', request.headers.origin);
    response.setHeader('set-cookie', cookies.set('editor', token, cookieMaxAgeS));
    redirect(response, `${editorRoot}/`);
  }

  async #serveSocket(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { hostNames, https, proxy, tokens, follower } = this.#options;
    checkHost(request, hostNames);
    checkSameOrigin(request, https);
    if (!editorPath.test(request.url ?? '')) throw errorOf('NOT_FOUND');
    const session = await this.#admit(request);
    const taker = { user: session.user, address: addressOf(request.socket) };
    whenClosed(socket, this.#sockets.take(taker));
    proxy.webSocket(request, socket, head, tokens.mint(session));
    follower.follow(session, socket, () => socket.destroy());
  }

  async #admit(request: IncomingMessage): Promise<Session> {
    const { access, cookies, connections } = this.#options;
    const cookie = cookies.read(request, 'editor');
    if (cookie.is === 'several') throw errorOf('COOKIES_MIXED');
    const session = cookie.is === 'one' ? await access.find(cookie.value) : undefined;
    if (!session) throw errorOf('SESSION_REQUIRED');
    connections.known(request.socket, session.user);
    return session;
  }

  /**
   * Sends a browser without a session back to the console's page, which explains the error in words and gets
   * a new ticket.
   */
  #refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    const { cookies, consolePort, https, log } = this.#options;
    const { status, body } = errorAnswer(error);
    if (status >= 500)
      log.error('editor-request-failed', { method: request.method, path: request.url, error });
    if (response.headersSent) return void response.destroy();
    const { code } = body.error;
    if (code === 'COOKIES_MIXED') response.setHeader('set-cookie', cookies.removeForeign(request, 'editor'));
    if (told.includes(code) && (request.headers.accept ?? '').includes('text/html')) {
      const scheme = https ? 'https' : 'http';
      const why = status === 401 ? '' : `?error=${code}`;
      return void redirect(
        response,
        `${scheme}://${hostName(request)}:${consolePort()}${consolePages.flows.path}${why}`,
      );
    }
    // The rest of a refused body is not read.
    if (!request.complete) response.setHeader('connection', 'close');
    response.writeHead(status, {
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
    });
    response.end(JSON.stringify(body));
  }
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(303, { location, 'cache-control': 'no-store' }).end();
}

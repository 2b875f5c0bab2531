import type { RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Role } from '@gatehouse/contracts';
import { errorOf, type UpgradeListener } from '@gatehouse/kit';
import type { NextFunction, Request, Response } from 'express';
import express from 'express';
import { Authority } from './auth/authority.ts';
import type { Handlers } from './call.ts';
import { Connections } from './connections/connections.ts';
import { Cookies } from './cookies.ts';
import { DeployAudit } from './editor/deploy-audit.ts';
import { EditorAccess } from './editor/editor-access.ts';
import { EditorProxy } from './editor/editor-proxy.ts';
import { EditorServer } from './editor/editor-server.ts';
import { EditorTokens } from './editor/editor-tokens.ts';
import { errorAnswer, RetryLater } from './errors.ts';
import { EventFeed } from './events.ts';
import { serveRoutes } from './http-routes.ts';
import { LiveViews } from './live/live-view.ts';
import type { ConsoleOptions } from './options.ts';
import { servePages } from './pages.ts';
import type { ConsoleParts } from './parts.ts';
import { RequestChecks } from './request-checks.ts';
import { accessRoutes } from './routes/access.ts';
import { doorRoutes } from './routes/doors.ts';
import { editorRoutes } from './routes/editor.ts';
import { tuningRoutes } from './routes/tuning.ts';
import { watchRoutes } from './routes/watch.ts';
import { hostName } from './same-origin.ts';
import { setPageHeaders } from './security-headers.ts';
import { SessionFollower } from './session-follower.ts';
import { Upgrades } from './upgrades.ts';

/** Handlers of one TCP port. */
export interface Listener {
  readonly onRequest: RequestListener;
  readonly onUpgrade: UpgradeListener;
  readonly onConnection: (socket: Socket) => void;
}

export interface Console {
  /** API, pages and live views. */
  readonly pages: Listener;
  /** The flow editor, on an origin of its own. */
  readonly editor: Listener;
  /** The one-time code for the first set-up, to be printed on the box; `undefined` once it has a user. */
  setupCode(): Promise<string | undefined>;
  /** The user of an editor token, for Node-RED's `POST /editor-sessions/verify`. */
  verifyEditorToken(token: string): Promise<{ user: string; role: Role } | undefined>;
  /** Ends event streams, live views and editor sockets, so that the servers can close. */
  stop(): Promise<void>;
}

/** Builds the guard console on parts of the runtime: API, pages, live view, and the way to Node-RED. */
export function createConsole(parts: ConsoleParts, options: ConsoleOptions): Console {
  const { clock, log, deviceKey, listeners, https = false, hostNames = [] } = options;
  const cookies = new Cookies(https);
  const authority = new Authority({ store: parts.store, deviceKey, clock, log });
  const { sessions } = authority;
  const connections = new Connections(log);
  const follower = new SessionFollower(sessions, clock, log);
  const checks = new RequestChecks({ sessions, cookies, connections, hostNames, https });
  const feed = new EventFeed(parts, sessions, clock, log);
  const live = new LiveViews(parts.pictures, clock, log);
  const upgrades = new Upgrades({ checks, follower, live });
  const access = new EditorAccess(sessions, clock);
  const tokens = new EditorTokens(sessions, clock);
  const editor = new EditorServer({
    access,
    tokens,
    follower,
    cookies,
    connections,
    hostNames,
    https,
    log,
    proxy: new EditorProxy(options.editorSocket, log),
    deploys: new DeployAudit(parts.flowsAudit, log),
    consolePort: () => listeners().console,
  });
  const editorOrigin = (request: Request) =>
    new URL(`${https ? 'https' : 'http'}://${hostName(request)}:${listeners().editor}`).origin;
  const handlers: Handlers = {
    ...accessRoutes(authority, parts, cookies),
    ...watchRoutes(parts, clock),
    ...doorRoutes(parts, clock, log),
    ...tuningRoutes(parts, clock),
    ...editorRoutes(access, editorOrigin, https),
    events: (call) => feed.serve(call),
  };

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.enable('case sensitive routing');
  app.use((request, response, next) => {
    checks.check(request);
    setPageHeaders(response, editorOrigin(request), https);
    if (cookies.read(request, 'session').is === 'several')
      response.set('set-cookie', cookies.removeForeign(request, 'session'));
    next();
  });
  serveRoutes(app, handlers, checks);
  servePages(app, options.pagesDir ?? fileURLToPath(new URL('../web/dist', import.meta.url)));
  app.use((_request, _response, next) => next(errorOf('NOT_FOUND')));
  app.use((error: unknown, request: Request, response: Response, next: NextFunction) => {
    const { status, body } = errorAnswer(fromExpress(error));
    if (error instanceof RetryLater) response.set('retry-after', String(error.retryAfterS));
    if (status >= 500) log.error('request-failed', { method: request.method, path: request.path, error });
    if (response.headersSent) return next(error);
    response.status(status).set('cache-control', 'no-store').json(body);
  });

  return {
    pages: {
      onRequest: app,
      onUpgrade: (...upgrade) => upgrades.onUpgrade(...upgrade),
      onConnection: (socket) => connections.add(socket),
    },
    editor: {
      onRequest: (request, response) => editor.onRequest(request, response),
      onUpgrade: (...upgrade) => editor.onUpgrade(...upgrade),
      onConnection: (socket) => connections.add(socket),
    },
    setupCode: () => authority.setupCode(),
    verifyEditorToken: (token) => tokens.verify(token),
    async stop() {
      feed.stop();
      upgrades.stop();
      live.stop();
      editor.stop();
      await authority.stop();
    },
  };
}

/**
 * body-parser's errors (http-errors) carry a type; an address that does not decode is express's `URIError`.
 */
function fromExpress(error: unknown): unknown {
  if (error instanceof URIError) return errorOf('NOT_FOUND', {}, { cause: error });
  if (!(error instanceof Error) || !('type' in error)) return error;
  if (error.type === 'entity.too.large') return errorOf('BODY_TOO_LARGE/console', {}, { cause: error });
  return errorOf('BODY_INVALID/json', {}, { cause: error });
}

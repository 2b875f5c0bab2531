import type { RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Role } from '@gatehouse/contracts';
import type { UpgradeListener } from '@gatehouse/kit';
import type { Express, NextFunction, Request, Response } from 'express';
import express from 'express';
import { Authority } from './auth/authority.ts';
import type { Answer, Call } from './call.ts';
import { addressOf } from './connections/address.ts';
import { Connections } from './connections/connections.ts';
import { Cookies } from './cookies.ts';
import { DeployAudit } from './editor/deploy-audit.ts';
import { EditorAccess } from './editor/editor-access.ts';
import { EditorProxy } from './editor/editor-proxy.ts';
import { EditorServer } from './editor/editor-server.ts';
import { EditorTokens } from './editor/editor-tokens.ts';
import { consoleError, errorAnswer, RetryLater } from './errors.ts';
import { EventFeed } from './events.ts';
import { LiveViews } from './live/live-view.ts';
import type { ConsoleOptions } from './options.ts';
import { servePages } from './pages.ts';
import type { ConsolePorts } from './ports.ts';
import { RequestChecks } from './request-checks.ts';
import { accessRoutes } from './routes/access.ts';
import { doorRoutes } from './routes/doors.ts';
import { editorRoutes } from './routes/editor.ts';
import type { HandlerTable, HttpRow } from './routes/table.ts';
import { routeTable } from './routes/table.ts';
import { tuningRoutes } from './routes/tuning.ts';
import { watchRoutes } from './routes/watch.ts';
import { checkCsrfHeader, hostName } from './same-origin.ts';
import { setPageHeaders } from './security-headers.ts';
import { SessionFollower } from './session-follower.ts';
import { Upgrades } from './upgrades.ts';

const maxJsonBytes = 64 * 1024;

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
  /** For Node-RED's `POST /editor-sessions/verify`: whom an editor token stands for. */
  verifyEditorToken(token: string): Promise<{ user: string; role: Role } | undefined>;
  /** Ends event streams, live views and editor sockets, so that the servers can close. */
  stop(): Promise<void>;
}

/** Builds the guard console on the given ports: API, pages, live view, and the way to Node-RED. */
export function createConsole(ports: ConsolePorts, options: ConsoleOptions): Console {
  const { clock, log, deviceKey, listeners, https = false, hostNames = [] } = options;
  const cookies = new Cookies(https);
  const authority = new Authority({ users: ports.users, audit: ports.audit, deviceKey, clock, log });
  const { sessions } = authority;
  const connections = new Connections(log);
  const follower = new SessionFollower(sessions, clock, log);
  const checks = new RequestChecks({ sessions, cookies, connections, hostNames, https });
  const feed = new EventFeed(ports, sessions, clock, log);
  const live = new LiveViews(ports.cameras, clock, log);
  const upgrades = new Upgrades({ checks, follower, live });
  const access = new EditorAccess(sessions, clock);
  const tokens = new EditorTokens(sessions, clock);
  const editor = new EditorServer({
    ...{ access, tokens, follower, cookies, connections, hostNames, https, log },
    proxy: new EditorProxy(ports.editor.socketPath, log),
    deploys: new DeployAudit(ports.editor, log),
    consolePort: () => listeners().console,
  });
  const editorOrigin = (request: Request) =>
    new URL(`${https ? 'https' : 'http'}://${hostName(request)}:${listeners().editor}`).origin;
  const handlers: HandlerTable = {
    ...accessRoutes(authority, ports, cookies),
    ...watchRoutes(ports, clock),
    ...doorRoutes(ports, clock, log),
    ...tuningRoutes(ports, clock),
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
  for (const row of routeTable)
    if (row.method === 'get' || row.method === 'post') addRoute(app, row, handlers, checks);
  app.use('/api', (_request, _response, next) => next(consoleError('NOT_FOUND')));
  servePages(app, options.pagesDir ?? fileURLToPath(new URL('../web/dist', import.meta.url)));
  app.use((_request, _response, next) => next(consoleError('NOT_FOUND')));
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

const parseJson = express.json({ limit: maxJsonBytes, strict: true, type: 'application/json' });

function addRoute(app: Express, row: HttpRow, handlers: HandlerTable, checks: RequestChecks): void {
  const serve = async (request: Request, response: Response) => {
    const call: Call = {
      request,
      response,
      params: flat(request.params),
      query: request.query,
      body: request.body ?? {},
      address: addressOf(request.socket),
      session: response.locals.session,
    };
    answer(response, await handlers[row.does](call));
  };
  // Admission comes before the body is read: nobody without a login makes the box parse anything but a login.
  const admit = async (request: Request, response: Response, next: NextFunction) => {
    if (row.method === 'post') checkCsrfHeader(request);
    response.locals.session = await checks.admit(request, row.access);
    next();
  };
  if (row.method === 'post') return void app.post(row.path, admit, parseJson, serve);
  // Express would run the GET handler, with all its work, and throw its answer away.
  app.head(row.path, admit, (_request, response) => {
    response.set('allow', 'GET');
    throw consoleError('METHOD_REFUSED', 'HEAD is not served here.');
  });
  app.get(row.path, admit, serve);
}

function answer(response: Response, result: Answer): void {
  if (!result) return;
  response.set('cache-control', 'no-store');
  if ('jpeg' in result) {
    response.type('image/jpeg').send(Buffer.from(result.jpeg));
    return;
  }
  if ('mp4' in result) {
    response.type('video/mp4').send(Buffer.from(result.mp4));
    return;
  }
  for (const cookie of result.cookies ?? []) response.append('set-cookie', cookie);
  response.status(result.status ?? 200).json(result.json);
}

function flat(params: Request['params']): Record<string, string> {
  return Object.fromEntries(Object.entries(params).map(([key, value]) => [key, String(value)]));
}

/** body-parser's errors (http-errors) carry a type; an address that does not decode is express's `URIError`. */
function fromExpress(error: unknown): unknown {
  if (error instanceof URIError) return consoleError('NOT_FOUND', undefined, { cause: error });
  if (!(error instanceof Error) || !('type' in error)) return error;
  if (error.type === 'entity.too.large') return consoleError('BODY_TOO_LARGE', undefined, { cause: error });
  return consoleError('BODY_INVALID', 'the body is not valid JSON.', { cause: error });
}

import type { Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { Role } from '@gatehouse/contracts';
import type { Express, NextFunction, Request, Response } from 'express';
import express from 'express';
import { Authority } from './auth/authority.ts';
import { EditorTokens } from './auth/editor-tokens.ts';
import type { Answer, Call } from './call.ts';
import { consoleError, errorAnswer } from './errors.ts';
import { EventFeed } from './events.ts';
import { FlowsProxy, isEditorUrl } from './flows-proxy.ts';
import { Gatekeeper } from './gatekeeper.ts';
import { LiveViews } from './live/live-view.ts';
import type { ConsoleOptions } from './options.ts';
import { servePages } from './pages.ts';
import type { ConsolePorts } from './ports.ts';
import { accessRoutes } from './routes/access.ts';
import { doorRoutes } from './routes/doors.ts';
import type { HandlerTable, HttpRow } from './routes/table.ts';
import { accessOf, routeTable } from './routes/table.ts';
import { tuningRoutes } from './routes/tuning.ts';
import { watchRoutes } from './routes/watch.ts';
import { checkCsrfHeader } from './same-origin.ts';
import { setSecurityHeaders } from './security-headers.ts';
import { Upgrades } from './upgrades.ts';

const maxJsonBytes = 64 * 1024;

export interface Console {
  readonly app: Express;
  /** Takes WebSocket upgrades of the server that serves `app`. */
  attachUpgrades(server: Server): void;
  /** The one-time code for the first set-up, to be printed on the box; `undefined` once it has a user. */
  setupCode(): Promise<string | undefined>;
  /** For Node-RED's `POST /editor-sessions/verify`: whom an editor token stands for. */
  verifyEditorToken(token: string): Promise<{ user: string; role: Role } | undefined>;
  /** Ends event streams, live views and editor sockets, so that the server can close. */
  stop(): void;
}

/** Builds the guard console on the given ports: API, pages, live view, and the login in front of Node-RED. */
export function createConsole(ports: ConsolePorts, options: ConsoleOptions): Console {
  const { clock, log, https = false, hostNames = [] } = options;
  const authority = new Authority(ports.users, ports.audit, clock);
  const { sessions } = authority;
  const editorTokens = new EditorTokens(sessions, clock);
  const gatekeeper = new Gatekeeper(sessions, hostNames);
  const feed = new EventFeed(ports, sessions, clock, log);
  const live = new LiveViews(ports.cameras, clock, log);
  const flows = new FlowsProxy(ports.editor, editorTokens, log);
  const upgrades = new Upgrades({ gatekeeper, sessions, live, flows, clock, log });
  const handlers: HandlerTable = {
    ...accessRoutes(authority, ports.users, ports.health, https),
    ...watchRoutes(ports, clock),
    ...doorRoutes(ports, clock, log),
    ...tuningRoutes(ports, clock),
    events: (call) => feed.serve(call),
  };

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.use((request, response, next) => {
    setSecurityHeaders(response, isEditorUrl(request.url) ? 'editor' : 'console', https);
    gatekeeper.checkOrigin(request);
    next();
  });
  app.use(async (request, response, next) => {
    if (!isEditorUrl(request.url)) return next();
    const session = await gatekeeper.admit(request, accessOf('editor')).catch((error) => {
      if (!wantsPage(request) || errorAnswer(error).status !== 401) throw error;
      response.redirect(303, '/');
      return undefined;
    });
    if (session) flows.web(request, response, session);
  });
  for (const row of routeTable)
    if (row.method === 'get' || row.method === 'post') addRoute(app, row, handlers, gatekeeper);
  app.use('/api', (_request, _response, next) => next(consoleError('NOT_FOUND')));
  servePages(app, options.pagesDir ?? fileURLToPath(new URL('../web/dist', import.meta.url)));
  app.use((_request, _response, next) => next(consoleError('NOT_FOUND')));
  app.use((error: unknown, request: Request, response: Response, next: NextFunction) => {
    const { status, body } = errorAnswer(fromExpress(error));
    if (status >= 500) log.error('request-failed', { method: request.method, path: request.path, error });
    if (response.headersSent) return next(error);
    response.status(status).set('cache-control', 'no-store').json(body);
  });

  return {
    app,
    attachUpgrades: (server) => upgrades.attach(server),
    setupCode: () => authority.setupCode(),
    verifyEditorToken: (token) => editorTokens.verify(token),
    stop() {
      feed.stop();
      upgrades.stop();
      live.stop();
      flows.stop();
    },
  };
}

const parseJson = express.json({ limit: maxJsonBytes, strict: true, type: 'application/json' });

function addRoute(app: Express, row: HttpRow, handlers: HandlerTable, gatekeeper: Gatekeeper): void {
  const serve = async (request: Request, response: Response) => {
    const call: Call = {
      request,
      response,
      params: flat(request.params),
      query: request.query,
      body: request.body ?? {},
      address: request.socket.remoteAddress ?? 'unknown',
      session: response.locals.session,
    };
    answer(response, await handlers[row.does](call));
  };
  // Admission comes before the body is read: nobody without a login makes the box parse anything but a login.
  const admit = async (request: Request, response: Response, next: NextFunction) => {
    if (row.method === 'post') checkCsrfHeader(request);
    response.locals.session = await gatekeeper.admit(request, row.access);
    next();
  };
  if (row.method === 'get') app.get(row.path, admit, serve);
  else app.post(row.path, admit, parseJson, serve);
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
  if (result.cookie) response.set('set-cookie', result.cookie);
  response.status(result.status ?? 200).json(result.json);
}

function flat(params: Request['params']): Record<string, string> {
  return Object.fromEntries(Object.entries(params).map(([key, value]) => [key, String(value)]));
}

function wantsPage(request: Request): boolean {
  return request.method === 'GET' && (request.headers.accept ?? '').includes('text/html');
}

/** body-parser's errors (http-errors) carry a type; an address that does not decode is express's `URIError`. */
function fromExpress(error: unknown): unknown {
  if (error instanceof URIError) return consoleError('NOT_FOUND', undefined, { cause: error });
  if (!(error instanceof Error) || !('type' in error)) return error;
  if (error.type === 'entity.too.large') return consoleError('BODY_TOO_LARGE', undefined, { cause: error });
  return consoleError('BODY_INVALID', 'the body is not valid JSON.', { cause: error });
}

import type { OutgoingHttpHeaders } from 'node:http';
import {
  checked,
  type EventOf,
  type JsonAnswer,
  type LocalTable,
  type ParamNames,
  type RawBody,
  type Route,
  type Routes,
} from '@gatehouse/contracts';
import {
  apiErrorAnswer,
  type Clock,
  EventStreamWriter,
  errorOf,
  LocalServer,
  type Log,
  type Part,
  routeUnknown,
  socketPath,
} from '@gatehouse/kit';
import express, { type ErrorRequestHandler, type Express, type Request, type Response } from 'express';
import type { z } from 'zod';

/** A request of one route, checked. */
export interface Call<R extends Route> {
  readonly params: Readonly<Record<ParamNames<R['is']>, string>>;
  readonly query: R extends { readonly query: infer Q extends z.ZodType } ? z.output<Q> : undefined;
  readonly body: R extends { readonly body: infer B }
    ? B extends z.ZodType
      ? z.output<B>
      : B extends RawBody
        ? Buffer
        : never
    : undefined;
  readonly request: Request;
  readonly response: Response;
  /** Begins the answer of a route of events. Throws `TOO_MANY_STREAMS`. */
  readonly events: (clock: Clock) => EventStreamWriter<EventOf<R>>;
}

/** The parts of a JSON answer: nothing changes it on its way. */
type Immutable<T> = unknown extends T
  ? T
  : T extends string | number | boolean | null | undefined
    ? T
    : T extends readonly (infer Item)[]
      ? readonly Immutable<Item>[]
      : { readonly [Key in keyof T]: Immutable<T[Key]> };

/** Answers a route. That of a stream or of events writes its answer itself. */
type Handler<R extends Route> = R['answer'] extends {
  readonly kind: 'bytes';
  readonly headers: readonly (infer Header extends string)[];
}
  ? (call: Call<R>) => Promised<{
      readonly bytes: Uint8Array;
      readonly headers: OutgoingHttpHeaders & Readonly<Record<Header, string>>;
    }>
  : R['answer'] extends JsonAnswer<infer Schema, infer Absent>
    ? (call: Call<R>) => Promised<Immutable<z.output<Schema>> | (Absent extends true ? undefined : never)>
    : (call: Call<R>) => void | Promise<void>;

type Promised<T> = T | Promise<T>;

/** A function for each route of a table. */
export type Handlers<R extends Routes> = { readonly [Name in keyof R]: Handler<R[Name]> };

export interface AppOptions {
  readonly log: Log;
  /**
   * True if answers carry a tag of their content; default true. The tag costs a hash; set it to false where
   * nobody asks by it.
   */
  readonly tagged?: boolean;
}

export interface LocalApiOptions<R extends Routes> extends AppOptions {
  readonly table: LocalTable<R>;
  readonly handlers: Handlers<R>;
  /** Default: the one that the table names. */
  readonly socket?: string;
}

/** A local API: the routes of its table on one Unix socket for one caller. */
export class LocalApi<R extends Routes> implements Part {
  readonly #server: LocalServer;
  constructor({ table, handlers, socket, ...options }: LocalApiOptions<R>) {
    const path = socket ?? socketPath(table.service, table.caller);
    const onRequest = localApp(table, handlers, options);
    this.#server = new LocalServer({ socket: path, log: options.log, onRequest });
  }
  start(): Promise<void> {
    return this.#server.start();
  }
  stop(): Promise<void> {
    return this.#server.stop();
  }
}

type AnyHandler = (call: unknown) => unknown;

/** The routes of a table as an express application: bodies bounded, requests checked, errors answered. */
export function localApp<R extends Routes>(
  table: LocalTable<R>,
  handlers: Handlers<R>,
  { log, tagged = true }: AppOptions,
): Express {
  const app = express();
  app.disable('x-powered-by');
  if (!tagged) app.disable('etag');
  for (const [name, route] of Object.entries<Route>(table.routes)) {
    const [method, path = '/'] = route.is.split(' ');
    const handle = handlers[name] as AnyHandler;
    const stack = [...bodyParser(route, table.maxBodyBytes), serving(route, handle)];
    if (method === 'GET') app.get(path, ...stack);
    else if (method === 'PUT') app.put(path, ...stack);
    else app.post(path, ...stack);
  }
  app.use((request) => {
    throw routeUnknown(request.method, request.path);
  });
  app.use(answerError(log));
  return app;
}

function bodyParser({ body, maxBodyBytes }: Route, usual: number) {
  if (!body) return [];
  const limit = maxBodyBytes ?? usual;
  return ['kind' in body ? express.raw({ type: body.type, limit }) : express.json({ limit })];
}

function serving(route: Route, handle: AnyHandler) {
  return async (request: Request, response: Response): Promise<void> => {
    const answered = await handle({
      params: request.params as Record<string, string>,
      query: route.query ? checked(route.query, request.query, route.refusal) : undefined,
      body: bodyOf(route, request),
      request,
      response,
      events: (clock: Clock) => new EventStreamWriter(response, clock),
    });
    send(route, response, answered);
  };
}

function bodyOf({ body, refusal }: Route, request: Request): unknown {
  if (!body) return undefined;
  if (!('kind' in body)) return checked(body, request.body, refusal);
  if (Buffer.isBuffer(request.body)) return request.body;
  throw errorOf(body.refusal, { type: body.type });
}

function send({ answer }: Route, response: Response, answered: unknown): void {
  if (answer.kind === 'none' || (answer.kind === 'json' && answered === undefined)) response.sendStatus(204);
  else if (answer.kind === 'json') response.json(answered);
  else if (answer.kind === 'bytes') {
    const { bytes, headers } = answered as { bytes: Uint8Array; headers: OutgoingHttpHeaders };
    response.set(headers).type(answer.type).send(bytes);
  }
}

/** The one place where an error becomes the answer of a local API. An answer that has begun is cut off. */
function answerError(log: Log): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    const { status, body } = apiErrorAnswer(error);
    if (status >= 500) log.error('request-failed', { route: request.path, error });
    if (response.headersSent) response.destroy();
    else response.status(status).json(body);
  };
}

import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type {
  EventOf,
  JsonAnswer,
  LocalTable,
  ParamNames,
  RawBody,
  Route,
  Routes,
} from '@gatehouse/contracts';
import {
  type CallOptions,
  errorOf,
  type KeptStream,
  keepStream,
  LocalClient,
  type StreamEvent,
  StreamKeeper,
  socketPath,
} from '@gatehouse/kit';
import type { z } from 'zod';

/** The transport of the calls: kit's `LocalClient`. */
export type ApiTransport = Pick<LocalClient, 'call' | 'callRaw' | 'open' | 'limitMs'>;

type Named<R extends Routes, Kind> = {
  [Name in keyof R & string]: R[Name]['answer'] extends { readonly kind: Kind } ? Name : never;
}[keyof R & string];

type Params<R extends Route> = [ParamNames<R['is']>] extends [never]
  ? unknown
  : { readonly params: Readonly<Record<ParamNames<R['is']>, string>> };

type Query<R extends Route> = R extends { readonly query: infer Q extends z.ZodType }
  ? Partial<z.input<Q>> extends z.input<Q>
    ? { readonly query?: z.input<Q> }
    : { readonly query: z.input<Q> }
  : unknown;

type Body<R extends Route> = R extends { readonly body: infer B }
  ? B extends z.ZodType
    ? { readonly body: z.input<B> }
    : B extends RawBody
      ? { readonly bytes: Uint8Array }
      : never
  : unknown;

type Timing = Pick<CallOptions, 'timeoutMs' | 'signal'>;
type Asked<R extends Route> = Params<R> & Query<R> & Body<R>;
type Options<R extends Route> = Asked<R> & Timing;
/** Options may be left out where the route needs none. */
type Given<O> = Partial<O> extends O ? [options?: O] : [options: O];

type Answered<R extends Route> =
  R['answer'] extends JsonAnswer<infer Schema, infer Absent>
    ? z.output<Schema> | (Absent extends true ? undefined : never)
    : undefined;

type ItemOf<R extends Route> =
  R['answer'] extends JsonAnswer<infer Schema, boolean>
    ? z.output<Schema> extends readonly (infer Item)[]
      ? Item
      : never
    : never;

export type StreamOptions<R extends Route> = Omit<KeptStream, 'client' | 'route' | 'onEvent'> & {
  /** Takes an event that is as the table says. Others are logged, and the stream goes on. */
  readonly onEvent: (event: EventOf<R>) => void;
};

interface Untyped {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly bytes?: Uint8Array;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Calls one service by its table. Requests and answers have the table's types, and answers are checked by its
 * schemas.
 */
export class ApiClient<R extends Routes> {
  readonly #table: LocalTable<R>;
  readonly #transport: ApiTransport;
  constructor(table: LocalTable<R>, transport: ApiTransport) {
    this.#table = table;
    this.#transport = transport;
  }

  /** Bound of a call that begins now, milliseconds. */
  limitMs(usualMs: number): number {
    return this.#transport.limitMs(usualMs);
  }

  /**
   * Asks a route that answers with JSON, or with nothing. Throws the peer's own error, `PEER_DOWN`, or
   * `PEER_REFUSED` for an answer that does not fit the table.
   */
  async call<Name extends Named<R, 'json' | 'none'>>(
    name: Name,
    ...[options]: Given<Options<R[Name]>>
  ): Promise<Answered<R[Name]>>;
  async call(name: string, options: Untyped = {}): Promise<unknown> {
    const { method, target, request, answer } = this.#request(name, options);
    const value = await this.#transport.call(method, target, request);
    if (answer.kind !== 'json' || (answer.absent && value === undefined)) return undefined;
    return this.#checked(target, answer.schema, value);
  }

  /**
   * The items of a list that fit the table. Each of the others is reported to `onRefused`, so that one of
   * them hides no other.
   */
  async items<Name extends Named<R, 'json'>>(
    name: Name,
    onRefused: (detail: string) => void,
    ...[options]: Given<Options<R[Name]>>
  ): Promise<ItemOf<R[Name]>[]>;
  async items(name: string, onRefused: (detail: string) => void, options: Untyped = {}): Promise<unknown[]> {
    const { method, target, request, answer } = this.#request(name, options);
    const value = await this.#transport.call(method, target, request);
    const schema = answer.kind === 'json' ? answer.schema : undefined;
    if (!Array.isArray(value) || !schema) return [];
    return value.flatMap((item) => {
      const list = schema.safeParse([item]);
      if (list.success) return list.data;
      onRefused(firstIssue(list.error));
      return [];
    });
  }

  /** The whole body of an answer, 4 MiB at most. */
  async bytes<Name extends Named<R, 'bytes' | 'stream'>>(
    name: Name,
    ...[options]: Given<Options<R[Name]>>
  ): Promise<{ readonly bytes: Buffer; readonly headers: IncomingHttpHeaders }>;
  async bytes(name: string, options: Untyped = {}): Promise<unknown> {
    const { method, target, request } = this.#request(name, options);
    return this.#transport.callRaw(method, target, request);
  }

  /** An answer that has begun; the caller reads it and destroys it. See `LocalClient.open`. */
  async open<Name extends Named<R, 'bytes' | 'stream'>>(
    name: Name,
    ...[options]: Given<Options<R[Name]>>
  ): Promise<IncomingMessage>;
  async open(name: string, options: Untyped = {}): Promise<IncomingMessage> {
    const { method, target, request } = this.#request(name, options);
    return this.#transport.open(method, target, request);
  }

  /** Keeps a stream of events open until `signal` aborts; see `keepStream`. */
  keep<Name extends Named<R, 'events'>>(
    name: Name,
    options: StreamOptions<R[Name]>,
    signal: AbortSignal,
  ): Promise<void> {
    return keepStream(this.#kept(name, options), signal);
  }

  /** The same as a part of a service. */
  keeper<Name extends Named<R, 'events'>>(name: Name, options: StreamOptions<R[Name]>): StreamKeeper {
    return new StreamKeeper(this.#kept(name, options));
  }

  #kept<Name extends keyof R & string>(name: Name, options: StreamOptions<R[Name]>): KeptStream {
    const { answer, target } = this.#request(name, {});
    const onEvent = (event: StreamEvent) => {
      const schema = answer.kind === 'events' ? own(answer.events, event.event) : undefined;
      // An event that the table does not have is a newer peer's.
      if (!schema) return;
      const parsed = schema.safeParse(event.data);
      if (parsed.success) return options.onEvent({ ...event, data: parsed.data } as EventOf<R[Name]>);
      const detail = firstIssue(parsed.error);
      options.log.error('stream-event-refused', { route: target, event: event.event, detail });
    };
    return { ...options, client: this.#transport, route: target, onEvent };
  }

  #request(name: string, { params = {}, query = {}, body, bytes, timeoutMs, signal }: Untyped) {
    const route = this.#table.routes[name];
    if (!route) throw new TypeError(`no route "${name}" of ${this.#table.service}`);
    const [method = 'GET', path = '/'] = route.is.split(' ');
    const filled = path.replace(/:(\w+)/g, (_, param: string) => encodeURIComponent(params[param] ?? ''));
    const pairs = Object.entries(query).filter(([, value]) => value !== undefined);
    const search = pairs.map(([key, value]) => `${key}=${encodeURIComponent(String(value))}`).join('&');
    const type = route.body && 'kind' in route.body ? route.body.type : undefined;
    const request: CallOptions = {
      ...(body === undefined ? {} : { body }),
      ...(bytes && type !== undefined ? { raw: { type, bytes } } : {}),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(signal ? { signal } : {}),
    };
    return { method, target: search ? `${filled}?${search}` : filled, request, answer: route.answer };
  }

  #checked(target: string, schema: z.ZodType, value: unknown): unknown {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const { service } = this.#table;
    throw errorOf(
      'PEER_REFUSED/answer',
      { service, target, problem: firstIssue(parsed.error) },
      { cause: parsed.error },
    );
  }
}

export interface ClientOptions {
  /** Default: the one that the table names. */
  readonly socket?: string;
  /** See `LocalClient`. */
  readonly limitMs?: (usualMs: number) => number;
}

/** A client on a Unix socket. */
export function apiClient<R extends Routes>(
  table: LocalTable<R>,
  { socket = socketPath(table.service, table.caller), limitMs }: ClientOptions = {},
): ApiClient<R> {
  return new ApiClient(table, new LocalClient(table.service, socket, limitMs));
}

function own<T>(values: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

function firstIssue({ issues: [issue] }: z.ZodError): string {
  const where = issue?.path.join('.') || '(all)';
  return `${where}: ${issue?.message ?? 'is not valid'}`;
}

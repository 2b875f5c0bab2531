import type { SocketCaller, SocketOwner } from '@gatehouse/kit';
import type { z } from 'zod';
import type { InvalidKey } from '../checked.ts';

/** The largest body of a request where its table sets no other limit, in bytes. */
export const usualBodyBytes = 64 * 1024;

/** One line of a local API's table. */
export interface Route {
  /** Method and path. A segment `:name` is a parameter. */
  readonly is: `${'GET' | 'POST' | 'PUT'} /${string}`;
  readonly about: string;
  /** An object of texts and numbers. */
  readonly query?: z.ZodType;
  /** JSON by its schema, or bytes of one type. */
  readonly body?: z.ZodType | RawBody;
  /** Largest body in bytes, where it is not the table's. */
  readonly maxBodyBytes?: number;
  /** The error that refuses a query or a body; `REQUEST_INVALID` if absent. */
  readonly refusal?: InvalidKey;
  readonly answer: Answer;
}

export interface RawBody {
  readonly kind: 'raw';
  readonly type: string;
  /** The error that refuses a body of another type. */
  readonly refusal: 'REDACTION_REQUEST/body';
}

export type Answer = JsonAnswer | NoAnswer | BytesAnswer | StreamAnswer | EventsAnswer;

export interface JsonAnswer<Schema extends z.ZodType = z.ZodType, Absent extends boolean = boolean> {
  readonly kind: 'json';
  readonly schema: Schema;
  /** True where there may be nothing to answer: 204, `undefined`. */
  readonly absent: Absent;
}
export interface NoAnswer {
  readonly kind: 'none';
}
/** A whole body at once, with further headers. */
export interface BytesAnswer<Header extends string = string> {
  readonly kind: 'bytes';
  readonly type: string;
  readonly headers: readonly Header[];
}
/** A body that is written piece by piece. */
export interface StreamAnswer {
  readonly kind: 'stream';
  readonly type: string;
}
export interface EventsAnswer<Events extends EventSchemas = EventSchemas> {
  readonly kind: 'events';
  /** Data of each event by its name. */
  readonly events: Events;
}
export type EventSchemas = Readonly<Record<string, z.ZodType>>;

export const raw = (type: string, refusal: RawBody['refusal']): RawBody => ({ kind: 'raw', type, refusal });
export const json = <S extends z.ZodType>(schema: S): JsonAnswer<S, false> => ({
  kind: 'json',
  schema,
  absent: false,
});
export const jsonOrNothing = <S extends z.ZodType>(schema: S): JsonAnswer<S, true> => ({
  kind: 'json',
  schema,
  absent: true,
});
export const nothing: NoAnswer = { kind: 'none' };
export const bytes = <H extends string = never>(type: string, ...headers: H[]): BytesAnswer<H> => ({
  kind: 'bytes',
  type,
  headers,
});
export const stream = (type: string): StreamAnswer => ({ kind: 'stream', type });
export const events = <E extends EventSchemas>(schemas: E): EventsAnswer<E> => ({
  kind: 'events',
  events: schemas,
});

export type Routes = Readonly<Record<string, Route>>;

/**
 * All requests that one caller may make to one service. Each caller has a socket of its own, so a table is
 * also a permission.
 */
export interface LocalTable<R extends Routes = Routes> {
  readonly service: SocketOwner;
  readonly caller: SocketCaller;
  /** Largest body of its requests in bytes. */
  readonly maxBodyBytes: number;
  readonly routes: R;
}

export function localTable<const R extends Routes>(
  service: SocketOwner,
  caller: SocketCaller,
  routes: R,
  maxBodyBytes: number = usualBodyBytes,
): LocalTable<R> {
  return { service, caller, maxBodyBytes, routes };
}

/** Names of the parameters in a path. */
export type ParamNames<Path extends string> = Path extends `${string}/:${infer Name}/${infer Rest}`
  ? Name | ParamNames<`/${Rest}`>
  : Path extends `${string}/:${infer Name}`
    ? Name
    : never;

/** An event of a stream as its route says. */
export type EventOf<R extends Route> =
  R['answer'] extends EventsAnswer<infer Events>
    ? {
        [Name in keyof Events & string]: {
          readonly id?: string;
          readonly event: Name;
          readonly data: z.output<Events[Name]>;
        };
      }[keyof Events & string]
    : never;

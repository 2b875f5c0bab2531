import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type consoleRoutes,
  type HttpRouteName,
  isHttpRoute,
  type RouteAnswer,
  type RouteName,
  type RouteParams,
  routeNames,
} from '@gatehouse/contracts/console';
import type { consoleRequests } from '@gatehouse/contracts/console/requests';
import { errorOf } from '@gatehouse/kit';
import type { z } from 'zod';
import type { Session } from './auth/sessions.ts';

/** The caller: an authenticated and authorised request. */
export interface Caller {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly address: string;
  /** The login, also on public routes if there is one. */
  readonly session: Session | undefined;
}

/** The checked body, or the query of a GET; `undefined` where the route takes none. */
type Asked<Name extends RouteName> = Name extends keyof typeof consoleRequests
  ? z.output<(typeof consoleRequests)[Name]>
  : undefined;

/** One call of a route of the table, as its handler sees it. */
export interface Call<Name extends HttpRouteName> extends Caller {
  readonly params: RouteParams<Name>;
  readonly asked: Asked<Name>;
}

type AnswerKind<Name extends RouteName> = (typeof consoleRoutes)[Name]['answers']['as'];

export interface JsonAnswer<T> {
  /** 200 if absent. */
  readonly status?: number;
  readonly json: T;
  readonly cookies?: readonly string[];
}

/** A handler's answer; `undefined` from one that writes the response itself (event streams). */
export type Answer<Name extends HttpRouteName> =
  AnswerKind<Name> extends 'json'
    ? JsonAnswer<RouteAnswer<Name>>
    : AnswerKind<Name> extends 'bytes'
      ? { readonly bytes: Uint8Array }
      : undefined;

export type Handler<Name extends HttpRouteName> = (call: Call<Name>) => Promise<Answer<Name>> | Answer<Name>;

/** A handler for every HTTP route of the table; the compiler finds a missing one. */
export type Handlers = { readonly [Name in HttpRouteName]: Handler<Name> };

export const httpRouteNames: readonly HttpRouteName[] = routeNames.filter(isHttpRoute);

/** Validates with a schema; throws `BODY_INVALID` naming the first wrong field, never its value. */
export function parsed<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = issue?.path.join('.') || '(body)';
  throw errorOf('BODY_INVALID/field', { field, problem: issue?.message ?? 'is not valid' });
}

/** The login of a call on a route that needs one. */
export function sessionOf({ session }: Caller): Session {
  if (!session) throw errorOf('SESSION_REQUIRED');
  return session;
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorOf } from '@gatehouse/kit';
import type { z } from 'zod';
import type { Session } from './auth/sessions.ts';

/** One authenticated and authorised request, as a route's handler sees it. */
export interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  /** Parsed JSON, not yet validated. */
  readonly body: unknown;
  readonly address: string;
  /** The login, also on public routes if there is one. */
  readonly session: Session | undefined;
}

/** What a handler answers; `undefined` when it has taken over the response (event streams). */
export type Answer =
  | { readonly status?: number; readonly json: unknown; readonly cookies?: readonly string[] }
  | { readonly jpeg: Uint8Array }
  | { readonly mp4: Uint8Array }
  | undefined;

export type Handler = (call: Call) => Promise<Answer> | Answer;

/** Validates with a schema; throws `BODY_INVALID` naming the first wrong field, never its value. */
export function parsed<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = issue?.path.join('.') || '(body)';
  throw errorOf('BODY_INVALID/field', { field, problem: issue?.message ?? 'is not valid' });
}

/** The login of a call on a route that needs one. */
export function sessionOf(call: Call): Session {
  if (!call.session) throw errorOf('SESSION_REQUIRED');
  return call.session;
}

/** The thing that the path names. */
export function id(call: Call): string {
  return call.params.id ?? '';
}

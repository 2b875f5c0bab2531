import { errorOf } from '@gatehouse/kit';
import type { z } from 'zod';

/** The kind of request: rows of the error table that name the field. */
export type InvalidKey =
  | 'ACK_INVALID'
  | 'COMMAND_INVALID'
  | 'ENROLMENT_INVALID'
  | 'FIRE_RESET_INVALID'
  | 'FRAME_TIME_INVALID'
  | 'HEAD_INVALID'
  | 'MESSAGE_INVALID'
  | 'QUERY_INVALID'
  | 'REDACTION_REQUEST'
  | 'REQUEST_INVALID'
  | 'REVOCATION_INVALID'
  | 'STREAM_FORM_UNKNOWN';

/**
 * Reads a request's body or query by its schema. Throws `code`, which names the first wrong field and never
 * its value.
 */
export function checked<T>(schema: z.ZodType<T>, value: unknown, code: InvalidKey = 'REQUEST_INVALID'): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = issue?.path.join('.') || '(request)';
  throw errorOf(code, { field, problem: issue?.message ?? 'is not valid' });
}

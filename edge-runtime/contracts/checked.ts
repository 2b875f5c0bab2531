import { GatehouseError } from '@gatehouse/kit';
import type { z } from 'zod';

const usualRemedy = 'Correct the request; contracts/local/README.md lists what each takes.';

/** A request's body or query as its schema says; throws `code`, naming the first wrong field and never its value. */
export function checked<T>(
  schema: z.ZodType<T>,
  value: unknown,
  code = 'REQUEST_INVALID',
  remedy = usualRemedy,
): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue?.path.join('.') || '(request)';
  throw new GatehouseError(code, 'input', `${where}: ${issue?.message ?? 'is not valid'}.`, remedy);
}

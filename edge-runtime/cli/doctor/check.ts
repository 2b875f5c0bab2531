import { describeError, GatehouseError } from '@gatehouse/kit';

/** One line of `doctor`. `remedy` is given with anything but ok. */
export interface Check {
  readonly name: string;
  readonly status: 'ok' | 'warn' | 'fail';
  readonly detail: string;
  readonly remedy?: string;
}

export const ok = (name: string, detail: string): Check => ({ name, status: 'ok', detail });
export const warn = (name: string, detail: string, remedy: string): Check => ({
  name,
  status: 'warn',
  detail,
  remedy,
});
export const fail = (name: string, detail: string, remedy: string): Check => ({
  name,
  status: 'fail',
  detail,
  remedy,
});

/** A failure that an error explains: its own remedy where it has one. */
export function failed(name: string, error: unknown, remedy: string): Check {
  if (error instanceof GatehouseError) return fail(name, `${error.code}: ${error.message}`, error.remedy);
  return fail(name, describeError(error), remedy);
}

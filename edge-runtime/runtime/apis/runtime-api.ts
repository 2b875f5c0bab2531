import type { LocalTable, Routes } from '@gatehouse/contracts';
import type { Log } from '@gatehouse/kit';
import { type Handlers, LocalApi } from '@gatehouse/local-api';

export interface RuntimeApiOptions {
  readonly log: Log;
  /** Default: the socket that the table names. */
  readonly socket?: string;
}

/** One of the runtime's local APIs. */
export function runtimeApi<R extends Routes>(
  table: LocalTable<R>,
  handlers: Handlers<R>,
  { log, socket }: RuntimeApiOptions,
): LocalApi<R> {
  return new LocalApi({ table, handlers, log, ...(socket === undefined ? {} : { socket }) });
}

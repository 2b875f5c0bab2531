import type { LocalTable, Routes } from '@gatehouse/contracts';
import type { Log } from '@gatehouse/kit';
import { type Handlers, LocalApi } from '@gatehouse/local-api';

/** HTTP statuses that do not follow from whose fault the error is. */
const statusOf: Readonly<Record<string, number>> = {
  CAMERA_UNKNOWN: 404,
  DEVICE_UNKNOWN: 404,
  MEDIA_UNKNOWN: 404,
  EDITOR_TOKEN_UNKNOWN: 401,
};

export interface RuntimeApiOptions {
  readonly log: Log;
  /** Default: the one that the table names. */
  readonly socket?: string;
}

/** One of the runtime's local APIs. */
export function runtimeApi<R extends Routes>(
  table: LocalTable<R>,
  handlers: Handlers<R>,
  { log, socket }: RuntimeApiOptions,
): LocalApi<R> {
  return new LocalApi({ table, handlers, log, statusOf, ...(socket === undefined ? {} : { socket }) });
}

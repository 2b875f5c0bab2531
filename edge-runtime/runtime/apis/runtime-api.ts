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

/** One of the runtime's local APIs. @param socket default: the one that the table names */
export function runtimeApi<R extends Routes>(
  table: LocalTable<R>,
  handlers: Handlers<R>,
  log: Log,
  socket?: string,
): LocalApi<R> {
  return new LocalApi({ table, handlers, log, statusOf, ...(socket === undefined ? {} : { socket }) });
}

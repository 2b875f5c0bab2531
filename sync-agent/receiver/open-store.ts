import type { Log } from '@gatehouse/kit';
import { isPostgresUrl } from './postgres-connection.ts';
import { PostgresReceiverStore } from './postgres-store.ts';
import { SqliteReceiverStore } from './sqlite-store.ts';
import type { ReceiverStore } from './store.ts';

/** The store that `--db` names: a PostgreSQL address, or else an SQLite file. Throws `RECEIVER_*` errors. */
export async function openReceiverStore(db: string, log: Log): Promise<ReceiverStore> {
  if (!isPostgresUrl(db)) return SqliteReceiverStore.open(db);
  return await PostgresReceiverStore.open(db, (error) => log.warn('postgres-connection-lost', { error }));
}

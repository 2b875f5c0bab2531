import { explainSqlite, openDurable } from '@gatehouse/kit';
import Database from 'better-sqlite3';
import { migrations } from './schema.ts';

/** Opens events.db for its one owner process. Throws `STORE_*` errors that name the file and the remedy. */
export function openDatabase(file: string): Database.Database {
  return openDurable((path) => new Database(path), { file, code: 'STORE', migrations });
}

/** SQLite's codes as errors a person can act on. */
export function explainStore(file: string, cause: unknown): unknown {
  return explainSqlite(cause, { file, code: 'STORE' });
}

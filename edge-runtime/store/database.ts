import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { explainSqlite, makeDurable } from '@gatehouse/kit';
import Database from 'better-sqlite3';
import { migrations } from './schema.ts';

/** Opens events.db for its one owner process. Throws `STORE_*` errors that name the file and the remedy. */
export function openDatabase(file: string): Database.Database {
  let db: Database.Database | undefined;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o750 });
    db = new Database(file);
    makeDurable(db, { file, code: 'STORE', migrations });
    return db;
  } catch (cause) {
    db?.close();
    throw explain(file, cause);
  }
}

/** SQLite's codes as errors a person can act on. */
export function explain(file: string, cause: unknown): unknown {
  return explainSqlite(cause, { file, code: 'STORE' });
}

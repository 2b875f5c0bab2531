import { statSync } from 'node:fs';
import {
  errorOf,
  explainSqlite,
  finishReplacing,
  GatehouseError,
  type Log,
  openDurable,
} from '@gatehouse/kit';
import Database from 'better-sqlite3';
import { recoverDatabase } from './recover.ts';
import { migrations } from './schema.ts';

/** A file up to this size is checked as a whole at each start: some 2 s on an eMMC that reads 150 MB/s. */
const checkWholeBytes = 256 * 1024 * 1024;
/** Tables that make a file larger than that; they are checked by `gatehouse db verify`. */
const large = ['outbox', 'incident_changes'];

export interface OpenOptions {
  readonly file: string;
  readonly box: string;
  readonly nowMs: number;
  readonly log: Log;
}

/**
 * Opens events.db for its one owner process and checks it. Of a damaged file it makes a new one with every
 * readable row. Throws `STORE_*` errors that name the file and the remedy.
 */
export function openDatabase({ file, box, nowMs, log }: OpenOptions): Database.Database {
  finishReplacing(file, nowMs);
  try {
    return checked(open(file), file);
  } catch (error) {
    if (!(error instanceof GatehouseError) || error.code !== 'STORE_CORRUPT') throw error;
    log.error('store-damaged', { file, error });
  }
  return recoverAndOpen({ file, box, nowMs, log });
}

/** The file is known to be damaged: makes a new one with every readable row, and opens it. */
export function recoverAndOpen({ file, box, nowMs, log }: OpenOptions): Database.Database {
  const recovery = recoverDatabase(file, box, nowMs);
  log.error('store-recovered', { ...recovery });
  return open(file);
}

/** SQLite's codes as errors that a person can act on. */
export function explainStore(file: string, cause: unknown): unknown {
  return explainSqlite(cause, { file, code: 'STORE' });
}

function open(file: string): Database.Database {
  return openDurable((path) => new Database(path), { file, code: 'STORE', migrations });
}

/**
 * Checks the structure of the pages, not the order of each index; `db verify` checks that. Closes the file if
 * it is damaged.
 */
function checked(db: Database.Database, file: string): Database.Database {
  try {
    const found = checks(db, file).find((line) => line !== 'ok');
    if (found === undefined) return db;
    throw errorOf('STORE_CORRUPT/checked', { file, found: found.slice(0, 120) });
  } catch (cause) {
    db.close();
    throw explainStore(file, cause);
  }
}

function checks(db: Database.Database, file: string): string[] {
  const check = (of: string) => String(db.pragma(`quick_check(${of})`, { simple: true }));
  if (statSync(file).size <= checkWholeBytes) return [check('1')];
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all() as string[];
  return tables.filter((name) => !large.includes(name) && !name.startsWith('sqlite_')).map(check);
}

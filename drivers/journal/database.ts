import { explainSqlite, openDurable } from '@gatehouse/kit';
import Database from 'better-sqlite3';
import { migrations } from './schema.ts';

const pageBytes = 4096;
/** drivers.db may grow to 256 MiB: some 400 000 commands. Past it, commands are refused as on a full disk. */
export const defaultMaxPages = (256 * 1024 * 1024) / pageBytes;

/**
 * Opens drivers.db for its one owner process, durable because a command must be on the disk before its relay moves.
 * Throws `JOURNAL_*` naming file and remedy.
 */
export function openJournalDatabase(file: string, maxPages = defaultMaxPages): Database.Database {
  const db = openDurable((path) => new Database(path), { file, code: 'JOURNAL', migrations });
  db.pragma(`max_page_count = ${maxPages}`);
  return db;
}

/** SQLite's codes as errors a person can act on. */
export function explainJournal(file: string, cause: unknown): unknown {
  return explainSqlite(cause, { file, code: 'JOURNAL' });
}

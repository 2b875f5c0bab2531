import { statSync } from 'node:fs';
import {
  errorOf,
  explainSqlite,
  finishReplacing,
  GatehouseError,
  type Log,
  openDurable,
  systemCode,
} from '@gatehouse/kit';
import Database from 'better-sqlite3';
import { recoverJournal } from './recover.ts';
import { migrations } from './schema.ts';

const pageBytes = 4096;
/** 32 MiB: some 5,000 commands. */
const mostLogPages = (32 * 1024 * 1024) / pageBytes;
/** drivers.db may grow to 256 MiB: some 400 000 commands. Past it, commands are refused as on a full disk. */
export const defaultMaxPages = (256 * 1024 * 1024) / pageBytes;
/** A file up to this size is checked as a whole at each start: some 0.4 s on an eMMC that reads 150 MB/s. */
const checkWholeBytes = 64 * 1024 * 1024;

export interface JournalOpenOptions {
  readonly file: string;
  readonly nowMs: number;
  readonly log: Log;
  readonly maxPages?: number;
}

export interface OpenedJournal {
  readonly db: Database.Database;
  /** False: the file cannot be written now, and `db` is what could be had instead. */
  readonly durable: boolean;
  /**
   * Whether it holds all that was ever put in: `new`: there was no file; `lost`: it was damaged, or cannot be
   * read now.
   */
  readonly holds: 'all' | 'new' | 'lost';
  /** Why it is not durable. */
  readonly reason?: GatehouseError;
}

/**
 * Opens drivers.db for its one owner process, durable because a command must be on the disk before its relay
 * moves. A damaged file is set aside and made anew of what can be read. A disk that takes nothing must not
 * keep doors from being watched, stopped and opened by a fire: then an empty journal in memory stands in.
 * Throws `JOURNAL_TAKEN` and `JOURNAL_TOO_NEW`.
 */
export function openJournal(options: JournalOpenOptions): OpenedJournal {
  const { file, nowMs } = options;
  finishReplacing(file, nowMs);
  const isNew = sizeOf(file) === 0;
  try {
    return { db: checked(open(options), file), durable: true, holds: isNew ? 'new' : 'all' };
  } catch (error) {
    if (!(error instanceof GatehouseError)) throw error;
    if (error.code === 'JOURNAL_CORRUPT') return recoverAndOpen(options, error);
    if (isTheDisk(error)) return standIn(options, error);
    throw error;
  }
}

/** The file is known to be damaged. */
export function recoverAndOpen(options: JournalOpenOptions, error: unknown): OpenedJournal {
  const { file, nowMs, log } = options;
  log.error('journal-damaged', { file, error });
  try {
    const recovery = recoverJournal(file, nowMs);
    log.error('journal-recovered', { ...recovery });
    return { db: open(options), durable: true, holds: 'lost' };
  } catch (cause) {
    const explained = explainJournal(file, cause);
    if (explained instanceof GatehouseError) return standIn(options, explained);
    throw explained;
  }
}

/** SQLite's codes as errors a person can act on. */
export function explainJournal(file: string, cause: unknown): unknown {
  return explainSqlite(cause, { file, code: 'JOURNAL' });
}

/** The disk's fault, which passes: what waits goes on by itself then. */
export function isTheDisk(error: unknown): error is GatehouseError {
  return error instanceof GatehouseError && ['JOURNAL_FULL', 'JOURNAL_NOT_WRITABLE'].includes(error.code);
}

function open({ file, maxPages = defaultMaxPages }: JournalOpenOptions): Database.Database {
  const db = openDurable((path) => new Database(path), { file, code: 'JOURNAL', migrations });
  db.pragma(`max_page_count = ${maxPages}`);
  // A checkpoint waits for the disk several times (300 ms were seen): it is for idle moments, up to this size
  // of the log.
  db.pragma(`wal_autocheckpoint = ${mostLogPages}`);
  return db;
}

/**
 * In place of a file that cannot be opened for writing. On a full disk the file itself, unverified: it can be
 * read, and is written as soon as there is room.
 */
export function standIn({ file, log }: JournalOpenOptions, reason: GatehouseError): OpenedJournal {
  log.error('journal-not-writable', { file, error: reason });
  const read = readAsItIs(file);
  if (read) return { db: read, durable: false, holds: 'all', reason };
  const db = new Database(':memory:');
  for (const migration of migrations) db.exec(migration);
  return { db, durable: false, holds: 'lost', reason };
}

/** Nothing where it has another schema, or cannot even be read. */
function readAsItIs(file: string): Database.Database | undefined {
  let db: Database.Database | undefined;
  try {
    if (sizeOf(file) === 0) return undefined;
    db = new Database(file);
    db.pragma('locking_mode = EXCLUSIVE');
    const readable = Number(db.pragma('user_version', { simple: true })) === migrations.length;
    if (readable && db.prepare('SELECT count(*) FROM commands').get()) return db;
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
  }
  db?.close();
  return undefined;
}

/** Structure of all pages. Closes the file if it is damaged. */
function checked(db: Database.Database, file: string): Database.Database {
  try {
    const found =
      sizeOf(file) <= checkWholeBytes ? String(db.pragma('quick_check(1)', { simple: true })) : 'ok';
    if (found === 'ok') return db;
    throw errorOf('JOURNAL_CORRUPT/checked', { file, found: found.slice(0, 120) });
  } catch (cause) {
    db.close();
    throw explainJournal(file, cause);
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

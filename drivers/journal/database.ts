import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { GatehouseError, systemCode } from '@gatehouse/kit';
import Database from 'better-sqlite3';
import { migrations } from './schema.ts';

const pageBytes = 4096;
/** drivers.db may grow to 256 MiB: some 400 000 commands. Past it, commands are refused as on a full disk. */
export const defaultMaxPages = (256 * 1024 * 1024) / pageBytes;

/**
 * Opens drivers.db for its one owner process: exclusive lock, WAL, and `synchronous=FULL` set and read back after a
 * write, because a command must be on the disk before its relay moves. Throws `JOURNAL_*` naming file and remedy.
 */
export function openJournalDatabase(file: string, maxPages = defaultMaxPages): Database.Database {
  let db: Database.Database | undefined;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o750 });
    db = new Database(file);
    db.pragma('busy_timeout = 1000');
    db.pragma('locking_mode = EXCLUSIVE');
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma(`max_page_count = ${maxPages}`);
    migrate(db, file);
    verify(db, file);
    return db;
  } catch (cause) {
    db?.close();
    throw explainSqlite(file, cause);
  }
}

function migrate(db: Database.Database, file: string): void {
  const found = Number(db.pragma('user_version', { simple: true }));
  if (found > migrations.length)
    throw new GatehouseError(
      'JOURNAL_TOO_NEW',
      'environment',
      `${file} has schema version ${found}, this program knows ${migrations.length}.`,
      'Install the newer version again.',
    );
  for (const [version, sql] of migrations.entries()) {
    if (version < found) continue;
    const step = db.transaction(() => {
      db.exec(sql);
      db.pragma(`user_version = ${version + 1}`);
    });
    step.immediate();
  }
}

/** Reads back what was set, after a write: a refused pragma must not pass for durability. */
function verify(db: Database.Database, file: string): void {
  db.prepare(
    "INSERT INTO meta (key, value) VALUES ('opens', 1) ON CONFLICT (key) DO UPDATE SET value = value + 1",
  ).run();
  const wanted = { journal_mode: 'wal', synchronous: 2, locking_mode: 'exclusive' };
  for (const [pragma, value] of Object.entries(wanted)) {
    const found = db.pragma(pragma, { simple: true });
    if (found !== value)
      throw new GatehouseError(
        'JOURNAL_NOT_DURABLE',
        'environment',
        `${file}: ${pragma} is ${String(found)}, not ${value}.`,
        'Put the state directory on a local file system.',
      );
  }
}

const known: readonly (readonly [prefix: string, code: string, what: string, remedy: string])[] = [
  [
    'SQLITE_FULL',
    'JOURNAL_FULL',
    'no space left for',
    'Free space on its disk; commands work again at once.',
  ],
  ['SQLITE_IOERR', 'JOURNAL_FULL', 'cannot write', 'Check the disk and its free space.'],
  [
    'SQLITE_BUSY',
    'JOURNAL_TAKEN',
    'another process holds',
    'Stop the other drivers service, or set GATEHOUSE_STATE_DIR.',
  ],
  ['SQLITE_CORRUPT', 'JOURNAL_CORRUPT', 'damaged:', 'Move it aside and start again.'],
  ['SQLITE_NOTADB', 'JOURNAL_CORRUPT', 'damaged:', 'Move it aside and start again.'],
];

/** SQLite's codes as errors a person can act on. */
export function explainSqlite(file: string, cause: unknown): GatehouseError {
  if (cause instanceof GatehouseError) return cause;
  const sqlite = systemCode(cause) ?? 'error';
  const match = known.find(([prefix]) => sqlite.startsWith(prefix));
  if (match) return new GatehouseError(match[1], 'environment', `${match[2]} ${file}.`, match[3], { cause });
  return new GatehouseError(
    'JOURNAL_NOT_WRITABLE',
    'environment',
    `cannot write ${file} (${sqlite}).`,
    'Give the service write access and space there.',
    { cause },
  );
}

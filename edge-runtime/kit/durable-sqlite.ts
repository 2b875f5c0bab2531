import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { syncPath } from './durable-file.ts';
import { errorOf, GatehouseError, systemCode } from './errors.ts';
import { type MigratableHandle, type MigrationOptions, migrate } from './migrate.ts';

/** The part of better-sqlite3's `Database` that this file uses; the kit itself imports no package. */
export interface SqliteHandle extends MigratableHandle {
  close(): unknown;
}

export interface DurableOptions extends MigrationOptions {
  /**
   * True where another process may read along (a receiver's query tool); false where this process alone opens
   * the file.
   */
  readonly shared?: boolean;
}

/**
 * The longest wait for another connection's lock. Nobody else should hold one: every database has one owner.
 */
const busyTimeoutMs = 2_000;
/** The next checkpoint cuts a WAL larger than this; a WAL can grow without bound behind a long reader. */
export const walLimitBytes = 64 * 1024 * 1024;

/**
 * Opens a database that keeps everything it has confirmed: WAL, `synchronous=FULL`, foreign keys, the newest
 * schema, and, unless shared, this process as its only owner. Makes its directory (0750). Reads the settings
 * back after a write, because better-sqlite3 runs WAL at NORMAL by default, and a refused pragma must not
 * pass for durability. On a failure it throws a `<code>_*` error that names the file and the remedy, and
 * leaves nothing open.
 */
export function openDurable<Handle extends SqliteHandle>(
  open: (file: string) => Handle,
  options: DurableOptions,
): Handle {
  let db: Handle | undefined;
  try {
    mkdirSync(dirname(options.file), { recursive: true, mode: 0o750 });
    const isNew = !existsSync(options.file);
    db = open(options.file);
    db.pragma(`busy_timeout = ${busyTimeoutMs}`);
    if (!options.shared) db.pragma('locking_mode = EXCLUSIVE');
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma(`journal_size_limit = ${walLimitBytes}`);
    db.pragma('foreign_keys = ON');
    migrate(db, options);
    verify(db, options);
    // SQLite syncs a new file's bytes and its log's name, not its own name.
    if (isNew) syncPath(dirname(options.file));
    return db;
  } catch (cause) {
    db?.close();
    throw explainSqlite(cause, options);
  }
}

function verify(db: SqliteHandle, { file, code, shared }: DurableOptions): void {
  db.exec('CREATE TABLE IF NOT EXISTS opens (at TEXT NOT NULL) STRICT');
  db.transaction(() => db.exec("DELETE FROM opens; INSERT INTO opens VALUES (datetime('now'))")).immediate();
  const locking = shared ? 'normal' : 'exclusive';
  const wanted = { journal_mode: 'wal', synchronous: 2, locking_mode: locking, foreign_keys: 1 };
  for (const [pragma, value] of Object.entries(wanted)) {
    const found = db.pragma(pragma, { simple: true });
    if (found === value) continue;
    throw errorOf(`${code}_NOT_DURABLE`, { file, pragma, found: String(found), wanted: value });
  }
}

type Mistake = 'FULL' | 'FULL/disk' | 'TAKEN' | 'CORRUPT' | 'NOT_WRITABLE' | 'NOT_WRITABLE/in-the-way';

/** The meaning for the file of each code of SQLite and of the file system. */
const mistakes: readonly (readonly [code: RegExp, mistake: Mistake])[] = [
  [/^(SQLITE_FULL|ENOSPC)/, 'FULL'],
  [/^SQLITE_IOERR/, 'FULL/disk'],
  [/^SQLITE_BUSY/, 'TAKEN'],
  [/^SQLITE_(CORRUPT|NOTADB)/, 'CORRUPT'],
  [/^(EEXIST|ENOTDIR)/, 'NOT_WRITABLE/in-the-way'],
  [/^(SQLITE_(READONLY|CANTOPEN)|EACCES|ENOENT|EPERM|EROFS)/, 'NOT_WRITABLE'],
];

/** Turns an SQLite or file-system error into one that a person can act on; any other error passes through. */
export function explainSqlite(
  cause: unknown,
  { file, code }: Pick<DurableOptions, 'file' | 'code'>,
): unknown {
  if (cause instanceof GatehouseError) return cause;
  const found = systemCode(cause) ?? '';
  const [, mistake] = mistakes.find(([pattern]) => pattern.test(found)) ?? [];
  return mistake ? errorOf(`${code}_${mistake}`, { file }, { cause }) : cause;
}

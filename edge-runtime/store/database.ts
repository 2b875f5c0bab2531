import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { GatehouseError, systemCode } from '@gatehouse/kit';
import Database from 'better-sqlite3';

/** A migration brings the schema from version n to n + 1; the list's index is n. Never edit one that has shipped. */
export type Migration = (db: Database.Database) => void;

/** How long a write waits for another connection's lock. Nobody else should hold one: every database has one owner. */
const busyTimeoutMs = 2_000;
/** A WAL larger than this is cut back at the next checkpoint (sync.md: it can grow without bound behind a long reader). */
const walLimitBytes = 64 * 1024 * 1024;

/**
 * Opens a database for its one owner process: exclusive lock file semantics by `locking_mode=EXCLUSIVE`, WAL,
 * `synchronous=FULL` set and read back after a write (better-sqlite3 falls back to NORMAL in WAL mode on reopen),
 * foreign keys, migrations. Throws `STORE_*` errors that name the file and the remedy.
 */
export function openDatabase(file: string, migrations: readonly Migration[]): Database.Database {
  const db = connect(file);
  try {
    db.pragma(`busy_timeout = ${busyTimeoutMs}`);
    db.pragma('locking_mode = EXCLUSIVE');
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma(`journal_size_limit = ${walLimitBytes}`);
    db.pragma('foreign_keys = ON');
    migrate(db, file, migrations);
    verify(db, file);
    return db;
  } catch (cause) {
    db.close();
    throw explain(file, cause);
  }
}

function connect(file: string): Database.Database {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o750 });
    return new Database(file);
  } catch (cause) {
    throw explain(file, cause);
  }
}

function migrate(db: Database.Database, file: string, migrations: readonly Migration[]): void {
  const found = Number(db.pragma('user_version', { simple: true }));
  if (found > migrations.length)
    throw new GatehouseError(
      'STORE_TOO_NEW',
      'environment',
      `${file} has schema version ${found}, this program knows ${migrations.length}.`,
      'Install the newer version again, or restore the backup taken before the upgrade.',
    );
  for (let version = found; version < migrations.length; version++) {
    db.transaction(() => {
      migrations[version]?.(db);
      db.pragma(`user_version = ${version + 1}`);
    }).immediate();
  }
}

/** Sets nothing it does not read back (Litestream's habit): a refused pragma must not pass for durability. */
function verify(db: Database.Database, file: string): void {
  db.exec('CREATE TABLE IF NOT EXISTS opened (at TEXT); DELETE FROM opened;');
  db.prepare("INSERT INTO opened VALUES (datetime('now'))").run();
  const wanted = { journal_mode: 'wal', synchronous: 2, locking_mode: 'exclusive', foreign_keys: 1 };
  for (const [pragma, value] of Object.entries(wanted)) {
    const found = db.pragma(pragma, { simple: true });
    if (found !== value)
      throw new GatehouseError(
        'STORE_NOT_DURABLE',
        'environment',
        `${file}: ${pragma} is ${String(found)}, not ${value}.`,
        'Put the state directory on a local file system.',
      );
  }
}

/** Turns SQLite's codes into errors a person can act on; others pass through. */
export function explain(file: string, cause: unknown): unknown {
  if (cause instanceof GatehouseError) return cause;
  const code = systemCode(cause) ?? '';
  if (code.startsWith('SQLITE_FULL'))
    return new GatehouseError(
      'STORE_FULL',
      'environment',
      `no space left for ${file}.`,
      'Free space on its disk; waiting writes go on by themselves.',
      { cause },
    );
  if (code.startsWith('SQLITE_BUSY'))
    return new GatehouseError(
      'STORE_TAKEN',
      'environment',
      `another process holds ${file}.`,
      'Stop the other gatehouse, or set GATEHOUSE_STATE_DIR.',
      { cause },
    );
  if (code.startsWith('SQLITE_CORRUPT') || code.startsWith('SQLITE_NOTADB'))
    return new GatehouseError(
      'STORE_CORRUPT',
      'environment',
      `${file} is damaged.`,
      'Move it aside and restore the last backup.',
      { cause },
    );
  if (
    code.startsWith('SQLITE_READONLY') ||
    code.startsWith('SQLITE_CANTOPEN') ||
    code === 'EACCES' ||
    code === 'ENOTDIR' ||
    code === 'EEXIST' ||
    code === 'ENOSPC'
  )
    return new GatehouseError(
      'STORE_NOT_WRITABLE',
      'environment',
      `cannot write ${file} (${code}).`,
      'Give the service write access and space there.',
      { cause },
    );
  return cause;
}

import { copyFileSync, existsSync, readdirSync, rmSync, statfsSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { moveDurably } from './durable-file.ts';
import { type DatabaseName, errorOf } from './errors.ts';

/** The part of better-sqlite3's `Database` that a migration needs. */
export interface MigratableHandle {
  pragma(source: string, options?: { simple: boolean }): unknown;
  exec(sql: string): unknown;
  transaction(work: () => void): { immediate(): void };
}

export interface MigrationOptions {
  readonly file: string;
  /** Prefix of the error codes, e.g. `STORE` for `STORE_FULL`. */
  readonly code: DatabaseName;
  /**
   * SQL that brings the schema from version n to n + 1; n is the index in the list. Never edit one that has
   * shipped.
   */
  readonly migrations: readonly string[];
}

/** Copies of the file from before a migration that are kept; older ones go. */
const keptBackups = 2;

/**
 * Brings the schema to the newest version, a transaction a step. A file that holds something is copied first,
 * to `<file>.schema-<version>.bak`, so that a wrong step cannot destroy the records. Without room for the
 * copy nothing is migrated. Throws `<code>_TOO_NEW` for the file of a newer program and leaves that file as
 * it is.
 */
export function migrate(db: MigratableHandle, { file, code, migrations }: MigrationOptions): void {
  const found = Number(db.pragma('user_version', { simple: true }));
  if (found > migrations.length) throw errorOf(`${code}_TOO_NEW`, { file, found, known: migrations.length });
  if (found > 0 && found < migrations.length && existsSync(file)) {
    db.pragma('wal_checkpoint(TRUNCATE)');
    keepCopy(file, found, code);
  }
  for (const [version, sql] of migrations.entries()) {
    if (version < found) continue;
    const step = db.transaction(() => {
      db.exec(sql);
      db.pragma(`user_version = ${version + 1}`);
    });
    step.immediate();
  }
}

function keepCopy(file: string, version: number, code: DatabaseName): void {
  const copy = `${file}.schema-${version}.bak`;
  const { bavail, bsize } = statfsSync(dirname(file));
  if (bavail * bsize < statSync(file).size * 1.1)
    throw errorOf(`${code}_NO_ROOM_TO_MIGRATE`, { file, bytes: statSync(file).size, version });
  copyFileSync(file, `${copy}.part`);
  moveDurably(`${copy}.part`, copy);
  const mine = readdirSync(dirname(file)).flatMap((name) => {
    const version = name.startsWith(`${basename(file)}.`) && /\.schema-(\d+)\.bak$/.exec(name)?.[1];
    return version ? [{ name, version: Number(version) }] : [];
  });
  for (const { name } of mine.toSorted((a, b) => b.version - a.version).slice(keptBackups))
    rmSync(join(dirname(file), name), { force: true });
}

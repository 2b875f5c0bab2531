import { execFileSync } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { startPostgres } from '../../../sync-agent/test/support/postgres.ts';

export type StoreKind = 'sqlite' | 'postgres';

/** The database that the receivers write, and plain SQL on it. */
export interface StormStore {
  /** Value for a receiver's `--db`. */
  readonly address: string;
  ask(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  close(): Promise<void>;
}

/**
 * An SQLite file in the folder, or a PostgreSQL of this machine's packages, started for this run with
 * `synchronous_commit` on.
 */
export async function stormStore(kind: StoreKind, folder: string): Promise<StormStore> {
  if (kind === 'sqlite') return sqliteStore(join(await mkdtemp(join(folder, 'db-')), 'receiver.db'));
  const undo: (() => unknown)[] = [];
  const server = startPostgres({ after: (work) => void undo.push(work as () => unknown) }, [
    'synchronous_commit=on',
    'max_wal_size=1GB',
  ]);
  const address = server.database();
  return {
    address,
    ask: async (sql) => {
      const rows = `SELECT coalesce(json_agg(r), '[]') FROM (${sql}) r`;
      return JSON.parse(
        execFileSync('psql', [address, '-AtXc', rows], { encoding: 'utf8', maxBuffer: 2 ** 26 }),
      );
    },
    close: async () => {
      for (const work of undo) work();
    },
  };
}

function sqliteStore(address: string): StormStore {
  return {
    address,
    ask: async (sql) => {
      const db = new Database(address, { readonly: true });
      try {
        return db.prepare(sql).all() as Record<string, unknown>[];
      } finally {
        db.close();
      }
    },
    close: async () => undefined,
  };
}

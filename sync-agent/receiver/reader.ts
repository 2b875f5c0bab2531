import { errorOf } from '@gatehouse/kit';
import Database from 'better-sqlite3';
import pg from 'pg';
import { explainPostgres, isPostgresUrl, postgresSession } from './postgres-connection.ts';
import { type ArrivedList, type ArrivedRow, asArrived, postgres, queriesFor, sqlite } from './queries.ts';

/** Lists what has arrived; reads only, and never keeps a receiver waiting. */
export interface ArrivedReader {
  /** Rows newest or least complete first, at most `limit`. */
  list(list: ArrivedList, limit: number): Promise<ArrivedRow[]>;
  close(): Promise<void>;
}

const sqliteQueries = queriesFor(sqlite);
const postgresQueries = queriesFor(postgres);
/** A reader's connections: a page asks for a few lists at once. */
const poolSize = 2;

/**
 * Opens the database that a receiver writes, by the same name. Throws `RECEIVER_*` errors with the first list
 * at the latest.
 */
export function openReader(db: string): ArrivedReader {
  if (!isPostgresUrl(db))
    return { list: async (list, limit) => listArrived(db, list, limit), close: async () => undefined };
  const options = '-c default_transaction_read_only=on';
  const pool = new pg.Pool({ ...postgresSession(db, options), max: poolSize });
  // A connection that broke idle is replaced at the next list, which tells if it cannot be.
  pool.on('error', () => undefined);
  return {
    async list(list, limit) {
      try {
        return (await pool.query<ArrivedRow>(postgresQueries[list], [limit])).rows.map(asArrived);
      } catch (cause) {
        throw explainPostgres(cause, db);
      }
    },
    close: () => pool.end(),
  };
}

/**
 * Lists what has arrived in a receiver's SQLite file, which it opens read-only; safe while the receiver runs.
 */
export function listArrived(file: string, list: ArrivedList, limit = 1000): ArrivedRow[] {
  let db: Database.Database;
  try {
    db = new Database(file, { readonly: true, fileMustExist: true });
  } catch (cause) {
    throw errorOf('RECEIVER_DATABASE', { file }, { cause });
  }
  try {
    return (db.prepare(sqliteQueries[list]).all({ limit }) as ArrivedRow[]).map(asArrived);
  } finally {
    db.close();
  }
}

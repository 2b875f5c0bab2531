import { statSync } from 'node:fs';
import { systemCode, walLimitBytes } from '@gatehouse/kit';
import type Database from 'better-sqlite3';

/**
 * Without a commit for so long the log is put into the file, so that a power cut or a backup meets little of
 * it.
 */
const idleMs = 5_000;
/** Less than this is not worth the two fsyncs. */
const worthBytes = 256 * 1024;

/**
 * Keeps the write-ahead log small, and reports it when that fails: behind a reader the log can grow without
 * bound.
 */
export class WalCheckpointer {
  readonly #db: Database.Database;
  readonly #file: string;
  readonly #limitBytes: number;
  #stuckBytes = 0;
  constructor(db: Database.Database, file: string, limitBytes = walLimitBytes) {
    this.#db = db;
    this.#file = `${file}-wal`;
    this.#limitBytes = limitBytes;
  }

  /** Looks once; `quietMs` is the time since the last commit. Throws SQLite's errors. */
  look(quietMs: number): void {
    const bytes = this.bytes();
    const isOver = bytes > this.#limitBytes;
    if (isOver || (quietMs >= idleMs && bytes >= worthBytes)) this.shrink();
    this.#stuckBytes = isOver && this.bytes() > this.#limitBytes ? this.bytes() : 0;
  }

  /** Puts the log into the file and gives its room back to the disk. Throws SQLite's errors. */
  shrink(): void {
    this.#db.pragma('wal_checkpoint(TRUNCATE)');
  }

  /** Bytes of a log that is over its limit and does not shrink; 0: all is well. */
  get stuckBytes(): number {
    return this.#stuckBytes;
  }
  bytes(): number {
    try {
      return statSync(this.#file).size;
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return 0;
      throw error;
    }
  }
}

import { existsSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Clock, errorOf, GatehouseError, type Log } from '@gatehouse/kit';
import type Database from 'better-sqlite3';
import { copyDatabase } from './copies.ts';
import { explainStore, openDatabase, recoverAndOpen } from './database.ts';
import { ReserveFile } from './reserve-file.ts';
import { keepSchemaMap } from './schema-map.ts';
import { Upkeep } from './upkeep.ts';
import { WalCheckpointer } from './wal-checkpointer.ts';

export interface StoreFileOptions {
  readonly file: string;
  readonly box: string;
  readonly clock: Clock;
  readonly log: Log;
  /**
   * Called with a new connection, at the start or after a recovery: everything that holds one must be made
   * anew.
   */
  readonly onOpen: (db: Database.Database) => void;
  /** Called when the reserve was freed (false) or taken again (true), to write it where people look. */
  readonly onReserve: (held: boolean) => void;
}

/**
 * events.db as a file: opens and checks it, writes with remedies for a full disk or a damaged file, and
 * copies it while in use.
 */
export class StoreFile {
  readonly #options: StoreFileOptions;
  #db: Database.Database | undefined;
  #upkeep: Upkeep | undefined;
  #wal: WalCheckpointer | undefined;
  #recoveredFrom: string | undefined;
  #hasRecovered = false;
  #copying = false;
  constructor(options: StoreFileOptions) {
    this.#options = options;
  }

  start(): void {
    const { file, box, clock, log } = this.#options;
    this.#use(openDatabase({ file, box, nowMs: clock.epochMs(), log }));
    rmSync(`${file}.copy`, { force: true });
  }
  stop(): void {
    this.#upkeep?.stop();
    this.#db?.close();
    this.#db = undefined;
  }

  get isOpen(): boolean {
    return this.#db !== undefined;
  }
  get livesOnReserve(): boolean {
    return this.#upkeep?.livesOnReserve ?? false;
  }
  /** Bytes of a write-ahead log that is over its limit and does not shrink; 0: none. */
  get walStuckBytes(): number {
    return this.#wal?.stuckBytes ?? 0;
  }
  /** Name of the damaged file that this one was made from, until somebody who has seen it moves it away. */
  get recoveredFrom(): string | undefined {
    const name = this.#recoveredFrom;
    return name !== undefined && existsSync(join(dirname(this.#options.file), name)) ? name : undefined;
  }

  /**
   * One transaction. A file that turns out to be damaged is made anew with every readable row, once in a
   * process, and the same work is tried again: an unattended box must not keep its alarms in memory until
   * somebody comes.
   */
  transact<T>(work: () => T): T {
    try {
      return this.#transactOnce(work);
    } catch (error) {
      const isDamaged = error instanceof GatehouseError && error.code === 'STORE_CORRUPT';
      if (!isDamaged || this.#hasRecovered) throw error;
      this.#hasRecovered = true;
      const { file, box, clock, log } = this.#options;
      log.error('store-damaged', { file, error });
      this.stop();
      this.#use(recoverAndOpen({ file, box, nowMs: clock.epochMs(), log }));
      return this.#transactOnce(work);
    }
  }

  /**
   * One statement or step. On a full disk the reserve is freed and the same is tried once more. The failed
   * try left nothing.
   */
  write<T>(work: () => T): T {
    try {
      return this.guard(work);
    } catch (error) {
      const isFull = error instanceof GatehouseError && error.code === 'STORE_FULL';
      // Inside a transaction the whole transaction is tried again.
      if (!isFull || this.#db?.inTransaction || !this.#upkeep?.makeRoom()) throw error;
      const result = this.guard(work);
      this.#options.onReserve(false);
      return result;
    }
  }

  /** SQLite's errors as ones that a person can act on. */
  guard<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      throw explainStore(this.#options.file, cause);
    }
  }

  /**
   * Hands `use` a copy of the present state, made while everything goes on, and deletes it after; one at a
   * time. Throws `STORE_BUSY_COPYING`, `STORE_NO_ROOM_TO_COPY`.
   */
  async withCopy<T>(use: (copy: string) => Promise<T>): Promise<T> {
    const { file } = this.#options;
    const db = this.#open;
    if (this.#copying) throw errorOf('STORE_BUSY_COPYING', { file });
    this.#copying = true;
    try {
      await copyDatabase(db, file, `${file}.copy`);
      return await use(`${file}.copy`);
    } catch (cause) {
      throw explainStore(file, cause);
    } finally {
      rmSync(`${file}.copy`, { force: true });
      this.#copying = false;
    }
  }

  get #open(): Database.Database {
    if (!this.#db) throw new Error('the event store is not started');
    return this.#db;
  }
  #transactOnce<T>(work: () => T): T {
    const result = this.write(() => this.#open.transaction(work).immediate());
    this.#upkeep?.committed();
    return result;
  }
  #use(db: Database.Database): void {
    const { file, box, clock, log, onOpen, onReserve } = this.#options;
    this.#db = db;
    // For a backup, which must name its box.
    db.prepare("INSERT INTO meta VALUES ('box', ?) ON CONFLICT DO UPDATE SET value = excluded.value").run(
      box,
    );
    keepSchemaMap(db, file);
    const from = db.prepare("SELECT value FROM meta WHERE key = 'recovered_from'").pluck().get();
    this.#recoveredFrom = typeof from === 'string' ? from : undefined;
    this.#wal = new WalCheckpointer(db, file);
    const reserve = new ReserveFile(`${file}.reserve`);
    this.#upkeep = new Upkeep({ wal: this.#wal, reserve, clock, log, onReserve });
    onOpen(db);
    this.#upkeep.start();
  }
}

import type { EventClass } from '@gatehouse/contracts';
import type Database from 'better-sqlite3';

/** The counts of a class. Kept beside the rows, so that nobody has to count a backlog of a million rows. */
export interface OutboxHead {
  /** The newest sequence ever given out. */
  readonly last: number;
  /** All rows up to here are in the platform's database; they are deleted a little later, in chunks. */
  readonly acked: number;
  /** Bytes of the bodies in the table, with the acknowledged ones that are not yet deleted. */
  readonly bytes: number;
  /**
   * The dropped range: rows from `gapFirst` on are gone, and `gapLast` holds the gap event. 0 and 0: none.
   */
  readonly gapFirst: number;
  readonly gapLast: number;
  /** Rows of earlier epochs that still wait. */
  readonly inherited: number;
  /** Digest of the newest event; '' while none is known. */
  readonly digest: string;
  /** The first number of this epoch. */
  readonly begins: number;
  /**
   * Rows up to here were written in an epoch that has ended, and get this one's name as they are handed out.
   */
  readonly foreignUpTo: number;
}

/** The `outbox_heads` table; every method runs inside the caller's transaction. */
export class OutboxHeads {
  readonly #read: Database.Statement;
  readonly #advance: Database.Statement;
  readonly #acknowledge: Database.Statement;
  readonly #addBytes: Database.Statement;
  readonly #drop: Database.Statement;
  readonly #inherit: Database.Statement;

  constructor(db: Database.Database) {
    this.#read = db.prepare(
      `SELECT last, acked, bytes, gap_first AS gapFirst, gap_last AS gapLast, inherited, digest, begins,
         foreign_upto AS foreignUpTo FROM outbox_heads WHERE class = ?`,
    );
    this.#advance = db.prepare(
      'UPDATE outbox_heads SET last = ?, bytes = bytes + ?, digest = ? WHERE class = ?',
    );
    this.#acknowledge = db.prepare('UPDATE outbox_heads SET acked = ? WHERE class = ?');
    this.#addBytes = db.prepare('UPDATE outbox_heads SET bytes = bytes + ? WHERE class = ?');
    this.#drop = db.prepare('UPDATE outbox_heads SET gap_first = ?, gap_last = ? WHERE class = ?');
    this.#inherit = db.prepare('UPDATE outbox_heads SET inherited = inherited + ? WHERE class = ?');
  }

  read(eventclass: EventClass): OutboxHead {
    return this.#read.get(eventclass) as OutboxHead;
  }
  advance(eventclass: EventClass, last: number, bytes: number, digest: string): void {
    this.#advance.run(last, bytes, digest, eventclass);
  }
  acknowledge(eventclass: EventClass, upTo: number): void {
    this.#acknowledge.run(upTo, eventclass);
  }
  addBytes(eventclass: EventClass, bytes: number): void {
    this.#addBytes.run(bytes, eventclass);
  }
  dropped(eventclass: EventClass, gapFirst: number, gapLast: number): void {
    this.#drop.run(gapFirst, gapLast, eventclass);
  }
  inherit(eventclass: EventClass, rows: number): void {
    this.#inherit.run(rows, eventclass);
  }
}

/**
 * Rows that wait for the platform: all numbers above the acknowledged one that were not dropped, and those of
 * earlier epochs.
 */
export function waitingRows({ last, acked, gapFirst, gapLast, inherited }: OutboxHead): number {
  const missing = Math.max(0, gapLast - Math.max(gapFirst, acked + 1));
  return last - acked - missing + inherited;
}

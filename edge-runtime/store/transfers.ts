import type { Clock } from '@gatehouse/kit';
import { isoWithOffset } from '@gatehouse/kit';
import type Database from 'better-sqlite3';

/** One transfer of personal information out of the box: content, recipient, purpose and authority. */
export interface Transfer {
  readonly recipient: string;
  readonly purpose: string;
  readonly who: string;
  /** A description of the transfer without its content: kinds, counts, hashes. */
  readonly what: Readonly<Record<string, unknown>>;
}

/** Records of transfers of personal information; kept for three years (PIPL art. 55 and 56), never edited. */
export class TransferTable {
  readonly #db: Database.Database;
  readonly #clock: Clock;
  readonly #guard: <T>(write: () => T) => T;
  constructor(db: Database.Database, clock: Clock, guard: <T>(write: () => T) => T) {
    this.#db = db;
    this.#clock = clock;
    this.#guard = guard;
  }
  /** Durable when it returns: write it before the transfer begins. Throws `STORE_FULL`. */
  record({ recipient, purpose, who, what }: Transfer): void {
    const nowMs = this.#clock.epochMs();
    this.#guard(() =>
      this.#db
        .prepare('INSERT INTO transfers (at, at_ms, recipient, purpose, who, body) VALUES (?, ?, ?, ?, ?, ?)')
        .run(isoWithOffset(nowMs), Math.round(nowMs), recipient, purpose, who, JSON.stringify(what)),
    );
  }
  /** Newest first. */
  list(limit: number): (Transfer & { readonly at: string })[] {
    const rows = this.#db
      .prepare('SELECT at, recipient, purpose, who, body FROM transfers ORDER BY sequence DESC LIMIT ?')
      .all(limit) as (Omit<Transfer, 'what'> & { at: string; body: string })[];
    return rows.map(({ body, ...row }) => ({ ...row, what: JSON.parse(body) }));
  }
}

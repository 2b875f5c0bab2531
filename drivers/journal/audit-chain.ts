import { createHash } from 'node:crypto';
import { AuditEntry } from '@gatehouse/contracts';
import type Database from 'better-sqlite3';

/** An entry before the chain gave it its place and hash. */
export type NewAuditEntry = Omit<AuditEntry, 'sequence' | 'hash'>;

/**
 * Some 70 MiB. Past it the oldest go (drop policy: drop-oldest); the chain then begins at the anchor that
 * they leave.
 */
export const maxAuditEntries = 100_000;
const beforeTheFirst = '0'.repeat(64);

/** The number of an entry and its hash. */
export interface AuditEnd {
  readonly sequence: number;
  readonly hash: string;
}

export interface AuditRow extends AuditEnd {
  readonly body: string;
}

/**
 * `head` is the newest entry, `anchor` the one before the oldest that is kept, `acknowledged` the newest one
 * that the platform has.
 */
export type AuditEndName = 'head' | 'anchor' | 'acknowledged';

/**
 * A hash-chained record of persons and actions (drivers/README.md): each entry's hash is SHA-256 over the
 * hash before and its own text, so a changed, missing or inserted entry shows. Who owns the file can compute
 * a whole new chain: only a head that was written down elsewhere proves against that.
 */
export class AuditChain {
  readonly #limit: number;
  readonly #statements: ReturnType<typeof prepare>;

  constructor(db: Database.Database, limit = maxAuditEntries) {
    this.#limit = limit;
    this.#statements = prepare(db);
  }

  /** Call within the transaction that holds the fact. */
  append(entry: NewAuditEntry): void {
    const last = this.end('head');
    const sequence = last.sequence + 1;
    const body = JSON.stringify(entry);
    const hash = linkHash(last.hash, sequence, body);
    this.#statements.insert.run(sequence, body, hash);
    this.setEnd('head', { sequence, hash });
    this.#trim(sequence - this.#limit);
  }

  /** Entries behind a number, in order. One that cannot be read is left out: a verification finds it. */
  after(sequence: number, limit: number): AuditEntry[] {
    return this.rows(sequence, limit).flatMap((row) => entryOf(row) ?? []);
  }

  rows(after: number, limit: number): AuditRow[] {
    return this.#statements.page.all(after, limit) as AuditRow[];
  }

  /** Of the newest entry 0 while there is none. */
  end(which: AuditEndName): AuditEnd {
    const row = this.#statements.end.get(which) as AuditEnd | undefined;
    return row ?? { sequence: 0, hash: beforeTheFirst };
  }
  setEnd(which: AuditEndName, { sequence, hash }: AuditEnd): void {
    this.#statements.setEnd.run(which, sequence, hash);
  }

  #trim(upTo: number): void {
    if (upTo <= this.end('anchor').sequence) return;
    const [last] = this.rows(upTo - 1, 1);
    if (last) this.setEnd('anchor', last);
    this.#statements.trim.run(upTo);
  }
}

export function linkHash(before: string, sequence: number, body: string): string {
  return createHash('sha256').update(`${before}\n${sequence}\n${body}`).digest('hex');
}

/** An entry as it was written; `undefined` if its text is none. */
export function entryOf({ sequence, body, hash }: AuditRow): AuditEntry | undefined {
  try {
    return AuditEntry.safeParse({ ...JSON.parse(body), sequence, hash }).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function prepare(db: Database.Database) {
  return {
    insert: db.prepare('INSERT INTO audit (sequence, body, hash) VALUES (?, ?, ?)'),
    page: db.prepare('SELECT sequence, body, hash FROM audit WHERE sequence > ? ORDER BY sequence LIMIT ?'),
    end: db.prepare('SELECT sequence, hash FROM audit_ends WHERE which = ?'),
    setEnd: db.prepare('INSERT OR REPLACE INTO audit_ends (which, sequence, hash) VALUES (?, ?, ?)'),
    trim: db.prepare('DELETE FROM audit WHERE sequence <= ?'),
  };
}

import { createHash } from 'node:crypto';
import { AuditEntry, type AuditVerification } from '@gatehouse/contracts';
import type Database from 'better-sqlite3';

/** An entry before the chain gave it its place and hash. */
export type NewAuditEntry = Omit<AuditEntry, 'sequence' | 'hash'>;

/** Some 70 MiB. Past it the oldest go (drop policy: drop-oldest); the chain then begins at the anchor that they leave. */
export const maxAuditEntries = 100_000;
const beforeTheFirst = '0'.repeat(64);
/** Entries that a verification looks at before it lets other work in: some 5 ms. */
const verifyChunk = 500;

interface Row {
  readonly sequence: number;
  readonly body: string;
  readonly hash: string;
}

/**
 * Who did what, hash-chained (doors.md, contract 12): each entry's hash is SHA-256 over the hash before and its own text, so a
 * changed, missing or inserted entry shows. Who owns the file can compute a whole new chain: only a head that was written down
 * elsewhere proves against that.
 */
export class AuditChain {
  readonly #db: Database.Database;
  readonly #limit: number;

  constructor(db: Database.Database, limit = maxAuditEntries) {
    this.#db = db;
    this.#limit = limit;
  }

  /** Call within the transaction that holds the fact. */
  append(entry: NewAuditEntry): void {
    const last = this.#end('head');
    const sequence = last.sequence + 1;
    const body = JSON.stringify(entry);
    const hash = linkHash(last.hash, sequence, body);
    this.#db.prepare('INSERT INTO audit (sequence, body, hash) VALUES (?, ?, ?)').run(sequence, body, hash);
    this.#setEnd('head', sequence, hash);
    this.#trim(sequence - this.#limit);
  }

  after(sequence: number, limit: number): AuditEntry[] {
    return this.#rows(sequence, limit).map(({ sequence: at, body, hash }) =>
      AuditEntry.parse({ ...JSON.parse(body), sequence: at, hash }),
    );
  }

  /** The newest entry's number and hash; 0 while there is none. */
  head(): { readonly sequence: number; readonly hash: string } {
    return this.#end('head');
  }

  /** Holds every entry against the one before it, chunk by chunk, letting other work in between. */
  async verify(): Promise<AuditVerification> {
    const anchor = this.#end('anchor');
    let { sequence, hash } = anchor;
    let entries = 0;
    for (
      let rows = this.#rows(sequence, verifyChunk);
      rows.length > 0;
      rows = this.#rows(sequence, verifyChunk)
    ) {
      for (const row of rows) {
        const follows = row.sequence === sequence + 1 && row.hash === linkHash(hash, row.sequence, row.body);
        if (!follows) return { intact: false, entries, brokenAt: sequence + 1 };
        ({ sequence, hash } = row);
        entries++;
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    // The newest entries may be missing, which no hash of the others shows.
    const head = this.#end('head');
    if (head.sequence !== sequence || head.hash !== hash)
      return { intact: false, entries, brokenAt: sequence + 1 };
    const span = entries > 0 ? { first: anchor.sequence + 1, last: sequence } : {};
    return { intact: true, entries, head: hash, ...span };
  }

  /** The newest entry, or the one that stood before the oldest that is kept. */
  #end(which: 'head' | 'anchor'): Omit<Row, 'body'> {
    const row = this.#db.prepare('SELECT sequence, hash FROM audit_ends WHERE which = ?').get(which);
    return (row as Omit<Row, 'body'> | undefined) ?? { sequence: 0, hash: beforeTheFirst };
  }
  #setEnd(which: 'head' | 'anchor', sequence: number, hash: string): void {
    this.#db
      .prepare('INSERT OR REPLACE INTO audit_ends (which, sequence, hash) VALUES (?, ?, ?)')
      .run(which, sequence, hash);
  }

  #trim(upTo: number): void {
    if (upTo <= this.#end('anchor').sequence) return;
    const [last] = this.#rows(upTo - 1, 1);
    if (last) this.#setEnd('anchor', last.sequence, last.hash);
    this.#db.prepare('DELETE FROM audit WHERE sequence <= ?').run(upTo);
  }

  #rows(after: number, limit: number): Row[] {
    const sql = 'SELECT sequence, body, hash FROM audit WHERE sequence > ? ORDER BY sequence LIMIT ?';
    return this.#db.prepare(sql).all(after, limit) as Row[];
  }
}

function linkHash(before: string, sequence: number, body: string): string {
  return createHash('sha256').update(`${before}\n${sequence}\n${body}`).digest('hex');
}

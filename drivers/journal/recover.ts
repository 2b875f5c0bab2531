import { rmSync } from 'node:fs';
import { basename } from 'node:path';
import {
  asideName,
  finishReplacing,
  isoWithOffset,
  openDurable,
  readyToReplace,
  systemCode,
} from '@gatehouse/kit';
import Database from 'better-sqlite3';
import { AuditChain, type AuditEnd, type AuditEndName, type AuditRow, linkHash } from './audit-chain.ts';
import { migrations } from './schema.ts';

/** Tables, each with what its rows are ordered by, and what people call the rows. */
const tables = [
  ['commands', 'command_id', 'commands'],
  ['events', 'sequence', 'events for the platform'],
  ['alarms', 'device, kind', 'open alarms'],
  ['leases', 'device', 'holds'],
  ['fire', 'one', 'the fire latch'],
  ['cards', 'rowid', 'cards'],
] as const;

export interface JournalRecovery {
  /** Name of the damaged file, beside the new one. */
  readonly aside: string;
  /** Rows taken over, by table. */
  readonly copied: Readonly<Record<string, number>>;
  /** The part that may be missing, for people. */
  readonly missing: string;
}

type Row = Readonly<Record<string, unknown>>;

/**
 * Makes a new file of every row of a damaged one that can be read, puts it in its place and keeps the damaged
 * one aside. A table is read from its front up to a bad page and from its end back to one. The audit goes on
 * from its newest entry where that can be read, with as many before it as follow from each other.
 */
export function recoverJournal(file: string, nowMs: number): JournalRecovery {
  const aside = basename(asideName(file, 'corrupt', nowMs));
  const part = `${file}.recovering`;
  for (const end of ['', '-wal', '-shm']) rmSync(`${part}${end}`, { force: true });
  const to = openDurable((path) => new Database(path), { file: part, code: 'JOURNAL', migrations });
  try {
    const { copied, lost } = copyReadable(file, to);
    const missing = lost.length === 0 ? 'nothing' : lost.join(', ');
    const at = isoWithOffset(nowMs);
    new AuditChain(to).append({ at, what: 'journal-recovered', facts: { aside, copied, missing } });
    to.prepare('INSERT OR REPLACE INTO recovery VALUES (1, ?, ?, 0)').run(aside, missing);
    to.pragma('wal_checkpoint(TRUNCATE)');
    to.close();
    readyToReplace(part, file, 'corrupt');
    finishReplacing(file, nowMs);
    return { aside, copied, missing };
  } finally {
    to.close();
  }
}

function copyReadable(file: string, to: Database.Database) {
  const copied: Record<string, number> = {};
  const lost: string[] = [];
  let from: Database.Database | undefined;
  try {
    // Read-only: closing it must not write into the damaged file.
    from = new Database(file, { readonly: true });
    for (const [table, order, called] of tables) {
      const { rows, whole } = readTable(from, table, order);
      copied[table] = put(to, table, rows);
      if (!whole || copied[table] < rows.length) lost.push(called);
    }
    copied.audit = copyAudit(from, to);
    copySequence(from, to);
  } catch (error) {
    // Not even the list of tables can be read: there is nothing more to take over.
    if (!isDamage(error)) throw error;
    lost.push(...tables.flatMap(([table, , called]) => (table in copied ? [] : [called])));
  } finally {
    from?.close();
  }
  return { copied, lost: [...new Set(lost)] };
}

/** From the front up to a bad page, and from the end back to one. */
function readTable(from: Database.Database, table: string, order: string): { rows: Row[]; whole: boolean } {
  const front = readUntilDamage(from, `SELECT * FROM ${table} NOT INDEXED ORDER BY ${order}`);
  if (front.whole) return front;
  const backwards = order
    .split(', ')
    .map((column) => `${column} DESC`)
    .join(', ');
  const back = readUntilDamage(from, `SELECT * FROM ${table} NOT INDEXED ORDER BY ${backwards}`);
  return { rows: [...front.rows, ...back.rows.toReversed()], whole: false };
}

function readUntilDamage<T = Row>(from: Database.Database, sql: string): { rows: T[]; whole: boolean } {
  const rows: T[] = [];
  try {
    for (const row of from.prepare(sql).iterate()) rows.push(row as T);
    return { rows, whole: true };
  } catch (error) {
    if (!isDamage(error)) throw error;
    return { rows, whole: false };
  }
}

/** Returns how many were taken: a row that is no longer what the table takes is left out. */
function put(to: Database.Database, table: string, rows: readonly Row[]): number {
  const names = Object.keys(rows[0] ?? {});
  if (names.length === 0) return 0;
  const values = names.map((name) => `@${name}`).join(', ');
  const insert = to.prepare(`INSERT OR REPLACE INTO ${table} (${names.join(', ')}) VALUES (${values})`);
  let count = 0;
  to.transaction(() => {
    for (const row of rows) {
      try {
        insert.run(row);
        count++;
      } catch (error) {
        if (!systemCode(error)?.startsWith('SQLITE_CONSTRAINT')) throw error;
      }
    }
  })();
  return count;
}

/** The newest entries that follow from each other up to the head, behind an anchor. */
function copyAudit(from: Database.Database, to: Database.Database): number {
  const ends = readUntilDamage<AuditEnd & { which: string }>(
    from,
    'SELECT which, sequence, hash FROM audit_ends',
  ).rows;
  const end = (name: AuditEndName) => ends.find(({ which }) => which === name);
  const head = end('head');
  const chain = new AuditChain(to);
  const acknowledged = end('acknowledged');
  if (acknowledged) chain.setEnd('acknowledged', acknowledged);
  if (!head) return 0;
  const sql = 'SELECT sequence, body, hash FROM audit ORDER BY sequence DESC';
  const { rows } = readUntilDamage<AuditRow>(from, sql);
  const kept = suffix(rows, head, end('anchor') ?? chain.end('anchor'));
  put(
    to,
    'audit',
    kept.map((row) => ({ ...row })),
  );
  // The oldest that is kept follows from the one before it, which is not.
  const oldest = kept.at(-1);
  const before = rows.find(({ sequence }) => oldest && sequence === oldest.sequence - 1);
  chain.setEnd('anchor', oldest ? (before ?? end('anchor') ?? chain.end('anchor')) : head);
  chain.setEnd('head', head);
  return kept.length;
}

/** Newest first from the head on, as long as each follows from the one before it. */
function suffix(rows: readonly AuditRow[], head: AuditEnd, anchor: AuditEnd): AuditRow[] {
  const kept: AuditRow[] = [];
  let expected = head;
  for (const [i, row] of rows.entries()) {
    const before: AuditEnd = rows[i + 1] ?? anchor;
    const isExpected = row.sequence === expected.sequence && row.hash === expected.hash;
    const follows =
      before.sequence === row.sequence - 1 && row.hash === linkHash(before.hash, row.sequence, row.body);
    if (!isExpected || !follows) break;
    kept.push(row);
    expected = before;
  }
  return kept;
}

/** A sequence of an event is never given twice. */
function copySequence(from: Database.Database, to: Database.Database): void {
  const [row] = readUntilDamage(from, "SELECT seq FROM sqlite_sequence WHERE name = 'events'").rows;
  if (typeof row?.seq !== 'number') return;
  to.prepare("DELETE FROM sqlite_sequence WHERE name = 'events'").run();
  to.prepare("INSERT INTO sqlite_sequence (name, seq) VALUES ('events', ?)").run(row.seq);
}

/** SQLite says of a file that it is damaged or no database. */
function isDamage(error: unknown): boolean {
  return /^SQLITE_(CORRUPT|NOTADB|IOERR)/.test(systemCode(error) ?? '');
}

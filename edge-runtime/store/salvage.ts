import { systemCode } from '@gatehouse/kit';
import type Database from 'better-sqlite3';

/** Rows in one read. If one of them cannot be read, the same place is read again in smaller pieces. */
const most = 500;
/** The search for the next readable row goes this far behind an unreadable place: four million numbers. */
const farthest = 2 ** 22;
/**
 * The table ends where nothing further can be read. So many numbers behind the last row are asked for one by
 * one.
 */
const tail = 2 ** 12;
/**
 * Reads a table may cost: a damaged upper page hides some 100,000 rows, each of which is asked for by itself.
 */
const mostReads = 150_000;

/** A row with the number it was read by. */
export type SalvagedRow = Readonly<Record<string, unknown>> & { readonly key: number };

/**
 * Reads every readable row of a damaged table by its number, and jumps over the others. `read(after, upTo,
 * limit)` gives rows in rising order of `key`; it may throw SQLite's error of a damaged file. Any other error
 * passes through. Hands rows to `take` in order.
 */
export function salvageRows(
  read: (after: number, upTo: number, limit: number) => readonly SalvagedRow[],
  take: (rows: readonly SalvagedRow[]) => void,
): void {
  let reads = 0;
  const attempt = (after: number, upTo: number, limit: number): readonly SalvagedRow[] | undefined => {
    if (++reads > mostReads) return [];
    try {
      return read(after, upTo, limit);
    } catch (error) {
      if (!isDamage(error)) throw error;
      return undefined;
    }
  };
  /** Every readable row in (after, upTo]. */
  const span = (after: number, upTo: number): void => {
    for (let from = after; from < upTo; ) {
      // The limit is no higher than the count of numbers: then SQLite stops at the last one and does not step
      // onto a bad page behind it.
      const limit = Math.min(most, upTo - from);
      const rows = attempt(from, upTo, limit);
      if (!rows) {
        split(from, upTo);
        return;
      }
      if (rows.length > 0) take(rows);
      from = rows.length === limit ? (rows.at(-1)?.key ?? upTo) : upTo;
    }
  };
  const split = (after: number, upTo: number): void => {
    if (upTo - after <= 1) return;
    const middle = after + Math.floor((upTo - after) / 2);
    span(after, middle);
    span(middle, upTo);
  };
  let after = -1;
  let limit = most;
  while (reads <= mostReads) {
    const rows = attempt(after, Number.MAX_SAFE_INTEGER, limit);
    if (rows?.length === 0) return;
    if (rows) {
      take(rows);
      after = rows.at(-1)?.key ?? after;
      limit = Math.min(most, limit * 2);
    } else if (limit > 1) limit = Math.floor(limit / 2);
    else {
      // The very next row cannot be read.
      const next = firstReadableBehind(after, attempt);
      split(after, next ?? after + tail);
      if (next === undefined) return;
      after = next;
    }
  }
}

/** The smallest of the doubling steps behind `after` from which a row can be read. */
function firstReadableBehind(
  after: number,
  attempt: (after: number, upTo: number, limit: number) => readonly SalvagedRow[] | undefined,
): number | undefined {
  for (let step = 1; step <= farthest; step *= 2) {
    const rows = attempt(after + step, Number.MAX_SAFE_INTEGER, 1);
    if (rows !== undefined) return rows.length > 0 ? after + step : undefined;
  }
  return undefined;
}

/** SQLite's error says that the file is damaged or no database. */
export function isDamage(error: unknown): boolean {
  return /^SQLITE_(CORRUPT|NOTADB|IOERR)/.test(systemCode(error) ?? '');
}

/** The columns of a table in both files, since the damaged one may be of an older version. */
export function sharedColumns(from: Database.Database, to: Database.Database, table: string): string[] {
  const columns = (db: Database.Database) =>
    (db.pragma(`table_info(${table})`) as { name: string }[]).map(({ name }) => name);
  const old = columns(from);
  return columns(to).filter((name) => old.includes(name));
}

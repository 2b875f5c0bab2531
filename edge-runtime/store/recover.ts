import { rmSync } from 'node:fs';
import { basename } from 'node:path';
import { EventClass as Classes, type EventClass } from '@gatehouse/contracts';
import { asideName, finishReplacing, isoWithOffset, openDurable, readyToReplace } from '@gatehouse/kit';
import Database from 'better-sqlite3';
import { beginNewEpoch, type Loss } from './new-epoch.ts';
import { OutboxHeads, waitingRows } from './outbox-heads.ts';
import { isDamage, type SalvagedRow, salvageRows, sharedColumns } from './salvage.ts';
import { migrations } from './schema.ts';
import { withSchemaOf } from './schema-map.ts';

/** Tables that are read row by row, parents first, each with the number that it is read by. */
const tables: readonly (readonly [table: string, key: string])[] = [
  ['meta', 'rowid'],
  ['incidents', 'rowid'],
  ['incident_changes', 'sequence'],
  ['incident_labels', 'sequence'],
  ['engine_state', 'rowid'],
  ['device_events', 'rowid'],
  ['users', 'rowid'],
  ['sessions', 'rowid'],
  ['login_failures', 'rowid'],
  ['audit', 'sequence'],
  ['transfers', 'sequence'],
  ['media', 'rowid'],
  ['outbox_heads', 'rowid'],
  ['outbox_epochs', 'generation'],
  ['sqlite_sequence', 'rowid'],
];
/** Tables whose key begins with a class: each class is read by its sequence. */
const byClass = ['outbox', 'outbox_inherited', 'outbox_refusals'] as const;
/** Every table that a recovery takes over; a test compares it with the schema. */
export const recoveredTables: readonly string[] = [...tables.map(([table]) => table), ...byClass];

export interface Recovery {
  /** Name of the damaged file, beside the new one. */
  readonly aside: string;
  /** Rows taken over, by table. */
  readonly copied: Readonly<Record<string, number>>;
  /** Rows read but of no use: no JSON, or refused by the table. */
  readonly refused: number;
  /** The missing unsent events by class, where some are or may be missing. */
  readonly losses: Partial<Record<EventClass, Loss>>;
}

/**
 * Makes a new file with every readable row of a damaged one, puts it in its place and keeps the damaged one
 * aside. Row by row, because one bad page makes SQLite refuse a whole table. The new file is a new epoch.
 */
export function recoverDatabase(file: string, box: string, nowMs: number): Recovery {
  const aside = asideName(file, 'corrupt', nowMs);
  const part = `${file}.recovering`;
  for (const end of ['', '-wal', '-shm']) rmSync(`${part}${end}`, { force: true });
  const to = openDurable((path) => new Database(path), { file: part, code: 'STORE', migrations });
  try {
    const { copied, refused } = copyReadable(file, to, nowMs);
    mend(to, (copied.meta ?? 0) > 0);
    const losses = lossesOf(to, (copied.outbox_heads ?? 0) > 0);
    beginNewEpoch(to, box, nowMs, losses);
    noteRecovery(to, nowMs, basename(aside), copied);
    to.pragma('wal_checkpoint(TRUNCATE)');
    to.close();
    readyToReplace(part, file, 'corrupt');
    finishReplacing(file, nowMs);
    return { aside, copied, refused, losses };
  } finally {
    to.close();
  }
}

function copyReadable(file: string, to: Database.Database, nowMs: number) {
  const copied: Record<string, number> = {};
  let refused = 0;
  const copy = (from: Database.Database, table: string, key: string, classes: readonly string[]) => {
    const columns = table === 'sqlite_sequence' ? ['name', 'seq'] : sharedColumns(from, to, table);
    if (columns.length === 0) return;
    const put = writer(to, table, columns, nowMs);
    const ofClass = classes.length > 0 ? 'class = ? AND ' : 'NOT INDEXED WHERE ';
    const select = `SELECT ${key} AS key, ${columns.join(', ')} FROM ${table} ${classes.length > 0 ? 'WHERE ' : ''}${ofClass}
      ${key} >= ? AND ${key} <= ? ORDER BY ${key} LIMIT ?`;
    if (classes.length === 0) salvageRows(reader(from, select), put.rows);
    for (const one of classes) salvageRows(reader(from, select, one), put.rows);
    copied[table] = put.count.copied;
    refused += put.count.refused;
  };
  to.pragma('foreign_keys = OFF');
  let from: Database.Database | undefined;
  const spliced = listsItsTables(file, to) ? undefined : withSchemaOf(to, file);
  try {
    // Read-only: closing it must not write into the damaged file.
    from = new Database(spliced ?? file, { readonly: true });
    for (const [table, key] of tables) copy(from, table, key, []);
    for (const table of byClass) copy(from, table, 'sequence', Classes.options);
  } catch (error) {
    // Not even the list of tables can be read: there is nothing more to take over.
    if (!isDamage(error)) throw error;
  } finally {
    from?.close();
    if (spliced !== undefined) rmSync(spliced, { force: true });
    to.pragma('foreign_keys = ON');
  }
  return { copied, refused };
}

/**
 * True if the damaged file still lists its tables. A file of an older version has fewer, which is no fault.
 */
function listsItsTables(file: string, to: Database.Database): boolean {
  const names = (db: Database.Database) =>
    db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all() as string[];
  let from: Database.Database | undefined;
  try {
    from = new Database(file, { readonly: true });
    const listed = names(from);
    const isOlder = Number(from.pragma('user_version', { simple: true })) < migrations.length;
    return isOlder || names(to).every((name) => listed.includes(name));
  } catch (error) {
    if (!isDamage(error)) throw error;
    return false;
  } finally {
    from?.close();
  }
}

function reader(from: Database.Database, sql: string, ...fixed: string[]) {
  const statement = from.prepare(sql);
  // "After n" is asked for as "from n + 1": otherwise SQLite begins on the page of n, which may be the bad
  // one.
  return (after: number, upTo: number, limit: number) =>
    statement.all(...fixed, after + 1, upTo, limit) as SalvagedRow[];
}

/** Ages that a file of an older version does not have: its records count as written now. */
const ages = ['last_ms', 'at_ms'];

/** Inserts rows, each batch in one transaction. A row that the table refuses is left out. */
function writer(to: Database.Database, table: string, columns: readonly string[], nowMs: number) {
  const count = { copied: 0, refused: 0 };
  if (table === 'sqlite_sequence') to.exec('DELETE FROM sqlite_sequence');
  const all = (to.pragma(`table_info(${table})`) as { name: string }[]).map(({ name }) => name);
  const added = ages.filter((name) => all.includes(name) && !columns.includes(name));
  const values = [...columns.map((name) => `@${name}`), ...added.map(() => Math.round(nowMs))];
  const insert = to.prepare(
    `INSERT OR REPLACE INTO ${table} (${[...columns, ...added].join(', ')}) VALUES (${values.join(', ')})`,
  );
  const one = (row: SalvagedRow) => {
    try {
      if (typeof row.body === 'string') JSON.parse(row.body);
      insert.run(row);
      count.copied++;
    } catch (error) {
      if (!(error instanceof SyntaxError || error instanceof Database.SqliteError)) throw error;
      count.refused++;
    }
  };
  const batch = to.transaction((rows: readonly SalvagedRow[]) => {
    for (const row of rows) one(row);
  });
  return { rows: (rows: readonly SalvagedRow[]) => batch.immediate(rows), count };
}

/** Repairs rows that refer to rows that were lost. */
function mend(to: Database.Database, hasEpoch: boolean): void {
  to.transaction(() => {
    if (!hasEpoch)
      to.exec(
        `UPDATE meta SET value = COALESCE((SELECT json_extract(body, '$.epoch') FROM outbox LIMIT 1), value)
         WHERE key = 'epoch'`,
      );
    // The last change of an incident holds all of it except the key that a repeat is recognised by.
    to.exec(
      `INSERT OR IGNORE INTO incidents (id, occupancy, open, opened_at, opened_order, body, last_ms)
       SELECT incident, 'recovered/' || incident, json_extract(body, '$.incident.phase') <> 'cleared',
         json_extract(body, '$.incident.openedAt'), newest, json_extract(body, '$.incident'),
         COALESCE(unixepoch(at) * 1000, 0)
       FROM (SELECT incident, max(sequence) AS newest, at, body FROM incident_changes GROUP BY incident)
       WHERE incident NOT IN (SELECT id FROM incidents)`,
    );
    to.exec("INSERT INTO pruning VALUES ('alarms', 0)");
    to.exec('DELETE FROM incident_labels WHERE incident NOT IN (SELECT id FROM incidents)');
    to.exec('DELETE FROM sessions WHERE user NOT IN (SELECT name FROM users); DELETE FROM pruning');
  }).immediate();
}

/**
 * The missing waiting events by the heads' own count. Where a head was not readable, it only says that some
 * may be missing.
 */
function lossesOf(to: Database.Database, hasHeads: boolean): Partial<Record<EventClass, Loss>> {
  const losses: Partial<Record<EventClass, Loss>> = {};
  for (const eventclass of Classes.options) {
    const head = new OutboxHeads(to).read(eventclass);
    const found = Number(
      to
        .prepare('SELECT count(*) FROM outbox WHERE class = ? AND sequence > ?')
        .pluck()
        .get(eventclass, head.acked),
    );
    const missing = waitingRows({ ...head, inherited: 0 }) - found;
    if (!hasHeads || missing < 0) losses[eventclass] = {};
    else if (missing > 0)
      losses[eventclass] = { firstSequence: head.acked + 1, lastSequence: head.last, count: missing };
  }
  // The recovery is reported even if no event is missing.
  losses.health ??= { count: 0 };
  return losses;
}

function noteRecovery(
  to: Database.Database,
  nowMs: number,
  aside: string,
  copied: Readonly<Record<string, number>>,
): void {
  const rows = Object.values(copied).reduce((sum, n) => sum + n, 0);
  const at = isoWithOffset(nowMs);
  const what = `store-recovered ${rows} rows; the damaged file is ${aside}`;
  to.prepare('INSERT INTO audit (at, who, what, body, at_ms) VALUES (?, ?, ?, ?, ?)').run(
    ...[at, 'gatehouse', what, JSON.stringify({ at, who: 'gatehouse', what, copied }), Math.round(nowMs)],
  );
  to.prepare("INSERT OR REPLACE INTO meta VALUES ('recovered_from', ?)").run(aside);
}

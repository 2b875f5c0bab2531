import type pg from 'pg';
import type { ReceivedEvent } from './intake.ts';
import { type StateRow, type StateTable, type StateTableName, stateOf, stateTables } from './projections.ts';

interface Folded {
  row: StateRow & { readonly instant_ms: number };
  applied: number;
}

/**
 * Brings the current-state tables up to a batch's new events, within the transaction that stores them: one
 * upsert a table, in the order of its key. Within one store epoch the sequence says which row is newer,
 * across epochs the instant does.
 */
export async function projectInto(client: pg.PoolClient, events: readonly ReceivedEvent[]): Promise<void> {
  const tables = new Map<StateTableName, Map<string, Folded>>();
  for (const event of events) {
    const state = stateOf(event);
    if (!state) continue;
    const { key, instant } = stateTables[state.table];
    const rows = tables.get(state.table) ?? new Map<string, Folded>();
    tables.set(state.table, rows);
    fold(rows, key, { ...state.row, instant_ms: Date.parse(String(state.row[instant])) });
  }
  for (const name of Object.keys(stateTables) as StateTableName[]) {
    const rows = tables.get(name);
    if (!rows) continue;
    const values = [...rows.values()].map(({ row, applied }) => ({ ...row, applied }));
    await client.query(upserts[name], [JSON.stringify(values)]);
  }
}

/** PostgreSQL touches a row once a statement: several changes of one thing become one, counted. */
function fold(rows: Map<string, Folded>, key: readonly string[], row: Folded['row']): void {
  const name = key.map((column) => row[column]).join('/');
  const before = rows.get(name);
  if (!before) rows.set(name, { row, applied: 1 });
  else {
    before.applied++;
    if (isNewer(row, before.row)) before.row = row;
  }
}

function isNewer(row: Folded['row'], stored: Folded['row']): boolean {
  return row.epoch === stored.epoch ? row.sequence > stored.sequence : row.instant_ms >= stored.instant_ms;
}

function upsert(table: string, { key, values }: StateTable): string {
  const columns = [...key, ...values, 'epoch', 'sequence', 'instant_ms'].map(quoted);
  const newer = `(CASE WHEN excluded.epoch = t.epoch THEN excluded.sequence > t.sequence
                       ELSE excluded.instant_ms >= t.instant_ms END)`;
  const set = columns
    .filter((column) => !key.map(quoted).includes(column))
    .map((column) => `${column} = CASE WHEN ${newer} THEN excluded.${column} ELSE t.${column} END`);
  return `INSERT INTO ${table} AS t (${columns.join(', ')}, applied)
    SELECT ${columns.join(', ')}, applied FROM json_populate_recordset(NULL::${table}, $1::json)
    ORDER BY ${key.map((column) => `${quoted(column)} COLLATE "C"`).join(', ')}
    ON CONFLICT (${key.map(quoted).join(', ')}) DO UPDATE SET ${set.join(', ')}, applied = t.applied + excluded.applied`;
}

/** `user` is a word of SQL. */
function quoted(column: string): string {
  return `"${column}"`;
}

const upserts: Readonly<Record<StateTableName, string>> = {
  incidents: upsert('incidents', stateTables.incidents),
  commands: upsert('commands', stateTables.commands),
  device_comms: upsert('device_comms', stateTables.device_comms),
};

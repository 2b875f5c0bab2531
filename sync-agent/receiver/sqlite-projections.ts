import type Database from 'better-sqlite3';
import type { ReceivedEvent } from './intake.ts';
import { type StateTable, type StateTableName, stateOf, stateTables } from './projections.ts';

/**
 * True in SQL if the arriving row is newer than the stored one: within one store epoch the sequence says so,
 * across epochs (the box's store was restored) the instant does. Rows come out of order and must not turn
 * state back.
 */
const newer = (table: string, instant: string) =>
  `(CASE WHEN excluded.epoch = ${table}.epoch THEN excluded.sequence > ${table}.sequence
         ELSE julianday(excluded.${instant}) >= julianday(${table}.${instant}) END)`;

function columnsOf({ key, values }: Pick<StateTable, 'key' | 'values'>): string[] {
  return [...key, ...values, 'epoch', 'sequence'];
}

/** Upsert that always counts the change, and takes its values only if it is newer. */
function upsert(table: string, { key, values, instant }: StateTable): string {
  const all = columnsOf({ key, values });
  const set = [...values, 'epoch', 'sequence']
    .map(
      (column) =>
        `${column} = CASE WHEN ${newer(table, instant)} THEN excluded.${column} ELSE ${table}.${column} END`,
    )
    .join(', ');
  return `INSERT INTO ${table} (${all.join(', ')}, applied) VALUES (${all.map(() => '?').join(', ')}, 1)
          ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${set}, applied = ${table}.applied + 1`;
}

interface Upsert {
  readonly columns: readonly string[];
  readonly statement: Database.Statement;
}

/** Keeps the current-state tables. Called once for each event, inside the transaction that stores it. */
export class SqliteProjections {
  readonly #upserts: Readonly<Record<StateTableName, Upsert>>;

  constructor(db: Database.Database) {
    const prepare = (table: StateTableName) => ({
      columns: columnsOf(stateTables[table]),
      statement: db.prepare(upsert(table, stateTables[table])),
    });
    this.#upserts = {
      incidents: prepare('incidents'),
      commands: prepare('commands'),
      device_comms: prepare('device_comms'),
    };
  }

  apply(event: ReceivedEvent): void {
    const state = stateOf(event);
    if (!state) return;
    const { columns, statement } = this.#upserts[state.table];
    // By position: better-sqlite3 binds 14 names in twice the time.
    statement.run(...columns.map((column) => state.row[column]));
  }
}

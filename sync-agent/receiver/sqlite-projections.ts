import type Database from 'better-sqlite3';
import type { ReceivedEvent } from './intake.ts';
import { type StateTable, type StateTableName, stateOf, stateTables } from './projections.ts';

/**
 * True in SQL if the arriving row is newer than the stored one: within one store epoch the sequence says so, across
 * epochs (the box's store was restored) the instant does. Rows come out of order and must not turn state back.
 */
const newer = (table: string, instant: string) =>
  `(CASE WHEN excluded.epoch = ${table}.epoch THEN excluded.sequence > ${table}.sequence
         ELSE julianday(excluded.${instant}) >= julianday(${table}.${instant}) END)`;

/** Upsert that always counts the change, and takes its values only if it is newer. */
function upsert(table: string, { key, values, instant }: StateTable): string {
  const all = [...key, ...values, 'epoch', 'sequence'];
  const set = [...values, 'epoch', 'sequence']
    .map(
      (column) =>
        `${column} = CASE WHEN ${newer(table, instant)} THEN excluded.${column} ELSE ${table}.${column} END`,
    )
    .join(', ');
  return `INSERT INTO ${table} (${all.join(', ')}, applied) VALUES (${all.map((c) => `@${c}`).join(', ')}, 1)
          ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${set}, applied = ${table}.applied + 1`;
}

/** Keeps the current-state tables. Called once for each event, inside the transaction that stores it. */
export class SqliteProjections {
  readonly #upserts: Readonly<Record<StateTableName, Database.Statement>>;

  constructor(db: Database.Database) {
    const prepare = (table: StateTableName) => db.prepare(upsert(table, stateTables[table]));
    this.#upserts = {
      incidents: prepare('incidents'),
      commands: prepare('commands'),
      device_comms: prepare('device_comms'),
    };
  }

  apply(event: ReceivedEvent): void {
    const state = stateOf(event);
    if (state) this.#upserts[state.table].run(state.row);
  }
}

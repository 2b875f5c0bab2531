import type { StoreSettings } from '@gatehouse/contracts';
import type Database from 'better-sqlite3';

/** Rows a transaction. An incident takes its changes and labels with it, some 20 rows, so fewer of them. */
const chunk = { incidents: 25, rows: 250 };
/** Candidates looked at to find them: where the uplink has been away for a month, none of them may go yet. */
const lookAt = 500;
const dayMs = 86_400_000;

/** The result of one step of retention. */
export interface Pruned {
  /** Incidents that are gone: their stills and clips may go, too. */
  readonly incidents: readonly string[];
  /** False when there is nothing more to do now. */
  readonly more: boolean;
}

/**
 * Deletes records past their term, in small transactions. It never deletes an open incident, or a record of
 * an event that the platform does not have yet. The triggers of the schema refuse every other deletion, so
 * nothing else of the program can shorten a term.
 */
export class Retention {
  readonly #db: Database.Database;
  readonly #terms: StoreSettings['retentionDays'];
  /** The place where the look at incidents goes on: age and row of the last one. */
  #from = { ms: 0, row: 0 };
  constructor(db: Database.Database, terms: StoreSettings['retentionDays']) {
    this.#db = db;
    this.#terms = terms;
  }

  /** One step, one transaction; `nowMs` is wall time that is trusted. */
  step(nowMs: number): Pruned {
    return this.#db
      .transaction(() => {
        const before = {
          alarms: nowMs - this.#terms.alarms * dayMs,
          logs: nowMs - this.#terms.logs * dayMs,
          transfers: nowMs - this.#terms.transfers * dayMs,
        };
        for (const [what, ms] of Object.entries(before))
          this.#run('INSERT INTO pruning VALUES (?, ?)', what, Math.floor(ms));
        const { gone, more } = this.#incidents(before.alarms);
        const rows =
          this.#deviceEvents(before.logs) +
          this.#aged('audit', before.logs) +
          this.#aged('outbox_refusals', before.logs) +
          this.#aged('transfers', before.transfers);
        this.#run('DELETE FROM pruning');
        return { incidents: gone, more: more || rows > 0 };
      })
      .immediate();
  }

  #incidents(beforeMs: number): { gone: string[]; more: boolean } {
    const candidates = this.#db
      .prepare(
        `SELECT rowid AS row, id, last_ms AS ms, outbox_sequence AS sequence FROM incidents
         WHERE open = 0 AND last_ms < @beforeMs AND (last_ms, rowid) > (@ms, @row)
         ORDER BY last_ms, rowid LIMIT ${lookAt}`,
      )
      .all({ beforeMs, ...this.#from }) as { row: number; id: string; ms: number; sequence: number }[];
    const sentUpTo = this.#sentUpTo('alarm');
    const due = candidates.filter(({ sequence }) => sequence <= sentUpTo);
    const going = due.slice(0, chunk.incidents);
    for (const { id } of going) {
      this.#run('DELETE FROM incident_labels WHERE incident = ?', id);
      this.#run('DELETE FROM media WHERE incident = ?', id);
      this.#run('DELETE FROM incident_changes WHERE incident = ?', id);
      this.#run('DELETE FROM incidents WHERE id = ?', id);
    }
    const last = due.length > going.length ? going.at(-1) : candidates.at(-1);
    const more = due.length > going.length || candidates.length === lookAt;
    this.#from = more && last ? { ms: last.ms, row: last.row } : { ms: 0, row: 0 };
    return { gone: going.map(({ id }) => id), more };
  }

  #deviceEvents(beforeMs: number): number {
    return this.#run(
      `DELETE FROM device_events WHERE rowid IN (SELECT rowid FROM device_events
       WHERE at_ms < ? AND outbox_sequence <= ? ORDER BY at_ms LIMIT ${chunk.rows})`,
      beforeMs,
      this.#sentUpTo('door'),
    );
  }

  #aged(table: 'audit' | 'transfers' | 'outbox_refusals', beforeMs: number): number {
    const key = table === 'outbox_refusals' ? '(epoch, class, sequence)' : 'sequence';
    const columns = table === 'outbox_refusals' ? 'epoch, class, sequence' : 'sequence';
    return this.#run(
      `DELETE FROM ${table} WHERE ${key} IN (SELECT ${columns} FROM ${table} WHERE at_ms < ? LIMIT ${chunk.rows})`,
      beforeMs,
    );
  }

  /** The platform has all rows up to here; none while rows of an earlier epoch wait. */
  #sentUpTo(eventclass: 'alarm' | 'door'): number {
    return Number(
      this.#db
        .prepare('SELECT CASE WHEN inherited > 0 THEN -1 ELSE acked END FROM outbox_heads WHERE class = ?')
        .pluck()
        .get(eventclass),
    );
  }
  #run(sql: string, ...values: (string | number)[]): number {
    return this.#db.prepare(sql).run(...values).changes;
  }
}

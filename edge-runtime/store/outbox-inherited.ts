import type { EventClass, OutboxPage } from '@gatehouse/contracts';
import type Database from 'better-sqlite3';
import { inEpoch } from './outbox-body.ts';
import type { OutboxHeads } from './outbox-heads.ts';

/** Rows deleted in one transaction; an acknowledgement of more takes several. */
const deleteChunk = 500;

/**
 * Unsent rows of an earlier epoch of this store, from a recovered file or a restored backup. They go out
 * first and under their own ids, so that the platform recognises those that it has and applies none twice.
 * Then the class goes on in this epoch.
 */
export class InheritedOutbox {
  readonly #db: Database.Database;
  readonly #box: string;
  readonly #heads: OutboxHeads;
  readonly #statements: ReturnType<typeof prepare>;
  constructor(db: Database.Database, box: string, heads: OutboxHeads) {
    this.#db = db;
    this.#box = box;
    this.#heads = heads;
    this.#statements = prepare(db);
  }

  /**
   * Rows of the oldest epoch that has any, or `undefined` when none has. This store does not know the true
   * `last`: the old epoch may have gone further than its saved rows, and the platform may acknowledge that.
   */
  page(eventclass: EventClass, after: number, limit: number): OutboxPage | undefined {
    const first = this.#statements.first.get(eventclass) as { generation: number; epoch: string } | undefined;
    if (!first) return undefined;
    const stored = this.#statements.batch.all(eventclass, first.generation, after, limit) as string[];
    const bodies = stored.map((body) => inEpoch(body, this.#box, first.epoch));
    return { epoch: first.epoch, eventclass, bodies, last: Number.MAX_SAFE_INTEGER };
  }

  /** Deletes the rows that the platform has. False if this store never had that epoch. */
  acknowledge(epoch: string, eventclass: EventClass, upTo: number): boolean {
    const known = this.#statements.known.get(epoch) as number | undefined;
    if (known === undefined) return false;
    const step = this.#db.transaction(() => {
      const { changes } = this.#statements.remove.run(eventclass, known, eventclass, known, upTo);
      this.#heads.inherit(eventclass, -changes);
      return changes;
    });
    while (step.immediate() === deleteChunk);
    return true;
  }

  holds(epoch: string, eventclass: EventClass, sequence: number): boolean {
    return this.#statements.holds.get(eventclass, epoch, sequence) !== undefined;
  }

  /**
   * Digest of the event that waits under a number of an earlier epoch; absent without such an event or
   * digest.
   */
  digestAt(epoch: string, eventclass: EventClass, sequence: number): unknown {
    return this.#statements.digestAt.get(eventclass, epoch, sequence);
  }

  oldestMs(eventclass: EventClass): number | undefined {
    return (this.#statements.first.get(eventclass) as { createdMs: number } | undefined)?.createdMs;
  }
}

function prepare(db: Database.Database) {
  return {
    first: db.prepare(
      `SELECT generation, epoch, created_ms AS createdMs FROM outbox_inherited JOIN outbox_epochs USING (generation)
       WHERE class = ? ORDER BY generation, sequence LIMIT 1`,
    ),
    known: db.prepare('SELECT generation FROM outbox_epochs WHERE epoch = ?').pluck(),
    holds: db.prepare(
      `SELECT 1 FROM outbox_inherited JOIN outbox_epochs USING (generation)
       WHERE class = ? AND epoch = ? AND sequence = ?`,
    ),
    digestAt: db
      .prepare(
        `SELECT json_extract(body, '$.digest') FROM outbox_inherited JOIN outbox_epochs USING (generation)
         WHERE class = ? AND epoch = ? AND sequence = ?`,
      )
      .pluck(),
    batch: db
      .prepare(
        `SELECT body FROM outbox_inherited WHERE class = ? AND generation = ? AND sequence > ?
         ORDER BY sequence LIMIT ?`,
      )
      .pluck(),
    remove: db.prepare(
      `DELETE FROM outbox_inherited WHERE class = ? AND generation = ? AND sequence IN
       (SELECT sequence FROM outbox_inherited WHERE class = ? AND generation = ? AND sequence <= ?
        ORDER BY sequence LIMIT ${deleteChunk})`,
    ),
  };
}

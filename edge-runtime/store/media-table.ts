import { MediaJob, RedactedFacts } from '@gatehouse/contracts';
import type { Clock } from '@gatehouse/kit';
import type Database from 'better-sqlite3';
import { z } from 'zod';
import type { OutboxEntry } from './outbox.ts';
import type { Transfer } from './transfers.ts';

/** Facts about a redacted picture, whose bytes lie in a file. */
export const MediaFacts = RedactedFacts.extend(MediaJob.omit({ id: true }).shape);
export type MediaFacts = z.infer<typeof MediaFacts>;

/** A picture on its way: `waiting` to be redacted, `ready` to be sent. */
export interface PendingMedia {
  readonly id: string;
  readonly incident: string;
  readonly state: 'waiting' | 'ready';
  /** Wall-clock milliseconds. */
  readonly queuedMs: number;
  /** Its transfer has begun. */
  readonly handed: boolean;
  /** Present once it is redacted. */
  readonly facts: MediaFacts | undefined;
}

/** The parts that one transaction may touch. */
export interface MediaWrites {
  /** The file that is open now: a damaged one is replaced during the transaction. */
  readonly db: Database.Database;
  readonly append: (entry: OutboxEntry) => void;
  readonly record: (transfer: Transfer) => void;
}

/** The parts of the store that the table needs. */
export interface MediaStore {
  readonly clock: Clock;
  /** Runs `work` as one transaction. Throws `STORE_FULL`. */
  readonly atomically: <T>(work: (writes: MediaWrites) => T) => T;
}

const Row = z.object({
  id: z.string(),
  incident: z.string(),
  state: z.enum(['waiting', 'ready']),
  queuedMs: z.number(),
  handed: z.number(),
  body: z.string(),
});
const columns = 'id, incident, state, queued_ms AS queuedMs, handed, body';

/**
 * Pictures that wait for their way to the platform. The outcome of each is kept as long as its incident, so
 * that none is sent twice.
 */
export class MediaTable {
  readonly #db: Database.Database;
  readonly #store: MediaStore;
  constructor(db: Database.Database, store: MediaStore) {
    this.#db = db;
    this.#store = store;
  }

  /** Queues the picture of an incident; false if there has been one already. Throws `STORE_FULL`. */
  queue(id: string, incident: string): boolean {
    const nowMs = Math.round(this.#store.clock.epochMs());
    return this.#store.atomically(
      ({ db }) =>
        db
          .prepare(
            `INSERT INTO media (id, incident, state, queued_ms, body) VALUES (?, ?, 'waiting', ?, '{}')
             ON CONFLICT DO NOTHING`,
          )
          .run(id, incident, nowMs).changes > 0,
    );
  }

  /** Waiting pictures, oldest first. */
  pending(): PendingMedia[] {
    return this.#db
      .prepare(
        `SELECT ${columns} FROM media WHERE state IN ('waiting', 'ready') ORDER BY queued_ms, rowid LIMIT 1000`,
      )
      .all()
      .map(pendingOf);
  }

  /** `undefined` for a picture that never existed or no longer waits. */
  byId(id: string): PendingMedia | undefined {
    const row = this.#db
      .prepare(`SELECT ${columns} FROM media WHERE id = ? AND state IN ('waiting', 'ready')`)
      .get(id);
    return row === undefined ? undefined : pendingOf(row);
  }

  /** The picture has been redacted and its file written. */
  ready(id: string, facts: MediaFacts): void {
    this.#store.atomically(({ db }) =>
      db
        .prepare("UPDATE media SET state = 'ready', body = ? WHERE id = ? AND state = 'waiting'")
        .run(JSON.stringify(facts), id),
    );
  }

  /**
   * Records, once for each picture, that it is about to leave the box. Durable when it returns. Throws
   * `STORE_FULL`; then the picture must not leave.
   */
  hand(id: string, transfer: Transfer): void {
    this.#store.atomically(({ db, record }) => {
      const first = db.prepare('UPDATE media SET handed = 1 WHERE id = ? AND handed = 0').run(id);
      if (first.changes > 0) record(transfer);
    });
  }

  /**
   * Ends it, with the event that says so, in one transaction. False if it had ended before. Throws
   * `STORE_FULL`.
   */
  end(id: string, state: 'stored' | 'withheld', entry: OutboxEntry): boolean {
    return this.#store.atomically(({ db, append }) => {
      const ended = db
        .prepare("UPDATE media SET state = ? WHERE id = ? AND state IN ('waiting', 'ready')")
        .run(state, id);
      if (ended.changes > 0) append(entry);
      return ended.changes > 0;
    });
  }
}

function pendingOf(row: unknown): PendingMedia {
  const { body, handed, ...rest } = Row.parse(row);
  const facts = rest.state === 'ready' ? MediaFacts.parse(JSON.parse(body)) : undefined;
  return { ...rest, handed: handed === 1, facts };
}

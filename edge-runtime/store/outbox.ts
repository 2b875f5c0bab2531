import type { EventClass, OutboxAck, OutboxBatch, OutboxRefusal, WireEvent } from '@gatehouse/contracts';
import { wireId, wireSource } from '@gatehouse/contracts';
import { GatehouseError } from '@gatehouse/kit';
import type Database from 'better-sqlite3';

/** Rows deleted at a time, so that a large acknowledgement never holds the process for long (sync.md: 1.64 s seen). */
const deleteChunk = 500;

/** What a new outbox row says; the store adds id, epoch and sequence. */
export interface OutboxEntry {
  readonly eventclass: EventClass;
  readonly type: WireEvent['type'];
  readonly time: string;
  readonly subject?: string;
  readonly data: WireEvent['data'];
}

export interface OutboxBacklog {
  readonly eventclass: EventClass;
  readonly waiting: number;
  readonly last: number;
  readonly acked: number;
  /** Wall-clock milliseconds at which the oldest waiting row was written. */
  readonly oldestMs: number | undefined;
}

/** The outbox tables. `append` must run inside the transaction that makes the change it tells of. */
export class Outbox {
  readonly #db: Database.Database;
  readonly #box: string;
  #appended = 0;
  readonly epoch: string;
  constructor(db: Database.Database, box: string) {
    this.#db = db;
    this.#box = box;
    this.epoch = String(db.prepare("SELECT value FROM meta WHERE key = 'epoch'").pluck().get());
  }

  /** Rows appended since this was made, whether or not their transaction held. */
  get appended(): number {
    return this.#appended;
  }

  append(entry: OutboxEntry, nowMs: number): WireEvent {
    this.#appended++;
    const sequence = Number(
      this.#db
        .prepare('UPDATE outbox_heads SET last = last + 1 WHERE class = ? RETURNING last')
        .pluck()
        .get(entry.eventclass),
    );
    const event: WireEvent = {
      specversion: '1.0',
      id: wireId(this.#box, this.epoch, entry.eventclass, sequence),
      source: wireSource(this.#box),
      type: entry.type,
      time: entry.time,
      ...(entry.subject ? { subject: entry.subject } : {}),
      datacontenttype: 'application/json',
      boxid: this.#box,
      epoch: this.epoch,
      eventclass: entry.eventclass,
      sequence,
      data: entry.data,
    };
    this.#db
      .prepare('INSERT INTO outbox VALUES (?, ?, ?, ?)')
      .run(entry.eventclass, sequence, Math.round(nowMs), JSON.stringify(event));
    return event;
  }

  /** Rows of one class after a sequence, in order. `last` is the newest sequence ever given out. */
  batch(eventclass: EventClass, after: number, limit: number): OutboxBatch {
    const bodies = this.#db
      .prepare('SELECT body FROM outbox WHERE class = ? AND sequence > ? ORDER BY sequence LIMIT ?')
      .pluck()
      .all(eventclass, after, limit) as string[];
    return {
      epoch: this.epoch,
      eventclass,
      events: bodies.map((body) => JSON.parse(body)),
      last: this.#head(eventclass).last,
    };
  }

  /** Deletes what the platform has in its database, in chunks. Refuses another epoch's or a never-sent number. */
  acknowledge(ack: OutboxAck): void {
    const head = this.#head(ack.eventclass);
    if (ack.epoch !== this.epoch || ack.upTo > head.last)
      throw new GatehouseError(
        'ACK_NOT_OURS',
        'peer',
        `acknowledgement of ${ack.eventclass} ${ack.upTo} in epoch ${ack.epoch} is not of this store (epoch ${this.epoch}, last ${head.last}).`,
        'Nothing was deleted; check that two boxes do not share an id.',
      );
    if (ack.upTo <= head.acked) return;
    const chunk = this.#db.prepare('DELETE FROM outbox WHERE class = ? AND sequence > ? AND sequence <= ?');
    const mark = this.#db.prepare('UPDATE outbox_heads SET acked = ? WHERE class = ?');
    const step = this.#db.transaction((from: number, to: number) => {
      chunk.run(ack.eventclass, from, to);
      mark.run(to, ack.eventclass);
    });
    for (let from = head.acked; from < ack.upTo; from += deleteChunk)
      step(from, Math.min(from + deleteChunk, ack.upTo));
  }

  /**
   * Logs a refused row once; the row itself goes when its stand-in is acknowledged. Throws for a row that this store
   * never had: the agent is what the network reaches first, and must not be able to fill the disk.
   */
  refuse({ epoch, eventclass, sequence, reason, detail }: OutboxRefusal): void {
    if (epoch !== this.epoch || sequence > this.#head(eventclass).last)
      throw new GatehouseError(
        'REFUSAL_NOT_OURS',
        'input',
        `the refusal of ${eventclass} ${sequence} is not of this store (epoch ${this.epoch}).`,
        'Nothing was recorded; sync-agent learns the epoch anew with its next pull.',
      );
    this.#db
      .prepare('INSERT INTO outbox_refusals VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING')
      .run(epoch, eventclass, sequence, reason, detail);
  }

  refusals(): number {
    return Number(this.#db.prepare('SELECT COUNT(*) FROM outbox_refusals').pluck().get());
  }

  backlog(): OutboxBacklog[] {
    const rows = this.#db
      .prepare(
        `SELECT h.class AS eventclass, h.last, h.acked, COUNT(o.sequence) AS waiting, MIN(o.created_ms) AS oldest
         FROM outbox_heads h LEFT JOIN outbox o ON o.class = h.class GROUP BY h.class`,
      )
      .all() as {
      eventclass: EventClass;
      last: number;
      acked: number;
      waiting: number;
      oldest: number | null;
    }[];
    return rows.map(({ oldest, ...row }) => ({ ...row, oldestMs: oldest ?? undefined }));
  }

  #head(eventclass: EventClass): { last: number; acked: number } {
    return this.#db.prepare('SELECT last, acked FROM outbox_heads WHERE class = ?').get(eventclass) as {
      last: number;
      acked: number;
    };
  }
}

import type { WireAck } from '@gatehouse/contracts';
import { explainSqlite, openDurable } from '@gatehouse/kit';
import Database from 'better-sqlite3';
import type { ReceivedEvent } from './intake.ts';
import { migrations } from './schema.ts';
import { SqliteAuditHeads } from './sqlite-audit-heads.ts';
import { SqliteProjections } from './sqlite-projections.ts';
import { pruneSqlite } from './sqlite-retention.ts';
import { positionsLimit, type ReceiverStore, type RetentionDays } from './store.ts';
import { type StreamChange, saidGap, streamChanges, streamKey } from './streams.ts';

/** Prefix of its error codes. */
const code = 'RECEIVER';

/** The demo receiver's database: one file, which `query.ts` may read along. */
export class SqliteReceiverStore implements ReceiverStore {
  readonly #db: Database.Database;
  readonly #projections: SqliteProjections;
  readonly #heads: SqliteAuditHeads;
  readonly #apply: Database.Transaction<(batch: readonly ReceivedEvent[], receivedAt: string) => WireAck[]>;
  readonly #statements: ReturnType<typeof prepare>;

  private constructor(db: Database.Database) {
    this.#db = db;
    this.#projections = new SqliteProjections(db);
    this.#heads = new SqliteAuditHeads(db);
    this.#statements = prepare(db);
    this.#apply = db.transaction((batch, receivedAt) => this.#applyInside(batch, receivedAt));
  }

  /** Opens or makes the file. Throws `RECEIVER_*` errors that name it and the remedy. */
  static open(file: string): SqliteReceiverStore {
    return new SqliteReceiverStore(
      openDurable((path) => new Database(path), { file, code, shared: true, migrations }),
    );
  }

  async apply(batch: readonly ReceivedEvent[], receivedAt: string): Promise<readonly WireAck[]> {
    return this.#guard(() => this.#apply.immediate(batch, receivedAt));
  }

  async positions(): Promise<readonly WireAck[]> {
    return this.#statements.positions.all({ limit: positionsLimit }) as WireAck[];
  }

  async refuse(why: string, receivedAt: string, count: number): Promise<void> {
    this.#guard(() => this.#statements.refuse.run({ why, receivedAt, count }));
  }

  async prune(terms: RetentionDays, now: string): Promise<number> {
    return this.#guard(() => pruneSqlite(this.#db, terms, now));
  }

  async close(): Promise<void> {
    this.#db.close();
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      throw explainSqlite(cause, { file: this.#db.name, code });
    }
  }

  #applyInside(batch: readonly ReceivedEvent[], receivedAt: string): WireAck[] {
    const changes = streamChanges(batch, receivedAt);
    const pruned = new Map(
      changes.map((c) => [streamKey(c), Number(this.#statements.pruned.get(streamOf(c)) ?? 0)]),
    );
    for (const event of batch)
      if (event.sequence > (pruned.get(streamKey(event)) ?? 0)) this.#storeOne(event, receivedAt);
    return changes.map((change) => this.#advance(change, receivedAt));
  }

  #storeOne(event: ReceivedEvent, receivedAt: string): void {
    const { source, id, box, epoch, eventclass, sequence, type, time, historical, understanding } = event;
    const data = JSON.stringify(event.data);
    const { changes } = this.#statements.insert.run(
      ...[source, id, box, epoch, eventclass, sequence, type, time],
      ...[historical ? 1 : 0, understanding, data, receivedAt],
    );
    if (changes === 0) {
      this.#statements.again.run({ box, epoch, eventclass, sequence });
      return;
    }
    this.#projections.apply(event);
    this.#heads.take(event, receivedAt);
    const gap = saidGap(event);
    if (gap) this.#statements.gap.run({ ...gap, receivedAt });
  }

  /** Moves a stream's mark over everything stored without a hole, past what the box will never send again. */
  #advance(change: StreamChange, receivedAt: string): WireAck {
    const { box, epoch, eventclass, settled } = change;
    const stream = streamOf(change);
    const before = Number(this.#statements.position.get(stream) ?? 0);
    let complete = this.#completeFrom(stream, before);
    for (;;) {
      const said = this.#statements.saidUpTo.get({ ...stream, complete }) as number | null;
      if (said === null && complete >= settled) break;
      const next = Number(this.#statements.firstAfter.get({ ...stream, complete }) ?? settled + 1);
      const last = said ?? Math.min(settled, next - 1);
      if (said === null)
        this.#statements.gap.run({ ...stream, first: complete + 1, last, reason: 'settled', receivedAt });
      complete = this.#completeFrom(stream, last);
    }
    this.#statements.advance.run({ ...change, complete, receivedAt });
    return { boxid: box, epoch, eventclass: eventclass as WireAck['eventclass'], upTo: complete };
  }

  #completeFrom(stream: { box: string; epoch: string; eventclass: string }, from: number): number {
    return Number(this.#statements.complete.get({ ...stream, from }));
  }
}

function streamOf({ box, epoch, eventclass }: StreamChange) {
  return { box, epoch, eventclass };
}

function prepare(db: Database.Database) {
  const ofStream = 'box = @box AND epoch = @epoch AND class = @eventclass';
  return {
    insert: db.prepare(
      `INSERT INTO events (source, id, box, epoch, class, sequence, type, time, historical, understanding, data, received_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (box, epoch, class, sequence) DO NOTHING`,
    ),
    again: db.prepare(
      `UPDATE events SET deliveries = deliveries + 1 WHERE ${ofStream} AND sequence = @sequence`,
    ),
    position: db.prepare(`SELECT contiguous FROM streams WHERE ${ofStream}`).pluck(),
    /** The last of the run of sequences that follows `from` without a hole; `from` itself if its successor is missing. */
    complete: db
      .prepare(
        `WITH RECURSIVE run(n) AS (
           SELECT @from
           UNION ALL
           SELECT n + 1 FROM run
           WHERE EXISTS (SELECT 1 FROM events WHERE ${ofStream} AND sequence = n + 1))
         SELECT max(n) FROM run`,
      )
      .pluck(),
    firstAfter: db
      .prepare(`SELECT min(sequence) FROM events WHERE ${ofStream} AND sequence > @complete`)
      .pluck(),
    pruned: db.prepare(`SELECT pruned FROM streams WHERE ${ofStream}`).pluck(),
    saidUpTo: db
      .prepare(`SELECT max(last) FROM gaps WHERE ${ofStream} AND first <= @complete + 1 AND last > @complete`)
      .pluck(),
    gap: db.prepare(
      `INSERT INTO gaps (box, epoch, class, first, last, reason, found_at)
       VALUES (@box, @epoch, @eventclass, @first, @last, @reason, @receivedAt)
       ON CONFLICT DO UPDATE SET last = max(last, excluded.last)`,
    ),
    advance: db.prepare(
      `INSERT INTO streams (box, epoch, class, contiguous, highest, lag_ms, updated_at)
       VALUES (@box, @epoch, @eventclass, @complete, @highest, @lagMs, @receivedAt)
       ON CONFLICT (box, epoch, class) DO UPDATE
       SET contiguous = max(contiguous, excluded.contiguous), updated_at = excluded.updated_at,
         lag_ms = CASE WHEN excluded.highest > highest THEN excluded.lag_ms ELSE lag_ms END,
         highest = max(highest, excluded.highest)`,
    ),
    positions: db.prepare(
      'SELECT box AS boxid, epoch, class AS eventclass, contiguous AS upTo FROM streams ORDER BY updated_at DESC LIMIT @limit',
    ),
    refuse: db.prepare(
      `INSERT INTO refused (why, count, last_at) VALUES (@why, @count, @receivedAt)
       ON CONFLICT (why) DO UPDATE SET count = count + excluded.count, last_at = excluded.last_at`,
    ),
  };
}

import type { WireAck } from '@gatehouse/contracts';
import { explainSqlite, openDurable } from '@gatehouse/kit';
import Database from 'better-sqlite3';
import type { ReceivedEvent } from './intake.ts';
import { Projections } from './projections.ts';
import { migrations } from './schema.ts';
import type { ReceiverStore } from './store.ts';

/** Prefix of its error codes. */
const code = 'RECEIVER';

/** The demo receiver's database: one file, which `query.ts` may read along. */
export class SqliteReceiverStore implements ReceiverStore {
  readonly #db: Database.Database;
  readonly #projections: Projections;
  readonly #apply: Database.Transaction<(batch: readonly ReceivedEvent[], receivedAt: string) => WireAck[]>;
  readonly #statements: ReturnType<typeof prepare>;

  private constructor(db: Database.Database) {
    this.#db = db;
    this.#projections = new Projections(db);
    this.#statements = prepare(db);
    this.#apply = db.transaction((batch, receivedAt) => this.#applyInside(batch, receivedAt));
  }

  /** Opens or makes the file. Throws `RECEIVER_*` errors that name it and the remedy. */
  static open(file: string): SqliteReceiverStore {
    return new SqliteReceiverStore(
      openDurable((path) => new Database(path), { file, code, shared: true, migrations }),
    );
  }

  apply(batch: readonly ReceivedEvent[], receivedAt: string): readonly WireAck[] {
    return this.#guard(() => this.#apply.immediate(batch, receivedAt));
  }

  positions(): readonly WireAck[] {
    return this.#statements.positions.all() as WireAck[];
  }

  refuse(why: string, receivedAt: string): void {
    this.#guard(() => this.#statements.refuse.run({ why, receivedAt }));
  }

  close(): void {
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
    const streams = new Map<string, ReceivedEvent>();
    for (const event of batch) {
      this.#storeOne(event, receivedAt);
      const key = `${event.box}/${event.epoch}/${event.eventclass}`;
      if (event.settled >= (streams.get(key)?.settled ?? 0)) streams.set(key, event);
    }
    return [...streams.values()].map((event) => this.#advance(event, receivedAt));
  }

  #storeOne(event: ReceivedEvent, receivedAt: string): void {
    const row = {
      ...event,
      historical: event.historical ? 1 : 0,
      data: JSON.stringify(event.data),
      receivedAt,
    };
    if (this.#statements.insert.run(row).changes === 1) this.#projections.apply(event);
    else this.#statements.again.run(row);
  }

  /** Moves a stream's mark over everything stored without a hole, first past what the box will never send again. */
  #advance(event: ReceivedEvent, receivedAt: string): WireAck {
    const { box, epoch, eventclass, settled } = event;
    const stream = { box, epoch, eventclass };
    const before = Number(this.#statements.position.get(stream) ?? 0);
    let complete = this.#completeFrom(stream, before);
    while (complete < settled) {
      const next = Number(this.#statements.firstAfter.get({ ...stream, complete }) ?? settled + 1);
      const last = Math.min(settled, next - 1);
      this.#statements.gap.run({ ...stream, first: complete + 1, last, receivedAt });
      complete = this.#completeFrom(stream, last);
    }
    this.#statements.advance.run({ ...stream, complete, receivedAt });
    return { boxid: box, epoch, eventclass: event.eventclass as WireAck['eventclass'], upTo: complete };
  }

  #completeFrom(stream: { box: string; epoch: string; eventclass: string }, from: number): number {
    return Number(this.#statements.complete.get({ ...stream, from }));
  }
}

function prepare(db: Database.Database) {
  const ofStream = 'box = @box AND epoch = @epoch AND class = @eventclass';
  return {
    insert: db.prepare(
      `INSERT INTO events (source, id, box, epoch, class, sequence, type, time, historical, understanding, data, received_at)
       VALUES (@source, @id, @box, @epoch, @eventclass, @sequence, @type, @time, @historical, @understanding, @data, @receivedAt)
       ON CONFLICT (source, id) DO NOTHING`,
    ),
    again: db.prepare('UPDATE events SET deliveries = deliveries + 1 WHERE source = @source AND id = @id'),
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
    gap: db.prepare(
      `INSERT INTO gaps (box, epoch, class, first, last, found_at)
       VALUES (@box, @epoch, @eventclass, @first, @last, @receivedAt) ON CONFLICT DO NOTHING`,
    ),
    advance: db.prepare(
      `INSERT INTO streams (box, epoch, class, contiguous, updated_at)
       VALUES (@box, @epoch, @eventclass, @complete, @receivedAt)
       ON CONFLICT (box, epoch, class) DO UPDATE
       SET contiguous = max(contiguous, excluded.contiguous), updated_at = excluded.updated_at`,
    ),
    positions: db.prepare(
      'SELECT box AS boxid, epoch, class AS eventclass, contiguous AS upTo FROM streams ORDER BY updated_at DESC',
    ),
    refuse: db.prepare(
      `INSERT INTO refused (why, count, last_at) VALUES (@why, 1, @receivedAt)
       ON CONFLICT (why) DO UPDATE SET count = count + 1, last_at = excluded.last_at`,
    ),
  };
}

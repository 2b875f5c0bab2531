import type { WireAck } from '@gatehouse/contracts';
import { systemCode } from '@gatehouse/kit';
import type pg from 'pg';
import type { ReceivedEvent } from './intake.ts';
import { checkHeads } from './postgres-audit-heads.ts';
import { explainPostgres, inTransaction, openPostgres } from './postgres-connection.ts';
import { projectInto } from './postgres-projections.ts';
import { prunePostgres } from './postgres-retention.ts';
import { positionsLimit, type ReceiverStore, type RetentionDays } from './store.ts';
import { inLockOrder, saidGap, streamChanges } from './streams.ts';

/** A transaction that PostgreSQL chose to end for the sake of others (40001, 40P01) is tried this often in all. */
const tries = 4;

/**
 * Stores a batch's events in lock order. Repeats only count; the answer names those that are new, since only theirs is the
 * batch's own count of deliveries. What retention has deleted is a repeat, too. Columns come as lists, not as one JSON text:
 * taking that apart would undo escapes such as \u0000, which no text of PostgreSQL can hold.
 */
const storeEvents = `
  INSERT INTO events (source, id, box, epoch, class, sequence, type, time, historical, understanding, data, received_at, deliveries)
  SELECT e.source, e.id, e.box, e.epoch, e.class, e.sequence, e.type, e.time, e.historical, e.understanding, e.data,
         $2::timestamptz, e.deliveries
  FROM unnest($1::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::text[], $9::text[], $10::boolean[],
              $11::text[], $12::json[], $13::integer[])
    AS e(source, id, box, epoch, class, sequence, type, time, historical, understanding, data, deliveries)
  WHERE NOT EXISTS (SELECT 1 FROM streams s
    WHERE s.box = e.box AND s.epoch = e.epoch AND s.class = e.class AND e.sequence <= s.pruned)
  ORDER BY e.box COLLATE "C", e.epoch COLLATE "C", e.class COLLATE "C", e.sequence
  ON CONFLICT (box, epoch, class, sequence) DO UPDATE SET deliveries = events.deliveries + excluded.deliveries
  RETURNING id, deliveries`;

const storeGaps = `
  INSERT INTO gaps (box, epoch, class, first, last, reason, found_at)
  SELECT g.box, g.epoch, g.class, g.first, max(g.last), min(g.reason), $2::timestamptz
  FROM json_populate_recordset(NULL::gaps, $1::json) g
  GROUP BY g.box, g.epoch, g.class, g.first
  ORDER BY g.box COLLATE "C", g.epoch COLLATE "C", g.class COLLATE "C", g.first
  ON CONFLICT (box, epoch, class, first) DO UPDATE SET last = greatest(gaps.last, excluded.last)`;

/** Takes the row of each stream, in lock order and until the commit. */
const takeStreams = `
  INSERT INTO streams (box, epoch, class, highest, lag_ms, updated_at)
  SELECT s.box, s.epoch, s.class, s.highest, s.lag_ms, $2::timestamptz
  FROM json_populate_recordset(NULL::streams, $1::json) s
  ORDER BY s.box COLLATE "C", s.epoch COLLATE "C", s.class COLLATE "C"
  ON CONFLICT (box, epoch, class) DO UPDATE SET updated_at = greatest(streams.updated_at, excluded.updated_at),
    lag_ms = CASE WHEN excluded.highest > streams.highest THEN excluded.lag_ms ELSE streams.lag_ms END,
    highest = greatest(streams.highest, excluded.highest)`;

const advanceStreams = `
  SELECT s.box AS boxid, s.epoch, s.class AS eventclass,
         advance_stream(s.box, s.epoch, s.class, s.settled, $2::timestamptz) AS "upTo"
  FROM json_to_recordset($1::json) AS s(box text, epoch text, class text, settled bigint)`;

/** The platform's database for several receivers, each of which sees a part of a box's events. */
export class PostgresReceiverStore implements ReceiverStore {
  readonly #pool: pg.Pool;
  readonly #url: string;

  private constructor(pool: pg.Pool, url: string) {
    this.#pool = pool;
    this.#url = url;
  }

  /**
   * Connects, migrates and checks that commits are durable. Throws `RECEIVER_*` errors. `onIdleError` hears of connections that
   * broke while nobody used them; the next use opens another.
   */
  static async open(url: string, onIdleError: (error: unknown) => void): Promise<PostgresReceiverStore> {
    return new PostgresReceiverStore(await openPostgres(url, onIdleError), url);
  }

  apply(batch: readonly ReceivedEvent[], receivedAt: string): Promise<readonly WireAck[]> {
    return this.#guard(async () => {
      for (let attempt = 1; ; attempt++)
        try {
          return await inTransaction(this.#pool, (client) => applyInside(client, batch, receivedAt));
        } catch (error) {
          if (attempt === tries || !/^40/.test(systemCode(error) ?? '')) throw error;
        }
    });
  }

  positions(): Promise<readonly WireAck[]> {
    const sql = `SELECT box AS boxid, epoch, class AS eventclass, contiguous AS "upTo" FROM streams
                 ORDER BY updated_at DESC LIMIT ${positionsLimit}`;
    return this.#guard(async () => (await this.#pool.query<WireAck>(sql)).rows);
  }

  async refuse(why: string, receivedAt: string, count: number): Promise<void> {
    const sql = `INSERT INTO refused (why, count, last_at) VALUES ($1, $2, $3)
      ON CONFLICT (why) DO UPDATE SET count = refused.count + excluded.count, last_at = excluded.last_at`;
    await this.#guard(() => this.#pool.query(sql, [why, count, receivedAt]));
  }

  prune(terms: RetentionDays, now: string): Promise<number> {
    return this.#guard(() => prunePostgres(this.#pool, terms, now));
  }

  close(): Promise<void> {
    return this.#pool.end();
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      throw explainPostgres(cause, this.#url);
    }
  }
}

/** Events first, then state, then streams: the rows that every batch of a box wants are held for the shortest time. */
async function applyInside(
  client: pg.PoolClient,
  batch: readonly ReceivedEvent[],
  receivedAt: string,
): Promise<readonly WireAck[]> {
  const ordered = batch.toSorted(inLockOrder);
  const fresh = await insertEvents(client, ordered, receivedAt);
  await projectInto(client, fresh);
  const changes = streamChanges(ordered, receivedAt).map(({ eventclass, lagMs, ...rest }) => ({
    ...rest,
    class: eventclass,
    lag_ms: lagMs,
  }));
  const streams = JSON.stringify(changes);
  await client.query(takeStreams, [streams, receivedAt]);
  await checkHeads(client, fresh, receivedAt);
  const gaps = fresh
    .map(saidGap)
    .flatMap((gap) => (gap === undefined ? [] : [{ ...gap, class: gap.eventclass }]));
  if (gaps.length > 0) await client.query(storeGaps, [JSON.stringify(gaps), receivedAt]);
  return (await client.query<WireAck>(advanceStreams, [streams, receivedAt])).rows;
}

async function insertEvents(
  client: pg.PoolClient,
  ordered: readonly ReceivedEvent[],
  receivedAt: string,
): Promise<ReceivedEvent[]> {
  const once = new Map<string, { event: ReceivedEvent; deliveries: number }>();
  for (const event of ordered) {
    const seen = once.get(event.id);
    if (seen) seen.deliveries++;
    else once.set(event.id, { event, deliveries: 1 });
  }
  const rows = [...once.values()];
  const column = <T>(of: (event: ReceivedEvent) => T) => rows.map(({ event }) => of(event));
  const { rows: stored } = await client.query<{ id: string; deliveries: number }>(storeEvents, [
    column((event) => event.source),
    receivedAt,
    column((event) => event.id),
    column((event) => event.box),
    column((event) => event.epoch),
    column((event) => event.eventclass),
    column((event) => event.sequence),
    column((event) => event.type),
    column((event) => event.time),
    column((event) => event.historical),
    column((event) => event.understanding),
    column((event) => JSON.stringify(event.data)),
    rows.map(({ deliveries }) => deliveries),
  ]);
  return stored.flatMap(({ id, deliveries }) => {
    const entry = once.get(id);
    return entry?.deliveries === deliveries ? [entry.event] : [];
  });
}

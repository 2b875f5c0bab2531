import type { WireAck } from '@gatehouse/contracts';
import { systemCode } from '@gatehouse/kit';
import type pg from 'pg';
import { ackOf, asPosition, type PositionRow } from './acks.ts';
import type { ReceivedEvent } from './intake.ts';
import { type Conflict, conflictOf, isRepeat, type StoredEvent } from './lineage.ts';
import { checkHeads } from './postgres-audit-heads.ts';
import { explainPostgres, inTransaction, openPostgres } from './postgres-connection.ts';
import { PostgresIdentity } from './postgres-identity.ts';
import { projectInto } from './postgres-projections.ts';
import { prunePostgres } from './postgres-retention.ts';
import { positionsLimit, type ReceiverStore, type RetentionDays } from './store.ts';
import { inLockOrder, saidGap, streamChanges, streamKey } from './streams.ts';

/**
 * A transaction that PostgreSQL chose to end for the sake of others (40001, 40P01) is tried this often in
 * all.
 */
const tries = 4;

/**
 * Stores a batch's events in lock order. Repeats only count; the answer names those that are new, since only
 * theirs is the batch's own count of deliveries. What retention has deleted is a repeat, too. Columns come as
 * lists, not as one JSON text: taking that apart would undo escapes such as \u0000, which no text of
 * PostgreSQL can hold.
 */
const storeEvents = `
  INSERT INTO events (source, id, box, epoch, class, sequence, type, time, historical, understanding, data, received_at, deliveries,
    digest, previous, former, repeats)
  SELECT e.source, e.id, e.box, e.epoch, e.class, e.sequence, e.type, e.time, e.historical, e.understanding, e.data,
         $2::timestamptz, e.deliveries, e.digest, e.previous, e.former, e.repeats
  FROM unnest($1::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::text[], $9::text[], $10::boolean[],
              $11::text[], $12::json[], $13::integer[], $14::text[], $15::text[], $16::text[], $17::text[])
    AS e(source, id, box, epoch, class, sequence, type, time, historical, understanding, data, deliveries, digest, previous, former,
         repeats)
  WHERE NOT EXISTS (SELECT 1 FROM streams s
    WHERE s.box = e.box AND s.epoch = e.epoch AND s.class = e.class AND e.sequence <= s.pruned)
  ORDER BY e.box COLLATE "C", e.epoch COLLATE "C", e.class COLLATE "C", e.sequence
  ON CONFLICT (box, epoch, class, sequence) DO UPDATE SET deliveries = events.deliveries + excluded.deliveries
  RETURNING id, deliveries, type, time, data, digest`;

const storeGaps = `
  INSERT INTO gaps (box, epoch, class, first, last, reason, found_at)
  SELECT g.box, g.epoch, g.class, g.first, max(g.last), min(g.reason), $2::timestamptz
  FROM json_populate_recordset(NULL::gaps, $1::json) g
  GROUP BY g.box, g.epoch, g.class, g.first
  ORDER BY g.box COLLATE "C", g.epoch COLLATE "C", g.class COLLATE "C", g.first
  ON CONFLICT (box, epoch, class, first) DO UPDATE SET last = greatest(gaps.last, excluded.last)`;

/**
 * Takes the row of each stream, in lock order and until the commit. A new one begins before its first number.
 */
const takeStreams = `
  INSERT INTO streams (box, epoch, class, contiguous, highest, lag_ms, updated_at)
  SELECT s.box, s.epoch, s.class, s.contiguous, s.highest, s.lag_ms, $2::timestamptz
  FROM json_populate_recordset(NULL::streams, $1::json) s
  ORDER BY s.box COLLATE "C", s.epoch COLLATE "C", s.class COLLATE "C"
  ON CONFLICT (box, epoch, class) DO UPDATE SET updated_at = greatest(streams.updated_at, excluded.updated_at),
    lag_ms = CASE WHEN excluded.highest > streams.highest THEN excluded.lag_ms ELSE streams.lag_ms END,
    highest = greatest(streams.highest, excluded.highest)`;

const advanceStreams = `
  SELECT s.box, s.epoch, s.class AS eventclass, a.complete AS at, a.complete_digest AS digest, a.frozen_at AS frozen,
         a.unlinked, a.unlinked_digest AS "unlinkedDigest"
  FROM json_to_recordset($1::json) AS s(box text, epoch text, class text, settled bigint),
    LATERAL advance_linked(s.box, s.epoch, s.class, s.settled, $2::timestamptz) a`;

const freezeStream = `UPDATE streams SET frozen = least(frozen, $4) WHERE box = $1 AND epoch = $2 AND class = $3`;
const digestAt = `SELECT digest FROM events WHERE box = $1 AND epoch = $2 AND class = $3 AND sequence = $4`;

interface AdvancedRow {
  readonly box: string;
  readonly epoch: string;
  readonly eventclass: string;
  readonly at: number;
  readonly digest: string | null;
  readonly frozen: number | null;
  readonly unlinked: number | null;
  readonly unlinkedDigest: string | null;
}

/** The platform's database for several receivers, each of which sees a part of a box's events. */
export class PostgresReceiverStore implements ReceiverStore {
  readonly #pool: pg.Pool;
  readonly #url: string;
  readonly #identity = new PostgresIdentity();

  private constructor(pool: pg.Pool, url: string) {
    this.#pool = pool;
    this.#url = url;
  }

  /**
   * Connects, migrates and checks that commits are durable. Throws `RECEIVER_*` errors. `onIdleError` hears
   * of connections that broke while nobody used them; the next use opens another.
   */
  static async open(url: string, onIdleError: (error: unknown) => void): Promise<PostgresReceiverStore> {
    return new PostgresReceiverStore(await openPostgres(url, onIdleError), url);
  }

  apply(batch: readonly ReceivedEvent[], receivedAt: string): Promise<readonly WireAck[]> {
    return this.#guard(async () => {
      for (let attempt = 1; ; attempt++)
        try {
          return await inTransaction(this.#pool, (client) =>
            applyInside(client, batch, receivedAt, this.#identity),
          );
        } catch (error) {
          this.#identity.forget(batch);
          if (attempt === tries || !/^40/.test(systemCode(error) ?? '')) throw error;
        }
    });
  }

  positions(): Promise<readonly WireAck[]> {
    const sql = `SELECT box AS boxid, epoch, class AS eventclass, least(contiguous, frozen - 1) AS "upTo",
                   CASE WHEN frozen IS NULL THEN digest END AS digest
                 FROM streams ORDER BY updated_at DESC LIMIT ${positionsLimit}`;
    return this.#guard(async () => (await this.#pool.query<PositionRow>(sql)).rows.map(asPosition));
  }

  async refuse(why: string, receivedAt: string, count: number): Promise<void> {
    const sql = `INSERT INTO refused (why, count, last_at) VALUES ($1, $2, $3)
      ON CONFLICT (why) DO UPDATE SET count = refused.count + excluded.count, last_at = excluded.last_at`;
    await this.#guard(() => this.#pool.query(sql, [why, count, receivedAt]));
  }

  prune(terms: RetentionDays, now: string): Promise<number> {
    return this.#guard(() => prunePostgres(this.#pool, terms, now));
  }

  async settle(box: string, by: string, at: string): Promise<number> {
    const sql = `UPDATE identity_findings SET settled_at = $3, settled_by = $2
      WHERE box = $1 AND (settled_at IS NULL OR settled_at < last_at)`;
    return this.#guard(async () => (await this.#pool.query(sql, [box, by, at])).rowCount ?? 0);
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

/**
 * Events first, then state, then streams: the rows that every batch of a box wants are held for the shortest
 * time.
 */
async function applyInside(
  client: pg.PoolClient,
  batch: readonly ReceivedEvent[],
  receivedAt: string,
  identity: PostgresIdentity,
): Promise<readonly WireAck[]> {
  const ordered = batch.toSorted(inLockOrder);
  const { fresh, repeats, conflicts } = await insertEvents(client, ordered, receivedAt, identity);
  const news = fresh.filter((event) => !repeats.has(event.id));
  await projectInto(client, news);
  const changes = streamChanges(ordered, receivedAt).map(({ eventclass, lagMs, begins, ...rest }) => ({
    ...{ ...rest, class: eventclass, lag_ms: lagMs, contiguous: begins - 1 },
  }));
  const streams = JSON.stringify(changes);
  await client.query(takeStreams, [streams, receivedAt]);
  await checkHeads(client, news, receivedAt);
  const gaps = fresh
    .map(saidGap)
    .flatMap((gap) => (gap === undefined ? [] : [{ ...gap, class: gap.eventclass }]));
  if (gaps.length > 0) await client.query(storeGaps, [JSON.stringify(gaps), receivedAt]);
  for (const { event, isNameless } of conflicts)
    if (isNameless)
      await client.query(freezeStream, [event.box, event.epoch, event.eventclass, event.sequence]);
  const { rows } = await client.query<AdvancedRow>(advanceStreams, [streams, receivedAt]);
  const acks: WireAck[] = [];
  for (const row of rows) acks.push(await acknowledgement(client, row, conflicts));
  await identity.take(client, { batch, news, conflicts, unlinked: rows }, receivedAt);
  const twins = identity.twins(batch);
  return acks.map((ack) => (twins.has(ack.boxid) ? { ...ack, twin: true } : ack));
}

async function acknowledgement(
  client: pg.PoolClient,
  row: AdvancedRow,
  found: readonly Conflict[],
): Promise<WireAck> {
  const { box, epoch, eventclass, at, digest, frozen, unlinked, unlinkedDigest } = row;
  const conflicts = found.filter(({ event }) => streamKey(event) === streamKey(row));
  const next = unlinked === null ? undefined : { sequence: unlinked, digest: unlinkedDigest };
  const ack = ackOf({ box, epoch, eventclass, run: { at }, frozen, conflicts, unlinked: next });
  if (ack.upTo === at) return asPosition({ ...ack, digest });
  const { rows } = await client.query<{ digest: string | null }>(digestAt, [
    box,
    epoch,
    eventclass,
    ack.upTo,
  ]);
  return asPosition({ ...ack, digest: rows[0]?.digest ?? null });
}

/**
 * Result of a batch: events that are new, which of them were applied under another id, and those that were
 * not taken.
 */
interface Inserted {
  readonly fresh: readonly ReceivedEvent[];
  readonly repeats: ReadonlyMap<string, string>;
  readonly conflicts: readonly Conflict[];
}

async function insertEvents(
  client: pg.PoolClient,
  ordered: readonly ReceivedEvent[],
  receivedAt: string,
  identity: PostgresIdentity,
): Promise<Inserted> {
  const conflicts: Conflict[] = [];
  const once = new Map<string, { event: ReceivedEvent; deliveries: number }>();
  for (const event of ordered) {
    const seen = once.get(event.id);
    if (!seen) once.set(event.id, { event, deliveries: 1 });
    else if (isRepeat(asStored(seen.event), event)) seen.deliveries++;
    else conflicts.push(conflictOf(asStored(seen.event), event));
  }
  const rows = [...once.values()];
  const repeats = await identity.applied(
    client,
    rows.map(({ event }) => event),
  );
  const column = <T>(of: (event: ReceivedEvent) => T) => rows.map(({ event }) => of(event));
  const { rows: stored } = await client.query<StoredEvent & { id: string; deliveries: number }>(storeEvents, [
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
    column((event) => event.digest ?? null),
    column((event) => event.previous ?? null),
    column((event) => event.former ?? null),
    column((event) => repeats.get(event.id) ?? null),
  ]);
  const fresh: ReceivedEvent[] = [];
  for (const row of stored) {
    const entry = once.get(row.id);
    if (!entry) continue;
    if (entry.deliveries === row.deliveries) fresh.push(entry.event);
    else if (!isRepeat(row, entry.event)) conflicts.push(conflictOf(row, entry.event));
  }
  return { fresh, repeats, conflicts };
}

function asStored({ type, time, data, digest }: ReceivedEvent): StoredEvent {
  return { type, time, data: JSON.stringify(data), digest: digest ?? null };
}

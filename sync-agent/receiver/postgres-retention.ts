import { EventClass } from '@gatehouse/contracts';
import type pg from 'pg';
import { inTransaction } from './postgres-connection.ts';
import { cutoff, keptStartsDays } from './retention.ts';
import { pruneChunk, type RetentionDays } from './store.ts';

/** Held by the one receiver that deletes: "gtrm". */
const pruneLock = 0x6774726d;
/** Streams looked at in one transaction. */
const streamChunk = 200;

/** Per stream, everything below its first event that must stay; never what is not acknowledged yet. */
const findCuts = `
  SELECT s.box, s.epoch, s.class, s.pruned, least(s.contiguous, coalesce(
    (SELECT min(e.sequence) - 1 FROM events e WHERE e.box = s.box AND e.epoch = s.epoch AND e.class = s.class
     AND e.received_at >= $2), s.contiguous)) AS cut
  FROM streams s WHERE s.class = $1 AND s.pruned < s.contiguous
    AND (s.box, s.epoch) > ($3, $4) ORDER BY s.box, s.epoch LIMIT ${streamChunk}`;

const deleteEvents = `
  WITH gone AS (SELECT sequence FROM events
    WHERE box = $1 AND epoch = $2 AND class = $3 AND sequence <= $4 ORDER BY sequence LIMIT $5),
  marked AS (UPDATE streams SET pruned = greatest(pruned, (SELECT max(sequence) FROM gone))
    WHERE box = $1 AND epoch = $2 AND class = $3 AND EXISTS (SELECT 1 FROM gone))
  DELETE FROM events e USING gone g
  WHERE e.box = $1 AND e.epoch = $2 AND e.class = $3 AND e.sequence = g.sequence`;

interface Cut {
  readonly box: string;
  readonly epoch: string;
  readonly class: string;
  readonly pruned: number;
  readonly cut: number;
}

/** Retention on PostgreSQL: one receiver at a time, at most `pruneChunk` events a transaction. */
export async function prunePostgres(pool: pg.Pool, terms: RetentionDays, now: string): Promise<number> {
  const holder = await pool.connect();
  try {
    const { rows } = await holder.query<{ mine: boolean }>('SELECT pg_try_advisory_lock($1) AS mine', [
      pruneLock,
    ]);
    if (!rows[0]?.mine) return 0;
    let gone = 0;
    for (const eventclass of EventClass.options)
      gone += await pruneClass(pool, eventclass, cutoff(now, terms[eventclass]));
    await pool.query('DELETE FROM incidents WHERE cleared_at IS NOT NULL AND instant_ms < $1', [
      Date.parse(cutoff(now, terms.alarm)),
    ]);
    await pool.query('DELETE FROM commands WHERE instant_ms < $1', [Date.parse(cutoff(now, terms.door))]);
    const alarmTerm = cutoff(now, terms.alarm);
    await pool.query('DELETE FROM conflicts WHERE received_at < $1', [alarmTerm]);
    await pool.query('DELETE FROM identity_findings WHERE last_at < $1', [alarmTerm]);
    await pool.query('DELETE FROM incarnations WHERE last_ms < $1', [
      Date.parse(cutoff(now, keptStartsDays)),
    ]);
    await holder.query('SELECT pg_advisory_unlock($1)', [pruneLock]);
    return gone;
  } finally {
    // The lock ends with the connection: one that failed above is closed, not lent out again.
    holder.release(true);
  }
}

async function pruneClass(pool: pg.Pool, eventclass: string, before: string): Promise<number> {
  let gone = 0;
  let last = { box: '', epoch: '' };
  for (;;) {
    const { rows } = await pool.query<Cut>(findCuts, [eventclass, before, last.box, last.epoch]);
    for (const cut of rows) if (cut.cut > cut.pruned) gone += await pruneStream(pool, cut);
    const end = rows.at(-1);
    if (!end || rows.length < streamChunk) return gone;
    last = end;
  }
}

async function pruneStream(pool: pg.Pool, { box, epoch, class: eventclass, cut }: Cut): Promise<number> {
  let gone = 0;
  for (;;) {
    const parameters = [box, epoch, eventclass, cut, pruneChunk];
    const deleted = await inTransaction(
      pool,
      async (client) => (await client.query(deleteEvents, parameters)).rowCount ?? 0,
    );
    gone += deleted;
    if (deleted < pruneChunk) return gone;
  }
}

import { EventClass } from '@gatehouse/contracts';
import type Database from 'better-sqlite3';
import { cutoff, keptStartsDays } from './retention.ts';
import { pruneChunk, type RetentionDays } from './store.ts';

interface Cut {
  readonly box: string;
  readonly epoch: string;
  readonly class: string;
  readonly cut: number;
}

/**
 * Retention on SQLite. Per stream, everything below its first event that must stay; never what is not
 * acknowledged yet.
 */
export function pruneSqlite(db: Database.Database, terms: RetentionDays, now: string): number {
  const cuts = db.prepare(
    `SELECT box, epoch, class, cut FROM (
       SELECT s.*, min(s.contiguous, coalesce((SELECT min(e.sequence) - 1 FROM events e WHERE e.box = s.box
         AND e.epoch = s.epoch AND e.class = s.class AND julianday(e.received_at) >= julianday(@before)), s.contiguous)) AS cut
       FROM streams s WHERE s.class = @eventclass)
     WHERE cut > pruned`,
  );
  let gone = 0;
  for (const eventclass of EventClass.options)
    for (const cut of cuts.all({ eventclass, before: cutoff(now, terms[eventclass]) }) as Cut[])
      gone += pruneStream(db, cut);
  db.prepare(
    'DELETE FROM incidents WHERE cleared_at IS NOT NULL AND julianday(updated_at) < julianday(?)',
  ).run(cutoff(now, terms.alarm));
  db.prepare('DELETE FROM commands WHERE julianday(accepted_at) < julianday(?)').run(cutoff(now, terms.door));
  const alarmTerm = cutoff(now, terms.alarm);
  db.prepare('DELETE FROM conflicts WHERE julianday(received_at) < julianday(?)').run(alarmTerm);
  db.prepare('DELETE FROM identity_findings WHERE julianday(last_at) < julianday(?)').run(alarmTerm);
  db.prepare('DELETE FROM incarnations WHERE last_ms < ?').run(Date.parse(cutoff(now, keptStartsDays)));
  return gone;
}

function pruneStream(db: Database.Database, cut: Cut): number {
  const ofStream = 'box = @box AND epoch = @epoch AND class = @class';
  const mark = db.prepare(
    `UPDATE streams SET pruned = max(pruned, coalesce((SELECT max(sequence) FROM (SELECT sequence FROM events
     WHERE ${ofStream} AND sequence <= @cut ORDER BY sequence LIMIT @chunk)), @cut)) WHERE ${ofStream}`,
  );
  const remove = db.prepare(
    `DELETE FROM events WHERE ${ofStream} AND sequence <= (SELECT pruned FROM streams WHERE ${ofStream})`,
  );
  const step = db.transaction(() => {
    mark.run({ ...cut, chunk: pruneChunk });
    return remove.run(cut).changes;
  });
  for (let gone = 0; ; ) {
    const deleted = step.immediate();
    gone += deleted;
    if (deleted < pruneChunk) return gone;
  }
}

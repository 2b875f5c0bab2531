import { randomBytes } from 'node:crypto';
import { EventClass as Classes, type EventClass, eventTypes, type WireGap } from '@gatehouse/contracts';
import { isoWithOffset } from '@gatehouse/kit';
import type Database from 'better-sqlite3';
import { outboxEvent } from './outbox-body.ts';
import { OutboxHeads } from './outbox-heads.ts';

/**
 * Change numbers go on this far above the saved ones, so that a stream that resumes by number misses nothing.
 */
const changeLeap = 1_000_000;

/** The known losses of a class of the old epoch. */
export type Loss = Pick<WireGap, 'firstSequence' | 'lastSequence' | 'count'>;

/**
 * Makes a restored or recovered file a new epoch: numbers begin again. Rows that waited for the platform are
 * inherited under their own ids, so that nothing is lost and nothing is applied twice. The first event of
 * each class names the missing ones for the platform. One transaction.
 */
export function beginNewEpoch(
  db: Database.Database,
  box: string,
  nowMs: number,
  losses: Partial<Record<EventClass, Loss>>,
): { readonly epoch: string; readonly before: string } {
  const epoch = randomBytes(16).toString('hex');
  const before = String(db.prepare("SELECT value FROM meta WHERE key = 'epoch'").pluck().get());
  db.transaction(() => {
    const known = db.prepare('INSERT INTO outbox_epochs (epoch) VALUES (?) ON CONFLICT DO NOTHING');
    known.run(before);
    const generation = db.prepare('SELECT generation FROM outbox_epochs WHERE epoch = ?').pluck().get(before);
    db.prepare(
      `INSERT OR IGNORE INTO outbox_inherited SELECT class, ?, sequence, created_ms, body FROM outbox
       WHERE sequence > (SELECT acked FROM outbox_heads WHERE outbox_heads.class = outbox.class)`,
    ).run(generation);
    db.exec('DELETE FROM outbox');
    db.exec(
      `UPDATE outbox_heads SET last = 0, acked = 0, bytes = 0, gap_first = 0, gap_last = 0, digest = '', begins = 1,
         foreign_upto = 0,
         inherited = (SELECT count(*) FROM outbox_inherited WHERE outbox_inherited.class = outbox_heads.class)`,
    );
    db.prepare("UPDATE meta SET value = ? WHERE key = 'epoch'").run(epoch);
    db.prepare("UPDATE sqlite_sequence SET seq = seq + ? WHERE name = 'incident_changes'").run(changeLeap);
    // Nothing of the new epoch has been sent, and each incident's last event is inherited: retention waits
    // for that anyway.
    db.exec('UPDATE incidents SET outbox_sequence = 0; UPDATE device_events SET outbox_sequence = 0');
    for (const eventclass of Classes.options) {
      const loss = losses[eventclass];
      if (loss) putGap(db, { box, epoch, before, eventclass, nowMs, loss });
    }
  }).immediate();
  return { epoch, before };
}

interface GapAt {
  readonly box: string;
  readonly epoch: string;
  readonly before: string;
  readonly eventclass: EventClass;
  readonly nowMs: number;
  readonly loss: Loss;
}

function putGap(db: Database.Database, { box, epoch, before, eventclass, nowMs, loss }: GapAt): void {
  const data: WireGap = { class: eventclass, reason: 'store-recovered', lostEpoch: before, ...loss };
  const gap = { type: eventTypes.gap, time: isoWithOffset(nowMs), data };
  const event = outboxEvent(gap, { box, epoch, eventclass, sequence: 1, previous: '' });
  const body = JSON.stringify(event);
  db.prepare('INSERT INTO outbox VALUES (?, 1, ?, ?)').run(eventclass, Math.round(nowMs), body);
  new OutboxHeads(db).advance(eventclass, 1, Buffer.byteLength(body), event.digest ?? '');
}

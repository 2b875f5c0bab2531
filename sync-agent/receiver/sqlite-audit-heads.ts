import type Database from 'better-sqlite3';
import { type AuditHead, headOf, judgeHead, nearSql } from './audit-heads.ts';
import type { ReceivedEvent } from './intake.ts';

/**
 * Keeps the audit heads of boxes and what they say against each other. Called inside the transaction that
 * stores the event.
 */
export class SqliteAuditHeads {
  readonly #near: Database.Statement;
  readonly #insert: Database.Statement;
  readonly #find: Database.Statement;

  constructor(db: Database.Database) {
    this.#near = db.prepare(nearSql((column) => `@${column}`));
    this.#insert = db.prepare(
      `INSERT INTO audit_heads (box, epoch, sequence, record, hash, instant_ms, received_at)
       VALUES (@box, @epoch, @sequence, @record, @hash, @instant_ms, @receivedAt)`,
    );
    this.#find = db.prepare(
      `INSERT INTO audit_findings (box, epoch, kind, record, hash, against_epoch, against_record, against_hash, found_at, last_at)
       VALUES (@box, @epoch, @kind, @record, @hash, @against_epoch, @against_record, @against_hash, @receivedAt, @receivedAt)
       ON CONFLICT (box, epoch, kind) DO UPDATE SET last_at = excluded.last_at`,
    );
  }

  take(event: ReceivedEvent, receivedAt: string): void {
    const head = headOf(event);
    if (!head) return;
    for (const finding of judgeHead(head, this.#near.all(head) as AuditHead[]))
      this.#find.run({ ...finding, receivedAt });
    this.#insert.run({ ...head, receivedAt });
  }
}

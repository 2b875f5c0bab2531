import type pg from 'pg';
import { type AuditHead, headOf, judgeHead, nearSql } from './audit-heads.ts';
import type { ReceivedEvent } from './intake.ts';

const order = ['box', 'epoch', 'sequence', 'record', 'hash', 'instant_ms'] as const;
const types = ['text', 'text', 'bigint', 'bigint', 'text', 'bigint'];
const near = nearSql((column) => `$${order.indexOf(column) + 1}::${types[order.indexOf(column)]}`);

const insert = `INSERT INTO audit_heads (${order.join(', ')}, received_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`;
const find = `
  INSERT INTO audit_findings AS f (box, epoch, kind, record, hash, against_epoch, against_record, against_hash, found_at, last_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
  ON CONFLICT (box, epoch, kind) DO UPDATE SET last_at = greatest(f.last_at, excluded.last_at)`;

/**
 * Keeps the audit heads among new events and what they say against each other. Called once the transaction
 * holds their streams, so that it sees the heads that other receivers stored of them. A head is one event in
 * some hundred: one statement each is enough.
 */
export async function checkHeads(
  client: pg.PoolClient,
  fresh: readonly ReceivedEvent[],
  receivedAt: string,
): Promise<void> {
  for (const event of fresh) {
    const head = headOf(event);
    if (!head) continue;
    const values = order.map((column) => head[column]);
    const { rows } = await client.query<AuditHead>(near, values);
    for (const f of judgeHead(head, rows)) {
      const against = [f.against_epoch, f.against_record, f.against_hash];
      await client.query(find, [f.box, f.epoch, f.kind, f.record, f.hash, ...against, receivedAt]);
    }
    await client.query(insert, [...values, receivedAt]);
  }
}

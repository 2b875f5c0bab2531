import { eventTypes } from '@gatehouse/contracts';
import type { ReceivedEvent } from './intake.ts';

/** A head of a box's audit chain as it came: its record number and hash, and under which event. */
export interface AuditHead {
  readonly box: string;
  readonly epoch: string;
  /** The event's number in its stream, which orders heads within a store epoch. */
  readonly sequence: number;
  /** The number of the newest record in the box's log. */
  readonly record: number;
  readonly hash: string;
  /** By the box's clock; orders heads of different store epochs only. */
  readonly instant_ms: number;
}

/**
 * `gone-back`: the log is shorter than it was: cut off, or replaced. `forked`: the same record with another
 * hash: changed. `restored`: either of them between two store epochs, as a box does whose disk was restored
 * or replaced; no proof of anything by itself.
 */
export type AuditFindingKind = 'gone-back' | 'forked' | 'restored';

/** The fault of a head, beside the head that shows it. */
export interface AuditFinding {
  readonly box: string;
  readonly epoch: string;
  readonly kind: AuditFindingKind;
  readonly record: number;
  readonly hash: string;
  readonly against_epoch: string;
  readonly against_record: number;
  readonly against_hash: string;
}

/** The head that an event brings, if it is one. */
export function headOf(event: ReceivedEvent): AuditHead | undefined {
  if (event.facts?.type !== eventTypes.auditHead) return undefined;
  const { sequence: record, hash } = event.facts.data;
  const { box, epoch, sequence, time } = event;
  return { box, epoch, sequence, record, hash, instant_ms: Date.parse(time) };
}

/**
 * Which stored heads a new one is held against, at most six, each found by an index: its neighbours within
 * the epoch and in other epochs, and one of the same record with another hash in each. Heads come in any
 * order; any two that are neighbours in the end have been held against each other when the later of them
 * came. `v` names the new head's values in the dialect.
 */
export function nearSql(v: (column: keyof AuditHead) => string): string {
  const columns = 'box, epoch, sequence, record, hash, instant_ms';
  const box = `box = ${v('box')}`;
  const same = `${box} AND epoch = ${v('epoch')}`;
  const other = `${box} AND epoch <> ${v('epoch')}`;
  const fork = `record = ${v('record')} AND hash <> ${v('hash')}`;
  const near = [
    `${same} AND sequence < ${v('sequence')} ORDER BY sequence DESC`,
    `${same} AND sequence > ${v('sequence')} ORDER BY sequence`,
    `${same} AND ${fork} ORDER BY sequence`,
    `${other} AND instant_ms <= ${v('instant_ms')} ORDER BY instant_ms DESC`,
    `${other} AND instant_ms > ${v('instant_ms')} ORDER BY instant_ms`,
    `${other} AND ${fork} ORDER BY instant_ms DESC`,
  ];
  return near
    .map((where, i) => `SELECT * FROM (SELECT ${columns} FROM audit_heads WHERE ${where} LIMIT 1) AS n${i}`)
    .join(' UNION ALL ');
}

/**
 * Contradictions between a new head and its neighbours, in the order of the table's key, each kind once an
 * epoch.
 */
export function judgeHead(head: AuditHead, near: readonly AuditHead[]): AuditFinding[] {
  const findings = new Map<string, AuditFinding>();
  for (const stored of near) {
    const sameEpoch = stored.epoch === head.epoch;
    const storedFirst = sameEpoch ? stored.sequence < head.sequence : stored.instant_ms <= head.instant_ms;
    const [before, after] = storedFirst ? [stored, head] : [head, stored];
    const forked = after.record === before.record && after.hash !== before.hash;
    if (!forked && after.record >= before.record) continue;
    const kind = !sameEpoch ? 'restored' : forked ? 'forked' : 'gone-back';
    findings.set(`${after.epoch}/${kind}`, {
      ...{ box: after.box, epoch: after.epoch, kind, record: after.record, hash: after.hash },
      ...{ against_epoch: before.epoch, against_record: before.record, against_hash: before.hash },
    });
  }
  return [...findings].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, finding]) => finding);
}

/**
 * The step of both schemas that holds heads and findings; heads that came before it are taken from the
 * events.
 */
export function auditHeadsStep(dialect: 'sqlite' | 'postgres'): string {
  const sqlite = dialect === 'sqlite';
  const [text, number, at] = sqlite ? ['TEXT', 'INTEGER', 'TEXT'] : ['text', 'bigint', 'timestamptz'];
  const strict = sqlite ? ' STRICT' : '';
  // A head stored by an older receiver has no instant that is sure to be one in both databases: its arrival
  // stands for it.
  const earlier = sqlite
    ? `json_extract(data, '$.sequence'), json_extract(data, '$.hash'), CAST((julianday(received_at) - 2440587.5) * 86400000 AS INTEGER)`
    : `(data->>'sequence')::bigint, data->>'hash', (extract(epoch FROM received_at) * 1000)::bigint`;
  return `
  -- Heads of the boxes' audit chains. Retention leaves them: some 400 a box and year, and they prove against a log that is as old.
  CREATE TABLE audit_heads (
    box ${text} NOT NULL,
    epoch ${text} NOT NULL,
    sequence ${number} NOT NULL,
    record ${number} NOT NULL,
    hash ${text} NOT NULL,
    instant_ms ${number} NOT NULL,
    received_at ${at} NOT NULL,
    PRIMARY KEY (box, epoch, sequence)
  )${strict};
  CREATE INDEX audit_heads_by_record ON audit_heads (box, record);
  CREATE INDEX audit_heads_by_instant ON audit_heads (box, instant_ms);

  -- What heads say against each other, the first of each kind and when it was last seen.
  CREATE TABLE audit_findings (
    box ${text} NOT NULL,
    epoch ${text} NOT NULL,
    kind ${text} NOT NULL,
    record ${number} NOT NULL,
    hash ${text} NOT NULL,
    against_epoch ${text} NOT NULL,
    against_record ${number} NOT NULL,
    against_hash ${text} NOT NULL,
    found_at ${at} NOT NULL,
    last_at ${at} NOT NULL,
    PRIMARY KEY (box, epoch, kind)
  )${strict};

  INSERT INTO audit_heads (box, epoch, sequence, record, hash, instant_ms, received_at)
    SELECT box, epoch, sequence, ${earlier}, received_at FROM events
    WHERE type = '${eventTypes.auditHead}' AND understanding = 'known';
  `;
}

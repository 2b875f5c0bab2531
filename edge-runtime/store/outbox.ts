import { randomBytes } from 'node:crypto';
import type {
  EventClass,
  GapReason,
  OutboxAck,
  OutboxAckAnswer,
  OutboxClaim,
  OutboxPage,
  OutboxRefusal,
  WireEvent,
} from '@gatehouse/contracts';
import { EventClass as Classes, eventTypes } from '@gatehouse/contracts';
import { errorOf, isoWithOffset } from '@gatehouse/kit';
import type Database from 'better-sqlite3';
import { judgeClaim } from './claim.ts';
import { inEpoch, type OutboxContent, outboxEvent } from './outbox-body.ts';
import { OutboxHeads, waitingRows } from './outbox-heads.ts';
import { InheritedOutbox } from './outbox-inherited.ts';
import { mayBeDropped, OutboxQuota } from './outbox-quota.ts';

/**
 * Rows deleted at a time, so that a large acknowledgement never holds the process for long (1.64 s
 * seen).
 */
const deleteChunk = 500;
/** Bytes deleted at a time: of the largest rows, 8 KiB, fewer are deleted. */
const deleteChunkBytes = 512 * 1024;

/** The content of a new outbox row; the store adds id, epoch and sequence. */
export interface OutboxEntry extends OutboxContent {
  readonly eventclass: EventClass;
}

export interface OutboxBacklog {
  readonly eventclass: EventClass;
  readonly waiting: number;
  readonly last: number;
  readonly acked: number;
  /** Bytes of JSON, with the acknowledged rows that are not yet deleted. */
  readonly bytes: number;
  /** Rows of earlier epochs among those that wait; they go out first. */
  readonly inherited: number;
  /** Wall-clock milliseconds at which the oldest waiting row was written. */
  readonly oldestMs: number | undefined;
}

/** Most bytes that may wait, by class. */
export type OutboxLimits = Readonly<Record<EventClass, number>>;

/** The outbox tables. `append` must run inside the transaction of the change that the event reports. */
export class Outbox {
  readonly #db: Database.Database;
  readonly #box: string;
  readonly #limits: OutboxLimits;
  readonly #heads: OutboxHeads;
  readonly #quota: OutboxQuota;
  readonly #inherited: InheritedOutbox;
  readonly #statements: ReturnType<typeof prepare>;
  #appended = 0;
  #share = 1;
  readonly epoch: string;
  readonly commandIdKey: string;

  constructor(db: Database.Database, box: string, limits: OutboxLimits) {
    this.#db = db;
    this.#box = box;
    this.#limits = limits;
    this.#heads = new OutboxHeads(db);
    this.#quota = new OutboxQuota(db, this.#heads);
    this.#inherited = new InheritedOutbox(db, box, this.#heads);
    this.#statements = prepare(db);
    const meta = db.prepare('SELECT value FROM meta WHERE key = ?').pluck();
    this.epoch = String(meta.get('epoch'));
    db.prepare('INSERT INTO meta VALUES (?, ?) ON CONFLICT DO NOTHING').run(
      'command_id_key',
      randomBytes(32).toString('hex'),
    );
    this.commandIdKey = String(meta.get('command_id_key'));
  }

  /** Rows appended since this object was made, also those whose transaction failed. */
  get appended(): number {
    return this.#appended;
  }

  /** Appends one event, and makes room in its class if that is over its quota. Returns its sequence. */
  append(entry: OutboxEntry, nowMs: number): number {
    this.#appended++;
    const { eventclass } = entry;
    const head = this.#heads.read(eventclass);
    const sequence = head.last + 1;
    const place = { box: this.#box, epoch: this.epoch, eventclass, sequence, previous: head.digest };
    const { bytes, digest } = this.#put(outboxEvent(entry, place), nowMs);
    this.#heads.advance(eventclass, sequence, bytes, digest);
    if (mayBeDropped(eventclass)) this.#keepWithin(eventclass, head.bytes + bytes, nowMs);
    return sequence;
  }

  /**
   * From now on classes that may be dropped have only this share of their quota, because the disk needs the
   * room; 1: all of it again. Drops rows over it for some milliseconds at once; the rest goes with the next
   * events.
   */
  setShare(share: number, nowMs: number): void {
    this.#share = share;
    for (const eventclass of Classes.options.filter(mayBeDropped))
      this.#keepWithin(eventclass, this.#heads.read(eventclass).bytes, nowMs);
  }

  /** Rows of one class after a sequence, in order. `last` is the newest sequence ever given out. */
  page(eventclass: EventClass, after: number, limit: number): OutboxPage {
    const head = this.#heads.read(eventclass);
    const inherited = head.inherited > 0 ? this.#inherited.page(eventclass, after, limit) : undefined;
    if (inherited) return inherited;
    const from = Math.max(after, head.acked);
    const stored = this.#statements.batch.all(eventclass, from, limit) as string[];
    const isForeign = from < head.foreignUpTo;
    const bodies = isForeign ? stored.map((body) => inEpoch(body, this.#box, this.epoch)) : stored;
    const begins = head.begins > 1 ? { begins: head.begins } : {};
    return { epoch: this.epoch, eventclass, bodies, last: head.last, ...begins };
  }

  /**
   * Notes durably which rows the platform has in its database; `deleteAcknowledged` deletes them. Refuses the
   * number of another epoch, or one that was never sent. Says whether there are rows to delete, or rows of an
   * earlier epoch have been deleted. `forked` and `foreign` follow from the platform's report on one number.
   * Then nothing was noted, and `forked` asks for a new epoch.
   */
  acknowledge({ epoch, eventclass, upTo, claim }: OutboxAck): OutboxAckAnswer['outcome'] {
    const lineage = claim && this.judge(epoch, eventclass, claim);
    if (lineage) return lineage;
    if (epoch !== this.epoch && this.#inherited.acknowledge(epoch, eventclass, upTo)) return 'inherited';
    const head = this.#heads.read(eventclass);
    if (epoch !== this.epoch || upTo > head.last)
      throw errorOf('ACK_NOT_OURS', { eventclass, upTo, epoch, ours: this.epoch, last: head.last });
    if (upTo <= head.acked) return 'known';
    this.#heads.acknowledge(eventclass, upTo);
    return 'advanced';
  }

  /** The meaning of the platform's report on one number, if it has one. */
  judge(epoch: string, eventclass: EventClass, claim: OutboxClaim): 'forked' | 'foreign' | undefined {
    const isOld = epoch !== this.epoch;
    const digest = isOld
      ? this.#inherited.digestAt(epoch, eventclass, claim.sequence)
      : this.#statements.digestAt.get(eventclass, claim.sequence);
    const last = isOld ? Number.POSITIVE_INFINITY : this.#heads.read(eventclass).last;
    const lineage = judgeClaim(claim, { last, digest: typeof digest === 'string' ? digest : undefined });
    // A late report on an ended epoch may well be about an event that this store sent in it.
    return isOld && lineage === 'foreign' ? undefined : lineage;
  }

  /**
   * Deletes one chunk of acknowledged rows, in one transaction. Returns false when nothing is left to delete.
   */
  deleteAcknowledged(): boolean {
    return Classes.options.some((eventclass) => this.#deleteChunk(eventclass) > 0);
  }

  /**
   * Logs a refused row once; the row itself goes when its stand-in is acknowledged. Throws for a row that
   * this store never had: the network reaches the agent first, so the agent must not be able to fill the
   * disk.
   */
  refuse({ epoch, eventclass, sequence, reason, detail }: OutboxRefusal, nowMs: number): void {
    const ours = epoch === this.epoch && sequence <= this.#heads.read(eventclass).last;
    if (!ours && !this.#inherited.holds(epoch, eventclass, sequence))
      throw errorOf('REFUSAL_NOT_OURS', { eventclass, sequence, ours: this.epoch });
    this.#statements.refuse.run(epoch, eventclass, sequence, reason, detail, Math.round(nowMs));
  }

  refusals(): number {
    return Number(this.#db.prepare('SELECT COUNT(*) FROM outbox_refusals').pluck().get());
  }

  /** The state of each class; takes the same time for any backlog. */
  backlog(): OutboxBacklog[] {
    return Classes.options.map((eventclass) => {
      const head = this.#heads.read(eventclass);
      const { last, acked, bytes, inherited } = head;
      const oldest = head.inherited > 0 ? this.#inherited.oldestMs(eventclass) : undefined;
      const oldestMs = oldest ?? (this.#statements.oldest.get(eventclass, acked) as number | undefined);
      return { eventclass, waiting: waitingRows(head), last, acked, bytes, inherited, oldestMs };
    });
  }

  #keepWithin(eventclass: EventClass, bytes: number, nowMs: number): void {
    const limitBytes = this.#limits[eventclass] * this.#share;
    const reason = this.#share < 1 ? 'reserve' : 'quota';
    if (bytes > limitBytes) this.#makeRoom(eventclass, limitBytes, reason, nowMs);
  }
  #makeRoom(eventclass: EventClass, limitBytes: number, reason: GapReason, nowMs: number): number {
    // Acknowledged rows go first: they take room, and nobody misses them.
    while (this.#heads.read(eventclass).bytes > limitBytes && this.#deleteChunk(eventclass) > 0);
    return this.#quota.enforce(eventclass, limitBytes, reason, (dropped) => {
      const { sequence, createdMs, data, digest, previous } = dropped;
      const gap = { type: eventTypes.gap, time: isoWithOffset(nowMs), data };
      const place = { box: this.#box, epoch: this.epoch, eventclass, sequence, previous, digest };
      this.#heads.addBytes(eventclass, this.#put(outboxEvent(gap, place), createdMs).bytes);
    });
  }

  #put(event: WireEvent, createdMs: number): { readonly bytes: number; readonly digest: string } {
    const body = JSON.stringify(event);
    this.#statements.insert.run(event.eventclass, event.sequence, Math.round(createdMs), body);
    return { bytes: Buffer.byteLength(body), digest: event.digest ?? '' };
  }

  #deleteChunk(eventclass: EventClass): number {
    const { acked } = this.#heads.read(eventclass);
    const look = (rows: number) =>
      this.#statements.chunk.get(eventclass, acked, rows) as { last: number | null; bytes: number | null };
    let chunk = look(deleteChunk);
    const share = deleteChunkBytes / (chunk.bytes ?? 1);
    if (share < 1) chunk = look(Math.max(1, Math.floor(deleteChunk * share)));
    if (chunk.last === null) return 0;
    const remove = () => {
      this.#heads.addBytes(eventclass, -(chunk.bytes ?? 0));
      return this.#statements.remove.run(eventclass, chunk.last).changes;
    };
    return this.#db.inTransaction ? remove() : this.#db.transaction(remove).immediate();
  }
}

function prepare(db: Database.Database) {
  return {
    insert: db.prepare('INSERT INTO outbox VALUES (?, ?, ?, ?)'),
    batch: db
      .prepare('SELECT body FROM outbox WHERE class = ? AND sequence > ? ORDER BY sequence LIMIT ?')
      .pluck(),
    digestAt: db
      .prepare("SELECT json_extract(body, '$.digest') FROM outbox WHERE class = ? AND sequence = ?")
      .pluck(),
    oldest: db
      .prepare('SELECT created_ms FROM outbox WHERE class = ? AND sequence > ? ORDER BY sequence LIMIT 1')
      .pluck(),
    chunk: db.prepare(
      `SELECT max(sequence) AS last, sum(bytes) AS bytes FROM (SELECT sequence, octet_length(body) AS bytes
       FROM outbox WHERE class = ? AND sequence <= ? ORDER BY sequence LIMIT ?)`,
    ),
    remove: db.prepare('DELETE FROM outbox WHERE class = ? AND sequence <= ?'),
    refuse: db.prepare(
      `INSERT INTO outbox_refusals (epoch, class, sequence, reason, detail, at_ms) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO NOTHING`,
    ),
  };
}

import type { EventClass, GapReason, WireGap } from '@gatehouse/contracts';
import type Database from 'better-sqlite3';
import type { OutboxHeads } from './outbox-heads.ts';

/** Room is made down to this share of the quota, so that not every further event has to make room again. */
const downTo = 0.9;
/**
 * Rows looked at a pass. One commit drops at most two passes: some milliseconds, however far over its quota a
 * class is.
 */
const passRows = 256;
const mostPasses = 2;

/**
 * Classes whose oldest rows are dropped when they take too much. Alarms and door records never are.
 */
export function mayBeDropped(eventclass: EventClass): boolean {
  return eventclass === 'health' || eventclass === 'telemetry';
}

/** The result of a drop: the oldest rows are gone, and the gap takes the place of the last of them. */
export interface Dropped {
  readonly sequence: number;
  readonly createdMs: number;
  readonly data: WireGap;
  /** Digests of the row whose place the gap takes and of the row before it; '' where unknown. */
  readonly digest: string;
  readonly previous: string;
}

interface OldRow {
  readonly sequence: number;
  readonly createdMs: number;
  readonly bytes: number;
  readonly time: string;
  readonly digest: string | null;
  readonly previous: string | null;
  /** Data of the row if it is an earlier gap. */
  readonly gap: string | null;
}

/**
 * Drops the oldest waiting rows of a class until it is well below its quota. The gap takes the last dropped
 * number. An earlier gap is merged into it, so a class has at most one gap at its head. `settled` tells the
 * platform to go on from there. The newest row stays. Runs inside the transaction of the event that needed
 * the room.
 */
export class OutboxQuota {
  readonly #heads: OutboxHeads;
  readonly #oldest: Database.Statement;
  readonly #delete: Database.Statement;

  constructor(db: Database.Database, heads: OutboxHeads) {
    this.#heads = heads;
    this.#oldest = db.prepare(
      `SELECT sequence, created_ms AS createdMs, octet_length(body) AS bytes, json_extract(body, '$.time') AS time,
         json_extract(body, '$.digest') AS digest, json_extract(body, '$.previous') AS previous,
         CASE WHEN sequence = @gapLast THEN json_extract(body, '$.data') END AS gap
       FROM outbox WHERE class = @eventclass AND sequence > @acked AND sequence < @last ORDER BY sequence LIMIT ${passRows}`,
    );
    this.#delete = db.prepare('DELETE FROM outbox WHERE class = ? AND sequence > ? AND sequence <= ?');
  }

  /** Calls `put` for each gap to be written. Returns how many rows were dropped. */
  enforce(
    eventclass: EventClass,
    limitBytes: number,
    reason: GapReason,
    put: (dropped: Dropped) => void,
  ): number {
    let count = 0;
    for (let pass = 0; pass < mostPasses; pass++) {
      const over = this.#heads.read(eventclass).bytes - limitBytes * downTo;
      if (over <= 0) break;
      const dropped = this.#dropOldest(eventclass, over, reason);
      if (!dropped) break;
      put(dropped);
      count += dropped.data.count ?? 0;
    }
    return count;
  }

  #dropOldest(eventclass: EventClass, overBytes: number, reason: GapReason): Dropped | undefined {
    const head = this.#heads.read(eventclass);
    const rows = this.#oldest.all({ eventclass, ...head }) as OldRow[];
    const going: OldRow[] = [];
    let bytes = 0;
    for (const row of rows) {
      // A gap is as long as an event: fewer than a few rows would free nothing.
      if (bytes >= overBytes && going.length >= 8) break;
      going.push(row);
      bytes += row.bytes;
    }
    const [first] = going;
    const last = going.at(-1);
    if (!first || !last || going.length < 2) return undefined;
    const before: WireGap | undefined = first.gap === null ? undefined : JSON.parse(first.gap);
    const events = before ? going.slice(1) : going;
    this.#delete.run(eventclass, head.acked, last.sequence);
    this.#heads.addBytes(eventclass, -bytes);
    // The row was on its way when it was dropped, and was acknowledged later: the platform has it.
    const firstSequence = Math.max(before?.firstSequence ?? first.sequence, head.acked + 1);
    this.#heads.dropped(eventclass, firstSequence, last.sequence);
    const earlier = before && this.#stillMissing(before, firstSequence, first.sequence);
    const sum = events.reduce((total, row) => total + row.bytes, 0);
    const [bytesInAll, from] = earlier
      ? [earlier.bytes === undefined ? undefined : earlier.bytes + sum, earlier.from]
      : [sum, first.time];
    const data: WireGap = {
      class: eventclass,
      reason,
      firstSequence,
      lastSequence: last.sequence,
      count: (earlier?.count ?? 0) + events.length,
      ...(bytesInAll === undefined ? {} : { bytes: bytesInAll }),
      ...(from === undefined ? {} : { from }),
      to: last.time,
    };
    const { sequence, createdMs, digest, previous } = last;
    return { sequence, createdMs, data, digest: digest ?? '', previous: previous ?? '' };
  }

  /**
   * The part of an earlier gap that is still missing. If its first numbers no longer are, its bytes and its
   * first time are unknown.
   */
  #stillMissing(
    gap: WireGap,
    firstSequence: number,
    lastSequence: number,
  ): Pick<WireGap, 'bytes' | 'from'> & { readonly count: number } {
    const count = lastSequence - firstSequence + 1;
    return firstSequence === gap.firstSequence ? { count, bytes: gap.bytes, from: gap.from } : { count };
  }
}

import type Database from 'better-sqlite3';
import { Heard } from './heard.ts';
import type { ReceivedEvent } from './intake.ts';
import {
  type Conflict,
  heardEveryMs,
  type IdentityFindingKind,
  keptConflicts,
  placeOf,
  sideBySideMs,
  twinNowMs,
  twinsSql,
  wentBack,
} from './lineage.ts';

interface At {
  readonly box: string;
  readonly epoch: string;
  readonly eventclass: string;
  readonly sequence: number;
}

/**
 * Keeps who boxes are: their starts, what did not fit their history, what they say of it. Called inside the
 * transaction of the events.
 */
export class SqliteIdentity {
  readonly #heard = new Heard(heardEveryMs);
  readonly #statements: ReturnType<typeof prepare>;

  constructor(db: Database.Database) {
    this.#statements = prepare(db);
  }

  /** The id under which the same event was applied already; absent if it was not. */
  applied({ box, former = '', digest }: ReceivedEvent): string | undefined {
    return this.#statements.applied.get({ box, former, digest, ...placeOf(former) }) as string | undefined;
  }

  /** The transaction did not hold. */
  forget(batch: readonly ReceivedEvent[]): void {
    this.#heard.forget(batch);
  }

  /** Takes note of the starts that sent a batch; returns the boxes of which two are heard side by side. */
  heard(batch: readonly ReceivedEvent[], receivedAt: string): ReadonlySet<string> {
    const nowMs = Date.parse(receivedAt);
    for (const { box, incarnation } of this.#heard.due(batch, nowMs)) {
      this.#statements.heard.run({ box, incarnation, nowMs });
      const twins = this.#statements.twins.get({ box, nowMs, sideBySideMs, twinNowMs }) !== undefined;
      this.#heard.remember(box, twins);
      if (twins) this.#find('twins', { box, epoch: '', eventclass: '', sequence: 0 }, receivedAt);
    }
    return this.#heard.twins(batch);
  }

  /** Keeps the content of what was not taken, and that it was not. */
  keep({ event, kind }: Conflict, receivedAt: string): void {
    const { box, epoch, eventclass, sequence, digest = '', type, time } = event;
    const data = JSON.stringify(event.data);
    const row = {
      box,
      epoch,
      eventclass,
      sequence,
      digest,
      type,
      time,
      data,
      receivedAt,
      most: keptConflicts,
    };
    this.#statements.conflict.run(row);
    this.#find(kind, { box, epoch, eventclass, sequence }, receivedAt);
  }

  unlinked(at: At, receivedAt: string): void {
    this.#find('unlinked', at, receivedAt);
  }

  /** A box's statements about itself. */
  told(event: ReceivedEvent, receivedAt: string): void {
    const { box, eventclass } = event;
    const back = wentBack(event);
    if (back) this.#find('went-back', { box, eventclass, ...back }, receivedAt);
  }

  #find(kind: IdentityFindingKind, at: At, receivedAt: string): void {
    this.#statements.find.run({ kind, ...at, receivedAt });
  }
}

function prepare(db: Database.Database) {
  return {
    applied: db
      .prepare(
        `SELECT id FROM events WHERE former = @former AND box = @box AND digest = @digest
         UNION ALL
         SELECT id FROM events WHERE box = @box AND epoch = @epoch AND class = @eventclass AND sequence = @sequence
           AND digest = @digest LIMIT 1`,
      )
      .pluck(),
    heard: db.prepare(
      `INSERT INTO incarnations VALUES (@box, @incarnation, @nowMs, @nowMs)
       ON CONFLICT (box, incarnation) DO UPDATE SET last_ms = max(last_ms, excluded.last_ms)`,
    ),
    twins: db.prepare(twinsSql((name) => `@${name}`)),
    conflict: db.prepare(
      `INSERT INTO conflicts (box, epoch, class, sequence, digest, type, time, data, received_at)
       SELECT @box, @epoch, @eventclass, @sequence, @digest, @type, @time, @data, @receivedAt
       WHERE (SELECT count(*) FROM conflicts WHERE box = @box) < @most ON CONFLICT DO NOTHING`,
    ),
    find: db.prepare(
      `INSERT INTO identity_findings (box, kind, epoch, class, sequence, count, found_at, last_at)
       VALUES (@box, @kind, @epoch, @eventclass, @sequence, 1, @receivedAt, @receivedAt)
       ON CONFLICT (box, kind, epoch, class) DO UPDATE SET count = count + 1, last_at = excluded.last_at,
         sequence = excluded.sequence`,
    ),
  };
}

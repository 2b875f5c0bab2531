import type pg from 'pg';
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

/** Events that another id had before, by the id that they have now. */
const applied = `
  SELECT n.id, f.id AS under FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[])
    AS n(id, box, former, epoch, class, sequence, digest),
    LATERAL (SELECT e.id FROM events e WHERE e.former = n.former AND e.box = n.box AND e.digest = n.digest AND e.id <> n.id
      UNION ALL
      SELECT e.id FROM events e WHERE e.box = n.box AND e.epoch = n.epoch AND e.class = n.class AND e.sequence = n.sequence
        AND e.digest = n.digest LIMIT 1) f`;
const heard = `
  INSERT INTO incarnations AS i VALUES ($1, $2, $3, $3)
  ON CONFLICT (box, incarnation) DO UPDATE SET last_ms = greatest(i.last_ms, excluded.last_ms)`;
const twins = twinsSql(
  (name) => ({ box: '$1', nowMs: '$2::bigint', sideBySideMs: '$3::bigint', twinNowMs: '$4::bigint' })[name],
);
const conflict = `
  INSERT INTO conflicts (box, epoch, class, sequence, digest, type, time, data, received_at)
  SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9 WHERE (SELECT count(*) FROM conflicts WHERE box = $1) < $10
  ON CONFLICT DO NOTHING`;
const find = `
  INSERT INTO identity_findings AS f (box, kind, epoch, class, sequence, count, found_at, last_at)
  VALUES ($1, $2, $3, $4, $5, 1, $6, $6)
  ON CONFLICT (box, kind, epoch, class) DO UPDATE SET count = f.count + 1, last_at = greatest(f.last_at, excluded.last_at),
    sequence = excluded.sequence`;

interface Found {
  readonly batch: readonly ReceivedEvent[];
  /** Events that were applied. */
  readonly news: readonly ReceivedEvent[];
  readonly conflicts: readonly Conflict[];
  readonly unlinked: readonly {
    readonly box: string;
    readonly epoch: string;
    readonly eventclass: string;
    readonly unlinked: number | null;
  }[];
}

/**
 * Keeps who boxes are: their starts, what did not fit their history, what they say of it. Inside the
 * transaction of the events.
 */
export class PostgresIdentity {
  readonly #heard = new Heard(heardEveryMs);

  /** The events that were applied already, by their id, with the id under which they were. */
  async applied(
    client: pg.PoolClient,
    events: readonly ReceivedEvent[],
  ): Promise<ReadonlyMap<string, string>> {
    const asked = events.filter(({ former, digest }) => former !== undefined && digest !== undefined);
    if (asked.length === 0) return new Map();
    const column = <T>(of: (event: ReceivedEvent) => T) => asked.map(of);
    const { rows } = await client.query<{ id: string; under: string }>(applied, [
      column(({ id }) => id),
      column(({ box }) => box),
      column(({ former }) => former),
      column(({ former = '' }) => placeOf(former).epoch),
      column(({ former = '' }) => placeOf(former).eventclass),
      column(({ former = '' }) => placeOf(former).sequence),
      column(({ digest }) => digest),
    ]);
    return new Map(rows.map(({ id, under }) => [id, under]));
  }

  async take(client: pg.PoolClient, found: Found, receivedAt: string): Promise<void> {
    for (const { event, kind } of found.conflicts) {
      const { box, epoch, eventclass, sequence, digest = '', type, time, data } = event;
      const content = [type, time, JSON.stringify(data), receivedAt, keptConflicts];
      await client.query(conflict, [box, epoch, eventclass, sequence, digest, ...content]);
      await this.#find(client, kind, [box, epoch, eventclass, sequence], receivedAt);
    }
    for (const { box, epoch, eventclass, unlinked } of found.unlinked)
      if (unlinked !== null)
        await this.#find(client, 'unlinked', [box, epoch, eventclass, unlinked], receivedAt);
    for (const event of found.news) {
      const back = wentBack(event);
      if (back)
        await this.#find(
          client,
          'went-back',
          [event.box, back.epoch, event.eventclass, back.sequence],
          receivedAt,
        );
    }
    const nowMs = Date.parse(receivedAt);
    for (const { box, incarnation } of this.#heard.due(found.batch, nowMs)) {
      await client.query(heard, [box, incarnation, nowMs]);
      const { rows } = await client.query(twins, [box, nowMs, sideBySideMs, twinNowMs]);
      this.#heard.remember(box, rows.length > 0);
      if (rows.length > 0) await this.#find(client, 'twins', [box, '', '', 0], receivedAt);
    }
  }

  /** Boxes of a batch of which two are heard side by side. */
  twins(batch: readonly ReceivedEvent[]): ReadonlySet<string> {
    return this.#heard.twins(batch);
  }

  /** The transaction did not hold. */
  forget(batch: readonly ReceivedEvent[]): void {
    this.#heard.forget(batch);
  }

  async #find(
    client: pg.PoolClient,
    kind: IdentityFindingKind,
    [box, epoch, eventclass, sequence]: readonly [string, string, string, number],
    receivedAt: string,
  ): Promise<void> {
    await client.query(find, [box, kind, epoch, eventclass, sequence, receivedAt]);
  }
}

import { randomUUID } from 'node:crypto';
import { DeviceEvent } from '@gatehouse/contracts';
import type Database from 'better-sqlite3';

type Unplaced<Event> = Event extends unknown ? Omit<Event, 'id' | 'sequence'> : never;
/** A device event before the outbox gave it id and sequence. */
export type NewDeviceEvent = Unplaced<DeviceEvent>;

/**
 * While the runtime is away at most so many events of these types wait (drop policy: drop-oldest); commands are never dropped.
 * A runtime that missed an alarm's end closes it when the next one of its kind opens.
 */
export const maxWaiting: Readonly<Partial<Record<DeviceEvent['type'], number>>> = {
  comms: 2_000,
  alarm: 10_000,
  reading: 2_000,
  card: 2_000,
  refusal: 2_000,
  'audit-head': 100,
};

/** Events for the runtime, in the order they happened, kept until acknowledged. */
export class EventOutbox {
  readonly #insert: Database.Statement;
  readonly #page: Database.Statement;
  readonly #acknowledge: Database.Statement;
  readonly #trim: Database.Statement;

  constructor(db: Database.Database) {
    this.#insert = db.prepare('INSERT INTO events (id, type, body) VALUES (?, ?, ?)');
    this.#page = db.prepare('SELECT sequence, body FROM events WHERE sequence > ? ORDER BY sequence LIMIT ?');
    this.#acknowledge = db.prepare(
      'DELETE FROM events WHERE sequence IN (SELECT sequence FROM events WHERE sequence <= ? ORDER BY sequence LIMIT ?)',
    );
    this.#trim = db.prepare(
      `DELETE FROM events WHERE sequence <= (SELECT sequence FROM events WHERE type = @type
         ORDER BY sequence DESC LIMIT 1 OFFSET @limit) AND type = @type`,
    );
  }

  /** Call within the transaction that holds the fact. */
  append(event: NewDeviceEvent): void {
    const id = randomUUID();
    this.#insert.run(id, event.type, JSON.stringify({ ...event, id }));
    const limit = maxWaiting[event.type];
    if (limit !== undefined) this.#trim.run({ type: event.type, limit });
  }

  after(sequence: number, limit: number): DeviceEvent[] {
    return this.#page.all(sequence, limit).map((row) => {
      const { sequence: found, body } = asEventRow(row);
      return DeviceEvent.parse({ ...JSON.parse(body), sequence: found });
    });
  }

  /** Deletes up to and including `upTo`, at most `chunk` rows; returns how many went. */
  acknowledge(upTo: number, chunk: number): number {
    return this.#acknowledge.run(upTo, chunk).changes;
  }
}

function asEventRow(row: unknown): { sequence: number; body: string } {
  if (typeof row === 'object' && row !== null && 'sequence' in row && 'body' in row)
    return { sequence: Number(row.sequence), body: String(row.body) };
  throw new TypeError('unexpected row of events');
}

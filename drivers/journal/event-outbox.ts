import { randomUUID } from 'node:crypto';
import { DeviceEvent } from '@gatehouse/contracts';
import type Database from 'better-sqlite3';

/** A device event before the outbox gave it id and sequence. */
export type NewDeviceEvent =
  | Omit<Extract<DeviceEvent, { type: 'command' }>, 'id' | 'sequence'>
  | Omit<Extract<DeviceEvent, { type: 'comms' }>, 'id' | 'sequence'>;

/** While the runtime is away at most this many `comms` events wait (drop policy: drop-oldest); commands are never dropped. */
export const maxWaitingComms = 2_000;

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
      `DELETE FROM events WHERE sequence <= (SELECT sequence FROM events WHERE type = 'comms'
         ORDER BY sequence DESC LIMIT 1 OFFSET ${maxWaitingComms}) AND type = 'comms'`,
    );
  }

  /** Call within the transaction that holds the fact. */
  append(event: NewDeviceEvent): void {
    const id = randomUUID();
    this.#insert.run(id, event.type, JSON.stringify({ ...event, id }));
    if (event.type === 'comms') this.#trim.run();
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

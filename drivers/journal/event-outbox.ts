import { randomUUID } from 'node:crypto';
import { DeviceEvent } from '@gatehouse/contracts';
import type Database from 'better-sqlite3';

type Unplaced<Event> = Event extends unknown ? Omit<Event, 'id' | 'sequence'> : never;
/** A device event before the outbox gave it id and sequence. */
export type NewDeviceEvent = Unplaced<DeviceEvent>;

/**
 * While the runtime is away at most so many events of these types wait (drop policy: drop-oldest); commands
 * are never dropped. A runtime that missed an alarm's end closes it when the next one of its kind opens.
 */
export const maxWaiting: Readonly<Partial<Record<DeviceEvent['type'], number>>> = {
  comms: 2_000,
  alarm: 10_000,
  reading: 2_000,
  card: 2_000,
  refusal: 2_000,
  'audit-head': 100,
};

interface EventRow {
  readonly sequence: number;
  readonly body: string;
}

/** Events for the runtime, in the order they happened, kept until acknowledged. */
export class EventOutbox {
  readonly #insert: Database.Statement;
  readonly #page: Database.Statement;
  readonly #acknowledge: Database.Statement;
  readonly #trim: Database.Statement;
  readonly #unreadable: (what: string) => void;

  /** @param unreadable told of each row that is no event. */
  constructor(db: Database.Database, unreadable: (what: string) => void) {
    this.#unreadable = unreadable;
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

  /**
   * An event that cannot be read is passed over: it must not keep back what is behind it, and goes when that
   * is acknowledged.
   */
  after(sequence: number, limit: number): DeviceEvent[] {
    for (let from = sequence; ; ) {
      const rows = this.#page.all(from, limit) as EventRow[];
      const events = rows.flatMap((row) => this.#eventOf(row) ?? []);
      if (events.length > 0 || rows.length < limit) return events;
      from = rows.at(-1)?.sequence ?? from;
    }
  }

  /** Deletes up to and including `upTo`, at most `chunk` rows; returns how many went. */
  acknowledge(upTo: number, chunk: number): number {
    return this.#acknowledge.run(upTo, chunk).changes;
  }

  #eventOf({ sequence, body }: EventRow): DeviceEvent | undefined {
    try {
      const event = DeviceEvent.safeParse({ ...JSON.parse(body), sequence });
      if (event.success) return event.data;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
    this.#unreadable(`event ${sequence}`);
    return undefined;
  }
}

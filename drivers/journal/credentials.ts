import { EnrolledCard } from '@gatehouse/contracts';
import type Database from 'better-sqlite3';

/** More cards than a compound of 5 000 flats hands out. */
export const maxCards = 20_000;

/** The enrolled cards. Call its changes within the transaction that audits them. */
export class Credentials {
  readonly #db: Database.Database;
  constructor(db: Database.Database) {
    this.#db = db;
  }

  /** One that cannot be read is left out: its card still opens, by its columns. */
  list(): EnrolledCard[] {
    return this.#db
      .prepare('SELECT body FROM cards ORDER BY rowid')
      .pluck()
      .all()
      .flatMap((body) => cardOf(body) ?? []);
  }
  isEnrolled(credential: string, reader: string): boolean {
    return (
      this.#db.prepare('SELECT 1 FROM cards WHERE credential = ? AND reader = ?').get(credential, reader) !==
      undefined
    );
  }
  /** Returns false when there is no room for another. */
  keep(card: EnrolledCard): boolean {
    if (Number(this.#db.prepare('SELECT count(*) FROM cards').pluck().get()) >= maxCards) return false;
    this.#db
      .prepare('INSERT OR REPLACE INTO cards (credential, reader, body) VALUES (?, ?, ?)')
      .run(card.credential, card.reader, JSON.stringify(card));
    return true;
  }
  /** How many enrolments of the card ended. */
  revoke(credential: string): number {
    return this.#db.prepare('DELETE FROM cards WHERE credential = ?').run(credential).changes;
  }
}

function cardOf(body: unknown): EnrolledCard | undefined {
  try {
    return EnrolledCard.safeParse(JSON.parse(String(body))).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

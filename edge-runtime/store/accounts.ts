import type { Role } from '@gatehouse/contracts';
import type { Clock } from '@gatehouse/kit';
import type Database from 'better-sqlite3';

export interface StoredUser {
  readonly name: string;
  readonly role: Role;
  readonly passwordHash: string;
  readonly createdAt: string;
}

export interface StoredSession {
  readonly tokenHash: string;
  readonly user: string;
  readonly createdAtMs: number;
  readonly lastSeenAtMs: number;
}

export interface StoredFailures {
  readonly count: number;
  readonly lastAtMs: number;
}

export interface StoredAudit {
  readonly at: string;
  readonly who: string;
  readonly what: string;
}

const userColumns = 'name, role, password_hash AS passwordHash, created_at AS createdAt';

/** Users, sessions, failed logins and the audit trail; every method is one statement, so one atomic step. */
export class AccountTables {
  readonly #db: Database.Database;
  readonly #guard: <T>(write: () => T) => T;
  readonly #clock: Clock;
  /** `guard` turns SQLite's errors into ones a person can act on (a full disk must not look like a fault of the login). */
  constructor(db: Database.Database, clock: Clock, guard: <T>(write: () => T) => T) {
    this.#db = db;
    this.#clock = clock;
    this.#guard = guard;
  }

  countUsers(): number {
    return Number(this.#db.prepare('SELECT COUNT(*) FROM users').pluck().get());
  }
  findUser(name: string): StoredUser | undefined {
    return this.#db.prepare(`SELECT ${userColumns} FROM users WHERE name = ?`).get(name) as
      | StoredUser
      | undefined;
  }
  listUsers(): StoredUser[] {
    return this.#db.prepare(`SELECT ${userColumns} FROM users ORDER BY name`).all() as StoredUser[];
  }
  /** Stores the very first user; false, and nothing stored, if any user exists. */
  addFirstUser(user: StoredUser): boolean {
    return this.#insertUser(
      'SELECT :name, :role, :passwordHash, :createdAt WHERE NOT EXISTS (SELECT 1 FROM users)',
      user,
    );
  }
  /** False, and nothing stored, if the name is taken in any case. */
  addUser(user: StoredUser): boolean {
    return this.#insertUser('VALUES (:name, :role, :passwordHash, :createdAt)', user);
  }

  addSession(session: StoredSession): void {
    this.#guard(() =>
      this.#db
        .prepare('INSERT INTO sessions VALUES (:tokenHash, :user, :createdAtMs, :lastSeenAtMs)')
        .run(session),
    );
  }
  findSession(tokenHash: string): StoredSession | undefined {
    return this.#db
      .prepare(
        'SELECT token_hash AS tokenHash, user, created_ms AS createdAtMs, seen_ms AS lastSeenAtMs FROM sessions WHERE token_hash = ?',
      )
      .get(tokenHash) as StoredSession | undefined;
  }
  touchSession(tokenHash: string, lastSeenAtMs: number): void {
    this.#guard(() =>
      this.#db.prepare('UPDATE sessions SET seen_ms = ? WHERE token_hash = ?').run(lastSeenAtMs, tokenHash),
    );
  }
  removeSession(tokenHash: string): void {
    this.#guard(() => this.#db.prepare('DELETE FROM sessions WHERE token_hash = ?').run(tokenHash));
  }
  removeStaleSessions(createdBeforeMs: number, seenBeforeMs: number): void {
    this.#guard(() =>
      this.#db
        .prepare('DELETE FROM sessions WHERE created_ms < ? OR seen_ms < ?')
        .run(createdBeforeMs, seenBeforeMs),
    );
  }

  failedLogins(key: string): StoredFailures | undefined {
    return this.#db.prepare('SELECT count, last_ms AS lastAtMs FROM login_failures WHERE key = ?').get(key) as
      | StoredFailures
      | undefined;
  }
  addFailedLogin(key: string, atMs: number): StoredFailures {
    return this.#guard(
      () =>
        this.#db
          .prepare(
            `INSERT INTO login_failures VALUES (?, 1, ?)
         ON CONFLICT (key) DO UPDATE SET count = count + 1, last_ms = excluded.last_ms RETURNING count, last_ms AS lastAtMs`,
          )
          .get(key, atMs) as StoredFailures,
    );
  }
  clearFailedLogins(key: string): void {
    this.#guard(() => this.#db.prepare('DELETE FROM login_failures WHERE key = ?').run(key));
  }
  removeOldFailedLogins(beforeMs: number): void {
    this.#guard(() => this.#db.prepare('DELETE FROM login_failures WHERE last_ms < ?').run(beforeMs));
  }

  /** Appends to the audit trail; nothing here changes or deletes a record. */
  recordAudit(record: StoredAudit): void {
    this.#guard(() =>
      this.#db
        .prepare('INSERT INTO audit (at, who, what, body, at_ms) VALUES (?, ?, ?, ?, ?)')
        .run(record.at, record.who, record.what, JSON.stringify(record), Math.round(this.#clock.epochMs())),
    );
  }

  #insertUser(values: string, user: StoredUser): boolean {
    const sql = `INSERT INTO users (name, role, password_hash, created_at) ${values} ON CONFLICT (name) DO NOTHING`;
    // "INSERT … SELECT … ON CONFLICT" needs a WHERE to parse (SQLite, lang_upsert section 2.2); both forms have what they need.
    return this.#guard(() => this.#db.prepare(sql).run(user).changes === 1);
  }
}

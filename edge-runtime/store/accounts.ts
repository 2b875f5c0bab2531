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

export interface KeyedFailures extends StoredFailures {
  readonly key: string;
}

export interface StoredAudit {
  readonly at: string;
  readonly who: string;
  readonly what: string;
  /** The object of the action. */
  readonly on?: string;
  /** Client address. */
  readonly from?: string;
  readonly detail?: Readonly<Record<string, string | number | boolean>>;
}

const userColumns = 'name, role, password_hash AS passwordHash, created_at AS createdAt';
const sessionColumns = 'token_hash AS tokenHash, user, created_ms AS createdAtMs, seen_ms AS lastSeenAtMs';

/** Users, sessions, failed logins and the audit trail; every method is one atomic step. */
export class AccountTables {
  readonly #db: Database.Database;
  readonly #guard: <T>(write: () => T) => T;
  readonly #clock: Clock;
  /**
   * `guard` turns SQLite's errors into ones that a person can act on: a full disk must not look like a fault
   * of the login.
   */
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

  /** Changes nothing unless it answers `changed`; the last administrator stays one. */
  changeRole(name: string, role: Role): 'changed' | 'unknown' | 'last-administrator' {
    return this.#atomically(() => {
      const user = this.findUser(name);
      if (!user) return 'unknown';
      const others = this.#db
        .prepare("SELECT COUNT(*) FROM users WHERE role = 'administrator' AND name <> ?")
        .pluck()
        .get(user.name);
      if (user.role === 'administrator' && role !== 'administrator' && others === 0)
        return 'last-administrator';
      this.#db.prepare('UPDATE users SET role = ? WHERE name = ?').run(role, user.name);
      return 'changed';
    });
  }
  /** False, and nothing stored, if there is no such user. */
  changePassword(name: string, passwordHash: string): boolean {
    const sql = 'UPDATE users SET password_hash = ? WHERE name = ?';
    return this.#guard(() => this.#db.prepare(sql).run(passwordHash, name).changes === 1);
  }

  addSession(session: StoredSession): void {
    this.#guard(() =>
      this.#db
        .prepare('INSERT INTO sessions VALUES (:tokenHash, :user, :createdAtMs, :lastSeenAtMs)')
        .run(session),
    );
  }
  findSession(tokenHash: string): StoredSession | undefined {
    return this.#db.prepare(`SELECT ${sessionColumns} FROM sessions WHERE token_hash = ?`).get(tokenHash) as
      | StoredSession
      | undefined;
  }
  touchSession(tokenHash: string, lastSeenAtMs: number): void {
    this.#guard(() =>
      this.#db.prepare('UPDATE sessions SET seen_ms = ? WHERE token_hash = ?').run(lastSeenAtMs, tokenHash),
    );
  }
  sessionsOf(user: string): StoredSession[] {
    return this.#db
      .prepare(`SELECT ${sessionColumns} FROM sessions WHERE user = ?`)
      .all(user) as StoredSession[];
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
  /** Replaces the counts of these keys, and forgets keys whose last failure is older than `beforeMs`. */
  saveFailedLogins(list: readonly KeyedFailures[], beforeMs: number): void {
    const put = this.#db.prepare(
      `INSERT INTO login_failures VALUES (:key, :count, :lastAtMs)
         ON CONFLICT (key) DO UPDATE SET count = excluded.count, last_ms = excluded.last_ms`,
    );
    this.#atomically(() => {
      this.#db.prepare('DELETE FROM login_failures WHERE last_ms < ?').run(Math.round(beforeMs));
      for (const { key, count, lastAtMs } of list) put.run({ key, count, lastAtMs: Math.round(lastAtMs) });
    });
  }
  clearFailedLogins(key: string): void {
    this.#guard(() => this.#db.prepare('DELETE FROM login_failures WHERE key = ?').run(key));
  }

  /** Appends to the audit trail; nothing here changes or deletes a record. */
  recordAudit(record: StoredAudit): void {
    this.#guard(() =>
      this.#db
        .prepare('INSERT INTO audit (at, who, what, body, at_ms) VALUES (?, ?, ?, ?, ?)')
        .run(record.at, record.who, record.what, JSON.stringify(record), Math.round(this.#clock.epochMs())),
    );
  }

  /** The newest record of an action; searches the whole trail if there is none. */
  lastAudit(what: string): StoredAudit | undefined {
    const body = this.#db
      .prepare('SELECT body FROM audit WHERE what = ? ORDER BY sequence DESC LIMIT 1')
      .pluck()
      .get(what);
    return typeof body === 'string' ? JSON.parse(body) : undefined;
  }

  #atomically<T>(work: () => T): T {
    return this.#guard(() => this.#db.transaction(work).immediate());
  }

  #insertUser(values: string, user: StoredUser): boolean {
    const sql = `INSERT INTO users (name, role, password_hash, created_at) ${values} ON CONFLICT (name) DO NOTHING`;
    // "INSERT … SELECT … ON CONFLICT" needs a WHERE to parse (SQLite, lang_upsert section 2.2); both forms
    // have one.
    return this.#guard(() => this.#db.prepare(sql).run(user).changes === 1);
  }
}

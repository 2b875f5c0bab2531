import type { Role } from '@gatehouse/contracts';
import type { FailedLogins, KeyedFailures, SessionRecord, UserRecord, UsersPort } from '../ports.ts';

/** `UsersPort` in memory, for tests. */
export class MemoryUsers implements UsersPort {
  readonly #users = new Map<string, UserRecord>();
  readonly #sessions = new Map<string, SessionRecord>();
  readonly #failures = new Map<string, FailedLogins>();

  countUsers(): number {
    return this.#users.size;
  }
  findUser(name: string): UserRecord | undefined {
    return this.#users.get(name.toLowerCase());
  }
  listUsers(): readonly UserRecord[] {
    return [...this.#users.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }
  addFirstUser(user: UserRecord): boolean {
    return this.#users.size === 0 && this.addUser(user);
  }
  addUser(user: UserRecord): boolean {
    const key = user.name.toLowerCase();
    if (this.#users.has(key)) return false;
    this.#users.set(key, user);
    return true;
  }
  addSession(session: SessionRecord): void {
    this.#sessions.set(session.tokenHash, session);
  }
  findSession(tokenHash: string): SessionRecord | undefined {
    return this.#sessions.get(tokenHash);
  }
  touchSession(tokenHash: string, lastSeenAtMs: number): void {
    const session = this.#sessions.get(tokenHash);
    if (session) this.#sessions.set(tokenHash, { ...session, lastSeenAtMs });
  }
  removeSession(tokenHash: string): void {
    this.#sessions.delete(tokenHash);
  }
  removeStaleSessions(createdBeforeMs: number, seenBeforeMs: number): void {
    for (const session of this.#sessions.values())
      if (session.createdAtMs < createdBeforeMs || session.lastSeenAtMs < seenBeforeMs)
        this.#sessions.delete(session.tokenHash);
  }
  failedLogins(key: string): FailedLogins | undefined {
    return this.#failures.get(key);
  }
  sessionsOf(user: string): SessionRecord[] {
    return [...this.#sessions.values()].filter((one) => one.user.toLowerCase() === user.toLowerCase());
  }
  changeRole(name: string, role: Role): 'changed' | 'unknown' | 'last-administrator' {
    const user = this.findUser(name);
    if (!user) return 'unknown';
    const others = this.listUsers().filter((one) => one !== user && one.role === 'administrator');
    if (user.role === 'administrator' && role !== 'administrator' && others.length === 0)
      return 'last-administrator';
    this.#users.set(name.toLowerCase(), { ...user, role });
    return 'changed';
  }
  changePassword(name: string, passwordHash: string): boolean {
    const user = this.findUser(name);
    if (user) this.#users.set(name.toLowerCase(), { ...user, passwordHash });
    return user !== undefined;
  }
  saveFailedLogins(list: readonly KeyedFailures[], beforeMs: number): void {
    for (const [key, failed] of this.#failures) if (failed.lastAtMs < beforeMs) this.#failures.delete(key);
    for (const { key, count, lastAtMs } of list) this.#failures.set(key, { count, lastAtMs });
  }
  clearFailedLogins(key: string): void {
    this.#failures.delete(key);
  }
}

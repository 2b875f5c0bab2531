import type { Role } from '@gatehouse/contracts';
import { type Clock, GatehouseError } from '@gatehouse/kit';
import type { UserStore } from '../parts.ts';
import { hashToken, newToken } from './secrets.ts';

export const idleLimitMs = 12 * 3_600_000;
export const absoluteLimitMs = 24 * 3_600_000;
/** Logins of one user at once; past it the one unseen for longest ends. */
const maxOfUser = 32;
/** `lastSeenAtMs` is written at most this often, not on every request. */
const touchEveryMs = 60_000;

export interface Session {
  readonly tokenHash: string;
  readonly user: string;
  readonly role: Role;
}

/** Logins that are under way: opens, looks up, ends. The role is read from the user at every look-up. */
export class Sessions {
  readonly #store: UserStore;
  readonly #clock: Clock;
  /** Callbacks that run when a session ends, by token hash. */
  readonly #followers = new Map<string, Set<() => void>>();
  constructor(store: UserStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Opens a session and returns its token, the only copy of it. */
  async open(user: string): Promise<string> {
    const now = this.#clock.epochMs();
    await this.#store.accounts.removeStaleSessions(now - absoluteLimitMs, now - idleLimitMs);
    const others = (await this.#store.accounts.sessionsOf(user)).toSorted(
      (a, b) => b.lastSeenAtMs - a.lastSeenAtMs,
    );
    for (const { tokenHash } of others.slice(maxOfUser - 1)) await this.end(tokenHash);
    const token = newToken();
    await this.#store.accounts.addSession({
      tokenHash: hashToken(token),
      user,
      createdAtMs: now,
      lastSeenAtMs: now,
    });
    return token;
  }

  /** The live session of a token; counts as activity. */
  find(token: string): Promise<Session | undefined> {
    return this.use(hashToken(token));
  }

  /** The live session of a token hash; counts as activity. */
  async use(tokenHash: string): Promise<Session | undefined> {
    const session = await this.check(tokenHash);
    if (session) await this.#touch(tokenHash);
    return session;
  }

  /**
   * The live session of a token hash, without counting as activity: for streams that outlast their request.
   */
  async check(tokenHash: string): Promise<Session | undefined> {
    const record = await this.#store.accounts.findSession(tokenHash);
    if (!record) return undefined;
    const now = this.#clock.epochMs();
    const user = await this.#store.accounts.findUser(record.user);
    if (!user || now - record.createdAtMs >= absoluteLimitMs || now - record.lastSeenAtMs >= idleLimitMs) {
      await this.#store.accounts.removeSession(tokenHash);
      return undefined;
    }
    return { tokenHash, user: user.name, role: user.role };
  }

  /** Ends a session and at once calls the `end` of each `follow`. */
  async end(tokenHash: string): Promise<void> {
    await this.#store.accounts.removeSession(tokenHash);
    for (const end of this.#followers.get(tokenHash) ?? []) end();
  }

  /** Ends every session of a user. */
  async endAll(user: string): Promise<void> {
    for (const { tokenHash } of await this.#store.accounts.sessionsOf(user)) await this.end(tokenHash);
  }

  /**
   * Calls `end` when a log-out ends the session. Only `check` notices a session that runs out. Returns a
   * function that stops following.
   */
  follow(tokenHash: string, end: () => void): () => void {
    const followers = this.#followers.get(tokenHash) ?? new Set();
    this.#followers.set(tokenHash, followers.add(end));
    return () => {
      followers.delete(end);
      if (followers.size === 0 && this.#followers.get(tokenHash) === followers)
        this.#followers.delete(tokenHash);
    };
  }

  async #touch(tokenHash: string): Promise<void> {
    const now = this.#clock.epochMs();
    const record = await this.#store.accounts.findSession(tokenHash);
    if (!record || now - record.lastSeenAtMs < touchEveryMs) return;
    try {
      await this.#store.accounts.touchSession(tokenHash, now);
    } catch (error) {
      // A full disk ends no session: at worst it runs out earlier, and that is hours away.
      if (!(error instanceof GatehouseError)) throw error;
    }
  }
}

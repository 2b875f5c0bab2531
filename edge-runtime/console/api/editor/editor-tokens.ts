import type { Role } from '@gatehouse/contracts';
import { mayOpen } from '@gatehouse/contracts/console';
import type { Clock } from '@gatehouse/kit';
import { newToken } from '../auth/secrets.ts';
import type { Session, Sessions } from '../auth/sessions.ts';

/** Header that carries the editor token to Node-RED. A client's value of it is removed. */
export const editorHeader = 'x-gatehouse-editor';

/** A token outlives its last mint by this much, for requests already under way. */
const lifeMs = 10 * 60_000;
const renewAfterMs = lifeMs / 2;
/** Editors open at once; past it the oldest token is forgotten and minted anew at its next request. */
const maxTokens = 100;

interface Entry {
  readonly token: string;
  readonly tokenHash: string;
  readonly mintedAtMs: number;
}

/**
 * Short-lived proofs that the console has authenticated an installer; each session has one. Kept in memory.
 */
export class EditorTokens {
  readonly #sessions: Sessions;
  readonly #clock: Clock;
  readonly #byToken = new Map<string, Entry>();
  readonly #bySession = new Map<string, Entry>();
  constructor(sessions: Sessions, clock: Clock) {
    this.#sessions = sessions;
    this.#clock = clock;
  }

  /** The session's token; a new one after half of its life. */
  mint(session: Session): string {
    const now = this.#clock.monotonicMs();
    const last = this.#bySession.get(session.tokenHash);
    if (last && now - last.mintedAtMs < renewAfterMs) return last.token;
    this.#prune(now);
    const entry = { token: newToken(), tokenHash: session.tokenHash, mintedAtMs: now };
    this.#byToken.set(entry.token, entry);
    this.#bySession.set(entry.tokenHash, entry);
    return entry.token;
  }

  /** The user of a token, if that login is still valid and its role may edit flows. */
  async verify(token: string): Promise<{ user: string; role: Role } | undefined> {
    const entry = this.#byToken.get(token);
    if (!entry || this.#clock.monotonicMs() - entry.mintedAtMs >= lifeMs) return undefined;
    const session = await this.#sessions.check(entry.tokenHash);
    if (!session || !mayOpen(session.role, 'flows')) return undefined;
    return { user: session.user, role: session.role };
  }

  #prune(now: number): void {
    for (const entry of this.#byToken.values())
      if (now - entry.mintedAtMs >= lifeMs || this.#byToken.size >= maxTokens) this.#forget(entry);
  }

  #forget(entry: Entry): void {
    this.#byToken.delete(entry.token);
    if (this.#bySession.get(entry.tokenHash) === entry) this.#bySession.delete(entry.tokenHash);
  }
}

import { mayOpen } from '@gatehouse/contracts/console';
import { type Clock, errorOf } from '@gatehouse/kit';
import { hashToken, newToken } from '../auth/secrets.ts';
import type { Session, Sessions } from '../auth/sessions.ts';

/** Time from the click in the console until the editor's listener must have the ticket. */
const ticketLifeMs = 30_000;
/** Logins that may use the editor at once. Past it the oldest one must open the editor again. */
const maxLogins = 200;

interface Ticket {
  readonly tokenHash: string;
  /** Origin of the page that asked for it; no other may redeem it. */
  readonly origin: string;
  readonly mintedAtMs: number;
}

interface Editor {
  readonly tokenHash: string;
  readonly unfollow: () => void;
}

/**
 * Sessions of the flow editor, which has an origin and a cookie of its own. A page of the console gets a
 * ticket, valid once and for 30 s, and exchanges it for a session of the editor. That session depends on the
 * console's login: it ends with it, or when its role may no longer edit flows. Each login has one ticket and
 * one editor session, because a browser has one cookie of a name. Kept in memory, under hashes.
 */
export class EditorAccess {
  readonly #sessions: Sessions;
  readonly #clock: Clock;
  readonly #tickets = new OnePerLogin<Ticket>(() => undefined);
  readonly #editors = new OnePerLogin<Editor>(({ unfollow }) => unfollow());
  constructor(sessions: Sessions, clock: Clock) {
    this.#sessions = sessions;
    this.#clock = clock;
  }

  /** Makes a ticket for the page at `origin` with this login. */
  mintTicket({ tokenHash }: Session, origin: string): string {
    return this.#tickets.put({ tokenHash, origin, mintedAtMs: this.#clock.monotonicMs() });
  }

  /**
   * Redeems a ticket for the page at `origin`; returns the token for the editor's cookie. Throws
   * `TICKET_WRONG`.
   */
  async redeem(ticket: string, origin: string | undefined): Promise<string> {
    const found = this.#tickets.find(ticket);
    if (!found) throw errorOf('TICKET_WRONG');
    const { tokenHash, mintedAtMs } = found;
    this.#tickets.forget(tokenHash);
    const late = this.#clock.monotonicMs() - mintedAtMs > ticketLifeMs;
    if (late || found.origin !== origin || !(await this.#allowed(tokenHash))) throw errorOf('TICKET_WRONG');
    const unfollow = this.#sessions.follow(tokenHash, () => this.#editors.forget(tokenHash));
    return this.#editors.put({ tokenHash, unfollow });
  }

  /**
   * The console's login behind an editor's token, if it is still valid and its role may edit flows. Counts as
   * activity of that login.
   */
  async find(token: string): Promise<Session | undefined> {
    const editor = this.#editors.find(token);
    return editor && (await this.#allowed(editor.tokenHash));
  }

  async #allowed(tokenHash: string): Promise<Session | undefined> {
    const session = await this.#sessions.use(tokenHash);
    return session && mayOpen(session.role, 'flows') ? session : undefined;
  }
}

/** Values that are found by a secret token; each login has one, the newest. */
class OnePerLogin<T extends { readonly tokenHash: string }> {
  readonly #byKey = new Map<string, T>();
  readonly #keys = new Map<string, string>();
  readonly #onForget: (thing: T) => void;
  constructor(onForget: (thing: T) => void) {
    this.#onForget = onForget;
  }

  /** Returns the token. */
  put(thing: T): string {
    this.forget(thing.tokenHash);
    const [oldest] = this.#keys.keys();
    if (oldest !== undefined && this.#keys.size >= maxLogins) this.forget(oldest);
    const token = newToken();
    const key = hashToken(token);
    this.#byKey.set(key, thing);
    this.#keys.set(thing.tokenHash, key);
    return token;
  }

  find(token: string): T | undefined {
    return this.#byKey.get(hashToken(token));
  }

  forget(tokenHash: string): void {
    const key = this.#keys.get(tokenHash);
    const thing = key === undefined ? undefined : this.#byKey.get(key);
    if (key === undefined || !thing) return;
    this.#keys.delete(tokenHash);
    this.#byKey.delete(key);
    this.#onForget(thing);
  }
}

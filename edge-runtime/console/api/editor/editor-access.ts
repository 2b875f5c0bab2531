import type { Clock } from '@gatehouse/kit';
import { hashToken, newToken } from '../auth/secrets.ts';
import type { Session, Sessions } from '../auth/sessions.ts';
import { consoleError } from '../errors.ts';
import { editorRoles } from './editor-tokens.ts';

/** From the click in the console to the form that the editor's listener gets. */
const ticketLifeMs = 30_000;
/** Logins that may use the editor at once; past it the oldest has to open it anew (drop-oldest). */
const maxLogins = 200;

interface Ticket {
  readonly tokenHash: string;
  /** Of the page that asked for it: nobody else may bring it. */
  readonly origin: string;
  readonly mintedAtMs: number;
}

interface Editor {
  readonly tokenHash: string;
  readonly unfollow: () => void;
}

/**
 * Logins at the flow editor, which has an origin and a cookie of its own. A ticket of the console, good once
 * and for 30 s, is exchanged for one; it stands for the console's login behind it and ends with that login,
 * or when its role no longer may. A login has one ticket and one editor, as a browser has one cookie of a
 * name. In memory only, under hashes.
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

  /** A ticket for the page at `origin`, whose login this is. */
  mintTicket({ tokenHash }: Session, origin: string): string {
    return this.#tickets.put({ tokenHash, origin, mintedAtMs: this.#clock.monotonicMs() });
  }

  /**
   * Takes a ticket that a page at `origin` brings and opens the editor; returns the token for its cookie.
   * Throws `TICKET_WRONG`.
   */
  async redeem(ticket: string, origin: string | undefined): Promise<string> {
    const found = this.#tickets.find(ticket);
    if (!found) throw consoleError('TICKET_WRONG');
    const { tokenHash, mintedAtMs } = found;
    this.#tickets.forget(tokenHash);
    const late = this.#clock.monotonicMs() - mintedAtMs > ticketLifeMs;
    if (late || found.origin !== origin || !(await this.#allowed(tokenHash)))
      throw consoleError('TICKET_WRONG');
    const unfollow = this.#sessions.follow(tokenHash, () => this.#editors.forget(tokenHash));
    return this.#editors.put({ tokenHash, unfollow });
  }

  /** The login behind an editor's token, as long as it holds and its role may; counts as activity. */
  async find(token: string): Promise<Session | undefined> {
    const editor = this.#editors.find(token);
    return editor && (await this.#allowed(editor.tokenHash));
  }

  async #allowed(tokenHash: string): Promise<Session | undefined> {
    const session = await this.#sessions.use(tokenHash);
    return session && editorRoles.includes(session.role) ? session : undefined;
  }
}

/** Things found by a token that only their holder knows, the newest of each login. */
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

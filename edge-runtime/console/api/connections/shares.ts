import { errorOf } from '@gatehouse/kit';
import { peerOf } from './address.ts';

/** Limits for one kind of stream: in all, for one user, and for one address. */
export interface ShareLimits {
  readonly total: number;
  readonly user: number;
  readonly address: number;
}

/** The user and address that a place is counted for. */
export interface Taker {
  readonly user: string;
  readonly address: string;
}

/** Places that nobody can fill alone. Past a limit the newest is refused. */
export class Shares {
  readonly #what: string;
  readonly #limits: ShareLimits;
  readonly #users = new Counts();
  readonly #peers = new Counts();
  #taken = 0;
  /**
   * @param what the use in words for people, e.g. `pages follow the events`
   */
  constructor(what: string, limits: ShareLimits) {
    this.#what = what;
    this.#limits = limits;
  }

  /**
   * Takes a place and returns a function that gives it back; calling it twice is harmless. Throws
   * `TOO_MANY_VIEWERS`.
   */
  take({ user, address }: Taker): () => void {
    const { total, user: ofUser, address: ofAddress } = this.#limits;
    const peer = peerOf(address);
    if (this.#users.of(user) >= ofUser) throw this.#full(`of the user ${user}`);
    if (this.#peers.of(peer) >= ofAddress) throw this.#full(`of the address ${address}`);
    if (this.#taken >= total) throw this.#full('of all users together');
    this.#taken++;
    this.#users.add(user, 1);
    this.#peers.add(peer, 1);
    let given = false;
    return () => {
      if (given) return;
      given = true;
      this.#taken--;
      this.#users.add(user, -1);
      this.#peers.add(peer, -1);
    };
  }

  #full(whose: string): Error {
    return errorOf('TOO_MANY_VIEWERS/of', { what: this.#what, whose });
  }
}

/** Counts by name; a name with no count is removed. */
export class Counts {
  readonly #counts = new Map<string, number>();
  of(name: string): number {
    return this.#counts.get(name) ?? 0;
  }
  add(name: string, by: number): void {
    const count = this.of(name) + by;
    if (count > 0) this.#counts.set(name, count);
    else this.#counts.delete(name);
  }
}

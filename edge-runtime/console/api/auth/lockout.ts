import type { Clock } from '@gatehouse/kit';
import type { UsersPort } from '../ports.ts';

/** Typing errors are free; after that each failure doubles the wait. */
const freeFailures = 4;
const firstWaitMs = 5_000;
const longestWaitMs = 15 * 60_000;
/** A key without a failure for this long starts anew. */
const forgetAfterMs = 24 * 3_600_000;

/** How long a key with `failures` failures must wait after its last one: 5 s, 10 s, 20 s ... 15 min. */
export function waitAfterMs(failures: number): number {
  if (failures <= freeFailures) return 0;
  return Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(failures - freeFailures - 1, 20));
}

/**
 * Growing delays for whoever guesses: by user and address together, so that an attacker elsewhere cannot lock the
 * guard out, and by address alone (ten times as patient) against one password tried on many names.
 */
export class Lockout {
  readonly #users: UsersPort;
  readonly #clock: Clock;
  constructor(users: UsersPort, clock: Clock) {
    this.#users = users;
    this.#clock = clock;
  }

  /** Milliseconds this user at this address must still wait; 0 if none. */
  async waitMs(user: string, address: string): Promise<number> {
    const [byUser, byAddress] = keys(user, address);
    return Math.max(await this.#keyWaitMs(byUser, 1), await this.#keyWaitMs(byAddress, 10));
  }

  async fail(user: string, address: string): Promise<void> {
    const now = this.#clock.epochMs();
    await this.#users.removeOldFailedLogins(now - forgetAfterMs);
    for (const key of keys(user, address)) await this.#users.addFailedLogin(key, now);
  }

  /** The address keeps its count: a guesser who owns one account cannot wash it clean. */
  async succeed(user: string, address: string): Promise<void> {
    await this.#users.clearFailedLogins(keys(user, address)[0]);
  }

  async #keyWaitMs(key: string, patience: number): Promise<number> {
    const failed = await this.#users.failedLogins(key);
    if (!failed) return 0;
    const passedMs = Math.max(0, this.#clock.epochMs() - failed.lastAtMs);
    if (passedMs >= forgetAfterMs) return 0;
    return Math.max(0, waitAfterMs(Math.floor(failed.count / patience)) - passedMs);
  }
}

function keys(user: string, address: string): [byUser: string, byAddress: string] {
  return [`${user.toLowerCase().slice(0, 60)}@${address}`, `*@${address}`];
}

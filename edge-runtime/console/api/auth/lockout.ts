import type { Clock, Log } from '@gatehouse/kit';
import type { UserStore } from '../parts.ts';

/** Typing errors are free; after that each failure doubles the wait. */
const freeFailures = 4;
const firstWaitMs = 5_000;
const longestWaitMs = 15 * 60_000;
/** A key without a failure for this long starts anew. */
const forgetAfterMs = 24 * 3_600_000;
/**
 * Limit for keys of made-up names; the oldest is dropped. An attacker needs over half an hour to fill it, at
 * the pace of the strangers' lane, and gains four more tries at a name that nobody has. Keys of real users
 * are in a map of their own and are never dropped.
 */
const maxMadeUp = 20_000;
/** Devices and addresses of real users; some hundreds in practice. */
const maxReal = 20_000;

/** The wait of a key with `failures` failures after its last one: 5 s, 10 s, 20 s ... 15 min. */
export function waitAfterMs(failures: number): number {
  if (failures <= freeFailures) return 0;
  return Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(failures - freeFailures - 1, 20));
}

interface Failures {
  readonly count: number;
  readonly lastMs: number;
}

/** The key under which failures are counted. */
export interface Counted {
  readonly key: string;
  /** True if the user exists. No answer shows it: made-up names wait as real ones do. */
  readonly real: boolean;
}

/**
 * Makes a client that guesses wait longer each time. Failures of strangers are counted for each user, all
 * strangers together, so changing the address gains nothing. Failures of a known device or address are
 * counted for it alone, so nobody elsewhere can lock its guard out. There is no lock of an address by itself:
 * made-up names would lock a shared address for real users, and if they did not count, the lock would show
 * which names exist. Counts are in memory; those of real users are saved once a minute, so a restart forgives
 * nothing.
 */
export class Lockout {
  readonly #store: UserStore;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #real = new Map<string, Failures>();
  readonly #madeUp = new Map<string, Failures>();
  readonly #unsaved = new Set<string>();
  constructor(store: UserStore, clock: Clock, log: Log) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
  }

  /** Milliseconds that this key must still wait; 0 if none. */
  async waitMs(counted: Counted): Promise<number> {
    const failed = await this.#failures(counted);
    if (!failed) return 0;
    return Math.max(0, waitAfterMs(failed.count) - (this.#clock.monotonicMs() - failed.lastMs));
  }

  async fail(counted: Counted): Promise<void> {
    const { key, real } = counted;
    const count = ((await this.#failures(counted))?.count ?? 0) + 1;
    const failures = real ? this.#real : this.#madeUp;
    failures.delete(key);
    failures.set(key, { count, lastMs: this.#clock.monotonicMs() });
    const [oldest] = failures.keys();
    if (oldest !== undefined && failures.size > (real ? maxReal : maxMadeUp)) failures.delete(oldest);
    if (real) this.#unsaved.add(key);
  }

  async succeed({ key }: Counted): Promise<void> {
    this.#real.delete(key);
    this.#unsaved.delete(key);
    if (await this.#store.accounts.failedLogins(key)) await this.#store.accounts.clearFailedLogins(key);
  }

  /** Saves the changed counts of real users. Counts that the disk refuses are kept and saved later. */
  async save(): Promise<void> {
    const nowMs = this.#clock.epochMs();
    const keys = [...this.#unsaved];
    this.#unsaved.clear();
    const list = keys.flatMap((key) => {
      const failed = this.#real.get(key);
      if (!failed) return [];
      return [{ key, count: failed.count, lastAtMs: nowMs - (this.#clock.monotonicMs() - failed.lastMs) }];
    });
    try {
      if (list.length > 0) await this.#store.accounts.saveFailedLogins(list, nowMs - forgetAfterMs);
    } catch (error) {
      for (const key of keys) this.#unsaved.add(key);
      this.#log.warn('login-failures-not-saved', { error });
    }
  }

  async #failures({ key, real }: Counted): Promise<Failures | undefined> {
    const nowMs = this.#clock.monotonicMs();
    const known = (real ? this.#real : this.#madeUp).get(key);
    const found = known ?? (real ? await this.#saved(key, nowMs) : undefined);
    return found && nowMs - found.lastMs < forgetAfterMs ? found : undefined;
  }

  /**
   * Counts that an earlier start has saved. After the clock was set back, nobody waits longer than after a
   * failure just now.
   */
  async #saved(key: string, nowMs: number): Promise<Failures | undefined> {
    const saved = await this.#store.accounts.failedLogins(key);
    if (!saved) return undefined;
    return { count: saved.count, lastMs: nowMs - Math.max(0, this.#clock.epochMs() - saved.lastAtMs) };
  }
}

import { type HealthFault, healthFault, type StoreVerification } from '@gatehouse/contracts';
import { type Clock, type Log, type Part, systemCode } from '@gatehouse/kit';

const hourMs = 3_600_000;
/**
 * The first full check waits until the box has started up; then one a week finds a page that went bad while
 * nobody read it.
 */
const firstAfterMs = hourMs;
const weeklyMs = 7 * 24 * hourMs;
/** The wait after a check that could not be made: no room for the copy, or another copy under way. */
const retryMs = 24 * hourMs;

export interface StoreVerifierOptions {
  readonly verify: () => Promise<StoreVerification>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Checks all of events.db once a week, on a copy and in a thread of its own, and reports the result in
 * health.
 */
export class StoreVerifier implements Part {
  readonly #options: StoreVerifierOptions;
  #damage: string | undefined;
  #cancel: () => void = () => undefined;
  #stopped = false;
  constructor(options: StoreVerifierOptions) {
    this.#options = options;
  }

  start(): void {
    this.#next(firstAfterMs);
  }
  /** A check under way is given up: it may take minutes, and the service has seconds to stop in. */
  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  health(): HealthFault[] {
    if (this.#damage === undefined) return [];
    return [healthFault('records', 'STORE_DAMAGED', { problem: this.#damage })];
  }

  #next(delayMs: number): void {
    if (this.#stopped) return;
    this.#cancel = this.#options.clock.after(
      delayMs,
      () => void this.#verify().then((nextMs) => this.#next(nextMs)),
    );
  }

  /** Returns milliseconds until the next one. */
  async #verify(): Promise<number> {
    const { verify, log } = this.#options;
    try {
      const { intact, problems, bytes } = await verify();
      this.#damage = intact ? undefined : (problems[0] ?? 'unknown').slice(0, 120);
      if (intact) log.info('store-verified', { bytes });
      else log.error('store-verification-failed', { problems });
      return weeklyMs;
    } catch (error) {
      // The store was closed under the copy.
      if (this.#stopped) return weeklyMs;
      if (systemCode(error) === undefined) throw error;
      log.warn('store-not-verified', { error });
      return retryMs;
    }
  }
}

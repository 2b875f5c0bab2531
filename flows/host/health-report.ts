import type { ServiceHealth } from '@gatehouse/contracts';
import { type Clock, every, type Log, type Part } from '@gatehouse/kit';
import type { RuntimeFlowsClient } from '@gatehouse/local-api';

export const reportEveryMs = 10_000;

/** Tells the runtime every 10 s how flows are. A runtime that is down is said once and not waited for. */
export class HealthReport implements Part {
  readonly #runtime: RuntimeFlowsClient;
  readonly #health: () => ServiceHealth;
  readonly #clock: Clock;
  readonly #log: Log;
  #cancel: (() => void) | undefined;
  #heard = true;
  constructor(runtime: RuntimeFlowsClient, health: () => ServiceHealth, clock: Clock, log: Log) {
    this.#runtime = runtime;
    this.#health = health;
    this.#clock = clock;
    this.#log = log;
  }

  start(): void {
    this.#cancel = every(this.#clock, reportEveryMs, () => void this.#report());
    void this.#report();
  }

  stop(): void {
    this.#cancel?.();
  }

  async #report(): Promise<void> {
    try {
      await this.#runtime.call('reportHealth', { body: this.#health() });
      this.#heard = true;
    } catch (error) {
      if (this.#heard) this.#log.warn('health-not-reported', { error });
      this.#heard = false;
    }
  }
}

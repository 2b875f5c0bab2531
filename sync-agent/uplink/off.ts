import type { Clock, Log, Part } from '@gatehouse/kit';
import type { OutboxSource } from './outbox-source.ts';
import { StatusReporter } from './status-reporter.ts';

/** The site file names no platform: the service stays up, says so, and touches no event. */
export class UplinkOff implements Part {
  readonly #reporter: StatusReporter;
  readonly #abort = new AbortController();
  #running: Promise<void> = Promise.resolve();
  constructor(source: OutboxSource, clock: Clock, log: Log) {
    this.#reporter = new StatusReporter(source, clock, log, () => ({ state: 'off' }));
  }
  start(): void {
    this.#running = this.#reporter.run(this.#abort.signal);
  }
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }
}

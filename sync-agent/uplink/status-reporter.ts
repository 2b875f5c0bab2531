import type { CommandLinkStatus, HealthFault, UplinkStatus } from '@gatehouse/contracts';
import { type Clock, type Log, sleep } from '@gatehouse/kit';
import type { OutboxSource } from './outbox-source.ts';
import { Wake } from './wake.ts';

const periodMs = 10_000;
/** After a report that did not arrive. */
const retryMs = 1000;

/** The connection for commands, as far as it is reported beside the uplink. */
export interface CommandLink {
  status(): CommandLinkStatus;
  /** Calls `listener` after each change of the status. */
  onChange(listener: () => void): void;
}

/** Something else that goes over the link. */
export interface Beside {
  /** Its faults. */
  health(): readonly HealthFault[];
  /** Calls `listener` after each change of that. */
  onChange(listener: () => void): void;
}

/**
 * Tells the runtime how the uplink stands: at once when it changes, and every 10 s, so that silence means
 * something.
 */
export class StatusReporter {
  readonly #source: OutboxSource;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #read: () => UplinkStatus;
  readonly #wake = new Wake();
  #reached = true;

  constructor(
    source: OutboxSource,
    clock: Clock,
    log: Log,
    read: () => UplinkStatus,
    commands: CommandLink | undefined = undefined,
    beside: readonly Beside[] = [],
  ) {
    this.#source = source;
    this.#clock = clock;
    this.#log = log;
    this.#read = () => (commands ? { ...read(), commands: commands.status() } : read());
    for (const part of commands ? [commands, ...beside] : beside) part.onChange(() => this.changed());
  }

  changed(): void {
    this.#wake.ring();
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (await this.#report(signal)) await this.#wake.wait(this.#clock, periodMs, signal);
      else await sleep(this.#clock, retryMs, signal);
    }
  }

  async #report(signal: AbortSignal): Promise<boolean> {
    try {
      await this.#source.report(this.#read(), signal);
      if (!this.#reached) this.#log.info('uplink-report-resumed');
      this.#reached = true;
    } catch (error) {
      if (!signal.aborted && this.#reached) this.#log.warn('uplink-report-failed', { error });
      this.#reached = false;
    }
    return this.#reached;
  }
}

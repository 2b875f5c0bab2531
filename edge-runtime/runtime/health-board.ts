import {
  type Endangered,
  faultsOf,
  type HealthFault,
  healthFault,
  processorShort,
  ServiceHealth,
  serviceHealth,
} from '@gatehouse/contracts';
import {
  type Clock,
  type ClockSync,
  describeError,
  every,
  type LocalClient,
  type Part,
  type ProcessorMonitor,
} from '@gatehouse/kit';

const pollMs = 2_000;
/** While the box is short of processor a service may miss so many polls: this long on the clock of limits, milliseconds. */
const lateForMs = 3 * pollMs;
/** A service that reports by itself (flows, sync) is down when it has not for this long; they report every 10 s. */
const reportLifeMs = 25_000;

/** What nobody does while a service is away. */
const endangeredBy: Readonly<Record<string, Endangered>> = {
  drivers: 'people',
  vision: 'watch',
  sync: 'platform',
  flows: 'comfort',
};

const enough = { short: false, state: { short: false, waitedShare: 0, perProcessor: undefined } } as const;

export interface HealthBoardOptions {
  readonly clock: Clock;
  /** Services that answer `GET /health`. */
  readonly polled: Readonly<Record<string, Pick<LocalClient, 'call'>>>;
  /** The runtime's own parts by name. */
  readonly parts: () => Readonly<Record<string, { health(): readonly HealthFault[] }>>;
  readonly clockSync: Pick<ClockSync, 'state' | 'warning'>;
  /** Whether the box has enough processor; it always has if absent. */
  readonly processor?: Pick<ProcessorMonitor, 'short' | 'clock' | 'state'>;
}

/** Health of all services by name: asked of those that serve, kept from those that report. */
export class HealthBoard implements Part {
  readonly #options: HealthBoardOptions;
  readonly #processor: Pick<ProcessorMonitor, 'short' | 'clock' | 'state'>;
  /** What each service answered last, and when, on the clock of limits. */
  readonly #polled = new Map<string, { readonly health: ServiceHealth; readonly atMs: number }>();
  readonly #reported = new Map<string, { readonly health: ServiceHealth; readonly atMs: number }>();
  #stop: () => void = () => undefined;
  constructor(options: HealthBoardOptions) {
    this.#options = options;
    this.#processor = options.processor ?? { ...enough, clock: options.clock };
  }
  start(): void {
    const ask = () => {
      for (const [name, client] of Object.entries(this.#options.polled)) void this.#ask(name, client);
    };
    ask();
    this.#stop = every(this.#options.clock, pollMs, ask);
  }
  stop(): void {
    this.#stop();
  }
  report(name: string, health: ServiceHealth): void {
    this.#reported.set(name, { health, atMs: this.#nowMs() });
  }

  /** Never throws and never writes: the guards' page hangs on it, on a full and on a broken disk too. */
  services(): Record<string, ServiceHealth> {
    const polled = Object.keys(this.#options.polled).map(
      (name) => [name, this.#polled.get(name)?.health ?? waiting(name)] as const,
    );
    const reporting = ['sync', 'flows'].map((name) => [name, this.#lastReport(name)] as const);
    return { runtime: this.#own(), ...Object.fromEntries([...polled, ...reporting]) };
  }

  /** A clock that nobody keeps is said, and degrades nothing: many boxes stand where no time server is. */
  #own(): ServiceHealth {
    const { parts, clockSync } = this.#options;
    const faults = faultsOf(Object.entries(parts()).map(([name, part]) => [name, () => part.health()]));
    const starved = processorShort(this.#processor.state);
    const warning = clockSync.warning();
    return {
      // A shortage ends by itself: of what is as grave, what a person has to mend stands before it.
      ...serviceHealth(starved ? [...faults, starved.fault] : faults, warning === undefined ? [] : [warning]),
      clock: clockSync.state(),
      ...(starved ? { processor: starved.processor } : {}),
    };
  }

  #lastReport(name: string): ServiceHealth {
    const report = this.#reported.get(name);
    if (report && this.#nowMs() - report.atMs <= reportLifeMs) return report.health;
    return waiting(name);
  }

  async #ask(name: string, client: Pick<LocalClient, 'call'>): Promise<void> {
    try {
      const health = ServiceHealth.parse(await client.call('GET', '/health', { timeoutMs: pollMs }));
      this.#polled.set(name, { health, atMs: this.#nowMs() });
    } catch (error) {
      const last = this.#polled.get(name);
      // A service that is late because the box is short of processor is not down yet.
      if (this.#processor.short && last && this.#nowMs() - last.atMs <= lateForMs) return;
      const health = down(name, describeError(error));
      this.#polled.set(name, { health, atMs: Number.NEGATIVE_INFINITY });
    }
  }

  #nowMs(): number {
    return this.#processor.clock.monotonicMs();
  }
}

function waiting(name: string): ServiceHealth {
  return down(name, `The ${name} service has not been heard of. Check that it runs.`);
}

function down(name: string, detail: string): ServiceHealth {
  const fault = healthFault(endangeredBy[name] ?? 'comfort', 'SERVICE_DOWN', detail);
  return { ...serviceHealth([fault]), status: 'down' };
}

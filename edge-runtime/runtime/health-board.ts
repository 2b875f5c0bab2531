import {
  type Endangered,
  faultsOf,
  type HealthFault,
  healthFault,
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
} from '@gatehouse/kit';

const pollMs = 2_000;
/** A service that reports by itself (flows, sync) is down when it has not for this long; they report every 10 s. */
const reportLifeMs = 25_000;

/** What nobody does while a service is away. */
const endangeredBy: Readonly<Record<string, Endangered>> = {
  drivers: 'people',
  vision: 'watch',
  sync: 'platform',
  flows: 'comfort',
};

export interface HealthBoardOptions {
  readonly clock: Clock;
  /** Services that answer `GET /health`. */
  readonly polled: Readonly<Record<string, LocalClient>>;
  /** The runtime's own parts by name. */
  readonly parts: () => Readonly<Record<string, { health(): readonly HealthFault[] }>>;
  readonly clockSync: Pick<ClockSync, 'state' | 'warning'>;
}

/** Health of all services by name: asked of those that serve, kept from those that report. */
export class HealthBoard implements Part {
  readonly #options: HealthBoardOptions;
  readonly #polled = new Map<string, ServiceHealth>();
  readonly #reported = new Map<string, { readonly health: ServiceHealth; readonly atMs: number }>();
  #stop: () => void = () => undefined;
  constructor(options: HealthBoardOptions) {
    this.#options = options;
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
    this.#reported.set(name, { health, atMs: this.#options.clock.monotonicMs() });
  }

  /** Never throws and never writes: the guards' page hangs on it, on a full and on a broken disk too. */
  services(): Record<string, ServiceHealth> {
    const polled = Object.keys(this.#options.polled).map(
      (name) => [name, this.#polled.get(name) ?? waiting(name)] as const,
    );
    const reporting = ['sync', 'flows'].map((name) => [name, this.#lastReport(name)] as const);
    return { runtime: this.#own(), ...Object.fromEntries([...polled, ...reporting]) };
  }

  /** A clock that nobody keeps is said, and degrades nothing: many boxes stand where no time server is. */
  #own(): ServiceHealth {
    const { parts, clockSync } = this.#options;
    const faults = faultsOf(Object.entries(parts()).map(([name, part]) => [name, () => part.health()]));
    const warning = clockSync.warning();
    return { ...serviceHealth(faults, warning === undefined ? [] : [warning]), clock: clockSync.state() };
  }

  #lastReport(name: string): ServiceHealth {
    const report = this.#reported.get(name);
    if (report && this.#options.clock.monotonicMs() - report.atMs <= reportLifeMs) return report.health;
    return waiting(name);
  }

  async #ask(name: string, client: LocalClient): Promise<void> {
    try {
      this.#polled.set(name, ServiceHealth.parse(await client.call('GET', '/health', { timeoutMs: pollMs })));
    } catch (error) {
      this.#polled.set(name, down(name, describeError(error)));
    }
  }
}

function waiting(name: string): ServiceHealth {
  return down(name, `The ${name} service has not been heard of. Check that it runs.`);
}

function down(name: string, detail: string): ServiceHealth {
  const fault = healthFault(endangeredBy[name] ?? 'comfort', 'SERVICE_DOWN', detail);
  return { ...serviceHealth([fault]), status: 'down' };
}

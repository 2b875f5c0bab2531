import {
  type Endangered,
  type HealthFault,
  healthFault,
  type ServiceHealth,
  serviceHealth,
} from '@gatehouse/contracts';
import { type Clock, describeError, every, type Part, type ProcessorMonitor } from '@gatehouse/kit';

const pollMs = 2_000;
/**
 * While the box is short of processor a service may miss so many polls: this long on the clock of limits,
 * milliseconds.
 */
const lateForMs = 3 * pollMs;
/**
 * A service that reports by itself (flows, sync) is down after this long without a report; they report every
 * 10 s.
 */
const reportLifeMs = 25_000;

/** The work that is not done while a service is away. */
const work: Readonly<Record<string, Endangered>> = {
  drivers: 'people',
  vision: 'watch',
  sync: 'platform',
  flows: 'comfort',
};

/** The client of a service that is polled. */
export interface AskedForHealth {
  call(route: 'health', options: { readonly timeoutMs: number }): Promise<ServiceHealth>;
}

export interface PeerHealthsOptions {
  readonly clock: Clock;
  /** Services that answer `GET /health`. */
  readonly polled: Readonly<Record<string, AskedForHealth>>;
  /** True if the box has enough processor. If absent, it always has. */
  readonly processor?: Pick<ProcessorMonitor, 'short' | 'clock'>;
}

/** Health of the other services by name. Services with an API are asked; reports of the others are kept. */
export class PeerHealths implements Part {
  readonly #options: PeerHealthsOptions;
  readonly #processor: Pick<ProcessorMonitor, 'short' | 'clock'>;
  /** The last answer of each service and its time, on the clock of limits. */
  readonly #polled = new Map<string, { readonly health: ServiceHealth; readonly atMs: number }>();
  readonly #reported = new Map<string, { readonly health: ServiceHealth; readonly atMs: number }>();
  #stop: () => void = () => undefined;
  constructor(options: PeerHealthsOptions) {
    this.#options = options;
    this.#processor = options.processor ?? { short: false, clock: options.clock };
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

  /** Never throws and never writes. */
  services(): Record<string, ServiceHealth> {
    const polled = Object.keys(this.#options.polled).map(
      (name) => [name, this.#polled.get(name)?.health ?? waiting(name)] as const,
    );
    const reporting = ['sync', 'flows'].map((name) => [name, this.#lastReport(name)] as const);
    return Object.fromEntries([...polled, ...reporting]);
  }

  #lastReport(name: string): ServiceHealth {
    const report = this.#reported.get(name);
    if (report && this.#nowMs() - report.atMs <= reportLifeMs) return report.health;
    return waiting(name);
  }

  async #ask(name: string, client: AskedForHealth): Promise<void> {
    try {
      const health = await client.call('health', { timeoutMs: pollMs });
      this.#polled.set(name, { health, atMs: this.#nowMs() });
    } catch (error) {
      const last = this.#polled.get(name);
      // A service that is late because the box is short of processor is not down yet.
      if (this.#processor.short && last && this.#nowMs() - last.atMs <= lateForMs) return;
      const values = { service: name, error: describeError(error) };
      const fault = healthFault(endangeredBy(name), 'SERVICE_DOWN/error', values);
      this.#polled.set(name, { health: down(fault), atMs: Number.NEGATIVE_INFINITY });
    }
  }

  #nowMs(): number {
    return this.#processor.clock.monotonicMs();
  }
}

function endangeredBy(name: string): Endangered {
  return work[name] ?? 'comfort';
}

function waiting(name: string): ServiceHealth {
  return down(healthFault(endangeredBy(name), 'SERVICE_DOWN', { service: name }));
}

function down(fault: HealthFault): ServiceHealth {
  return { ...serviceHealth([fault]), status: 'down' };
}

import { ServiceHealth } from '@gatehouse/contracts';
import {
  type Clock,
  describeError,
  every,
  type LocalClient,
  type Part,
  type ProcessorWatch,
} from '@gatehouse/kit';

const pollMs = 2_000;
/** While the box is short of processor a service may miss so many polls: this long on the clock of limits, milliseconds. */
const lateForMs = 3 * pollMs;
/** A service that reports by itself (flows, sync) is down when it has not for this long; they report every 10 s. */
const reportLifeMs = 25_000;

export interface HealthBoardOptions {
  readonly clock: Clock;
  /** Services that answer `GET /health`. */
  readonly polled: Readonly<Record<string, Pick<LocalClient, 'call'>>>;
  /** The runtime's own parts. */
  readonly own: () => ServiceHealth;
  /** Whether the box has enough processor; it always has if absent. */
  readonly processor?: Pick<ProcessorWatch, 'short' | 'clock'>;
}

/** Health of all services by name: asked of those that serve, kept from those that report. */
export class HealthBoard implements Part {
  readonly #options: HealthBoardOptions;
  readonly #processor: Pick<ProcessorWatch, 'short' | 'clock'>;
  /** What each service answered last, and when, on the clock of limits. */
  readonly #polled = new Map<string, { readonly health: ServiceHealth; readonly atMs: number }>();
  readonly #reported = new Map<string, { readonly health: ServiceHealth; readonly atMs: number }>();
  #stop: () => void = () => undefined;
  constructor(options: HealthBoardOptions) {
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
  services(): Record<string, ServiceHealth> {
    const polled = Object.keys(this.#options.polled).map(
      (name) => [name, this.#polled.get(name)?.health ?? waiting(name)] as const,
    );
    const reporting = ['sync', 'flows'].map((name) => [name, this.#lastReport(name)] as const);
    return { runtime: this.#options.own(), ...Object.fromEntries([...polled, ...reporting]) };
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
      const health: ServiceHealth = { status: 'down', detail: describeError(error).slice(0, 300) };
      this.#polled.set(name, { health, atMs: Number.NEGATIVE_INFINITY });
    }
  }

  #nowMs(): number {
    return this.#processor.clock.monotonicMs();
  }
}

function waiting(name: string): ServiceHealth {
  return { status: 'down', detail: `The ${name} service has not been heard of. Check that it runs.` };
}

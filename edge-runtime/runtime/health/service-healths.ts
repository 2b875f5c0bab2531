import {
  faultsOf,
  type HealthFault,
  processorShort,
  type ServiceHealth,
  serviceHealth,
} from '@gatehouse/contracts';
import type { ClockSync, ProcessorMonitor } from '@gatehouse/kit';
import type { PeerHealths } from './peer-healths.ts';

const enough = { state: { short: false, waitedShare: 0, perProcessor: undefined } } as const;

export interface ServiceHealthsOptions {
  readonly peers: PeerHealths;
  /** The runtime's own parts by name. */
  readonly parts: Readonly<Record<string, { health(): readonly HealthFault[] }>>;
  readonly clockSync: Pick<ClockSync, 'state' | 'warning'>;
  /** True if the box has enough processor. If absent, it always has. */
  readonly processor?: Pick<ProcessorMonitor, 'state'>;
}

/** Health of all services by name, the runtime's own first. */
export class ServiceHealths {
  readonly peers: PeerHealths;
  readonly #options: ServiceHealthsOptions;
  readonly #processor: Pick<ProcessorMonitor, 'state'>;
  constructor(options: ServiceHealthsOptions) {
    this.peers = options.peers;
    this.#options = options;
    this.#processor = options.processor ?? enough;
  }

  /** Never throws and never writes: the guards' page needs it, on a full and on a broken disk, too. */
  services(): Record<string, ServiceHealth> {
    return { runtime: this.#own(), ...this.peers.services() };
  }

  /** An unsynchronised clock is reported but degrades nothing: many boxes have no time server near. */
  #own(): ServiceHealth {
    const { parts, clockSync } = this.#options;
    const faults = faultsOf(Object.entries(parts).map(([name, part]) => [name, () => part.health()]));
    const starved = processorShort(this.#processor.state);
    const warning = clockSync.warning();
    return {
      // A shortage ends by itself. So an equally grave fault that a person has to mend comes before it.
      ...serviceHealth(starved ? [...faults, starved.fault] : faults, warning === undefined ? [] : [warning]),
      clock: clockSync.state(),
      ...(starved ? { processor: starved.processor } : {}),
    };
  }
}

import {
  type DeviceState,
  faultsOf,
  type HealthFault,
  healthFault,
  type InputState,
  type SensorState,
  type ServiceHealth,
  serviceHealth,
} from '@gatehouse/contracts';
import { healthLine } from '@gatehouse/kit';
import { commsHealth } from '../devices/comms-health.ts';
import type { OutOfService } from '../devices/out-of-service.ts';

interface HasFaults {
  health(): readonly HealthFault[];
}

export interface Condition {
  readonly journal: HasFaults;
  readonly cards: HasFaults;
  readonly outOfService: OutOfService;
  /** Everything on a bus that is in service. */
  readonly views: {
    readonly devices: () => readonly DeviceState[];
    readonly inputs: () => readonly InputState[];
    readonly sensors: () => readonly SensorState[];
  };
  readonly clockTrusted: () => boolean;
}

/** All that is not well with the service, the worst first. */
export function driversHealth({
  journal,
  cards,
  outOfService,
  views,
  clockTrusted,
}: Condition): ServiceHealth {
  const faults = faultsOf([
    ['journal', () => journal.health()],
    ['site file', () => siteHealth(outOfService)],
    ['devices', () => commsHealth(views.devices(), views.inputs(), views.sensors())],
    ['card readers', () => cards.health()],
  ]);
  // Many boxes stand where no time server is: it is said, and degrades nothing.
  return serviceHealth(faults, clockTrusted() ? [] : [healthLine('CLOCK_NOT_SYNCHRONISED/drivers')]);
}

function siteHealth(out: OutOfService): HealthFault[] {
  return [...out].map(([id, why]) => healthFault('people', 'OUT_OF_SERVICE', { id, why }));
}

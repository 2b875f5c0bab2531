import type { DeviceState, ServiceHealth } from '@gatehouse/contracts';
import type { OutOfService } from '../devices/out-of-service.ts';

export interface Condition {
  /** Everything on a bus that is in service. */
  readonly states: readonly Pick<DeviceState, 'id' | 'comms'>[];
  readonly outOfService: OutOfService;
  readonly journal: ServiceHealth;
  readonly clockTrusted: boolean;
}

/** Names that one line has room for. */
const mostNames = 8;

/** How the service stands, the worst first, in one line with its remedy. */
export function healthOf({ states, outOfService, journal, clockTrusted }: Condition): ServiceHealth {
  if (journal.status !== 'ok') return journal;
  if (outOfService.size > 0) {
    const told = [...outOfService].slice(0, mostNames).map(([id, why]) => `${id} (${why})`);
    return degraded(
      `OUT_OF_SERVICE: correct the site file or the profile of ${told.join(', ')} (config check names all).`,
    );
  }
  const away = states.filter(({ comms }) => comms !== 'ok').map(({ id }) => id);
  // Many boxes stand where no time server is: it is said, and degrades nothing.
  if (away.length === 0) return clockTrusted ? { status: 'ok' } : { status: 'ok', detail: clockNotTrusted };
  return degraded(`No answer from ${away.slice(0, mostNames).join(', ')}: check power, cable and address.`);
}

const clockNotTrusted =
  'CLOCK_NOT_SYNCHRONISED: nobody is known to keep the clock; commands from flows, schedules and the platform are refused. Start a time service, or see clock.keptBy of the site file.';

function degraded(detail: string): ServiceHealth {
  return { status: 'degraded', detail: detail.slice(0, 300) };
}

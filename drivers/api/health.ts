import type { DeviceState, ServiceHealth } from '@gatehouse/contracts';
import type { OutOfService } from '../devices/out-of-service.ts';

export interface Condition {
  /** Everything on a bus that is in service. */
  readonly states: readonly Pick<DeviceState, 'id' | 'comms'>[];
  readonly outOfService: OutOfService;
}

/** Names that one line has room for. */
const mostNames = 8;

/** How the service stands, the worst first, in one line with its remedy. */
export function healthOf({ states, outOfService }: Condition): ServiceHealth {
  if (outOfService.size > 0) {
    const told = [...outOfService].slice(0, mostNames).map(([id, why]) => `${id} (${why})`);
    return degraded(
      `OUT_OF_SERVICE: correct the site file or the profile of ${told.join(', ')} (config check names all).`,
    );
  }
  const away = states.filter(({ comms }) => comms !== 'ok').map(({ id }) => id);
  if (away.length === 0) return { status: 'ok' };
  return degraded(`No answer from ${away.slice(0, mostNames).join(', ')}: check power, cable and address.`);
}

function degraded(detail: string): ServiceHealth {
  return { status: 'degraded', detail: detail.slice(0, 300) };
}

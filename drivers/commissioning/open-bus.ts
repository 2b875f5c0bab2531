import type { Bus } from '@gatehouse/contracts';
import type { Clock } from '@gatehouse/kit';
import type { Link } from '../bus/link.ts';
import { linkTo } from '../bus/open-link.ts';

/** Beyond the time-out no board known to us answers later than this, milliseconds. */
const quarantineMs = 200;

/** Opens a bus for reads by hand. */
export function busOpener(bus: Bus, clock: Clock): () => Link {
  return () => linkTo(bus, { clock, quarantineMs });
}

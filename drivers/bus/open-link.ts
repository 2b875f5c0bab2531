import type { Bus } from '@gatehouse/contracts';
import type { Link, LinkOptions } from './link.ts';
import { RtuLink } from './rtu-link.ts';
import { TcpLink } from './tcp-link.ts';

/** The link that a bus of the site file calls for, not yet opened. */
export function linkTo(bus: Bus, options: LinkOptions): Link {
  return bus.kind === 'modbus-tcp' ? new TcpLink(bus, options) : new RtuLink(bus, options);
}

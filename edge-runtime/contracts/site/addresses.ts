import { isIP } from 'node:net';
import { nearest } from '@gatehouse/kit';
import type { SiteFault } from '../site-file/fault.ts';
import type { Site } from './site.ts';

/** RFC 1123, 2.1; an underscore is let pass, as name servers of plants use it. */
const hostName =
  /^(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?)*$/;

/**
 * Hosts that are none, and lines that two buses would hold. The second bus could not open the line, or each
 * would take the other's replies.
 */
export function hostFaults({ buses, console: page }: Site): SiteFault[] {
  const hosts = [
    ...buses.flatMap((bus, b) => ('host' in bus ? [[['buses', b, 'host'], bus.host] as const] : [])),
    [['console', 'host'], page.host] as const,
  ];
  const wrong = hosts.filter(([, host]) => !isHost(host));
  return [
    ...wrong.map(
      ([path, found]): SiteFault => ({
        path,
        code: 'host',
        values: { found: found.slice(0, 60), expected: { is: 'named', name: 'host' } },
      }),
    ),
    ...buses.flatMap((bus, b): SiteFault[] => {
      const line = lineOf(bus);
      const other = line && buses.slice(0, b).find((one) => lineOf(one) === line);
      const key = 'path' in bus ? 'path' : 'port';
      return other ? [{ path: ['buses', b, key], code: 'line-taken', values: { what: other.id } }] : [];
    }),
  ];
}

function isHost(host: string): boolean {
  return isIP(host) > 0 || hostName.test(host);
}

/** The line that one master alone can hold. A Modbus TCP server serves several. */
function lineOf(bus: Site['buses'][number]): string | undefined {
  if (bus.kind === 'modbus-tcp') return undefined;
  return bus.kind === 'modbus-rtu' ? bus.path : `${bus.host.toLowerCase()}:${bus.port}`;
}

/** A reference to a name that does not exist: the known names, the most likely one first. */
export function unknownName(
  path: SiteFault['path'],
  name: string,
  list: string,
  items: readonly { readonly id: string }[],
): SiteFault[] {
  const known = items.map(({ id }) => id);
  if (known.includes(name)) return [];
  const meant = nearest(name, known);
  if (meant !== undefined) return [{ path, code: 'unknown-name', values: { name, list, known, meant } }];
  return [{ path, code: 'unknown-name-none', values: { name, list, known: known.length > 0 ? known : '-' } }];
}

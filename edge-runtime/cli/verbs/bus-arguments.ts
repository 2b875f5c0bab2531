import { Bus, loadSite } from '@gatehouse/contracts';
import { type BaudRate, usualBauds } from '@gatehouse/drivers/commissioning';
import { errorOf, nothingCalled } from '@gatehouse/kit';
import { z } from 'zod';
import { oneOf, required } from '../verb.ts';

/** Options that say where a bus is: one of a site file, a serial device, or an address. */
export const place = {
  site: 'string',
  bus: 'string',
  path: 'string',
  host: 'string',
  port: 'string',
  parity: 'string',
  'pause-ms': 'string',
} as const;
export type Place = { readonly [K in keyof typeof place]?: string };

const parities = ['none', 'even', 'odd'] as const;

const Whole = z.coerce.number().int();

/** The bus that the arguments name: one of a site file, a serial device, or a Modbus TCP address. */
export function busOf(values: Place, baudRate?: BaudRate): Bus {
  const given = [values.site, values.path, values.host].filter((value) => value !== undefined).length;
  if (given !== 1) throw errorOf('USAGE/bus-place');
  if (values.site !== undefined) {
    const { buses } = loadSite(values.site);
    const id = required(values.bus, 'bus', 'bus');
    const found = buses.find((one) => one.id === id);
    if (!found)
      throw nothingCalled(
        'BUS_UNKNOWN',
        id,
        buses.map((one) => one.id),
      );
    return baudRate === undefined || found.kind === 'modbus-tcp' ? found : { ...found, baudRate };
  }
  if (values.host !== undefined)
    return Bus.parse({
      id: 'bus',
      kind: 'modbus-tcp',
      host: required(values.host || undefined, 'bus', 'host'),
      ...portOf(values.port),
    });
  const { path = '', parity = 'none', 'pause-ms': pause } = values;
  if (!path.startsWith('/')) throw errorOf('USAGE/path', { path });
  return Bus.parse({
    ...{ id: 'bus', kind: 'modbus-rtu', path },
    parity: oneOf('bus', '--parity', parity, parities),
    ...(pause ? { pauseMs: whole(pause, 'pause-ms', 0, 500) } : {}),
    ...(baudRate ? { baudRate } : {}),
  });
}

function portOf(port: string | undefined) {
  return port ? { port: whole(port, 'port', 1, 65_535) } : {};
}

/** `1-32`, `1,5,9` or both together. */
export function unitsOf(list: string): number[] {
  const units = list.split(',').flatMap((part) => {
    const [from = '', to = from] = part.split('-');
    const [first, last] = [whole(from, 'units', 1, 247), whole(to, 'units', 1, 247)];
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
  });
  if (units.length === 0) throw errorOf('USAGE/no-unit', { list });
  return [...new Set(units)];
}

/** Rates in the order in which they are to be tried. */
export function baudsOf(list: string): BaudRate[] {
  return list.split(',').map((part) => {
    const rate = ([1200, 2400, ...usualBauds] as const).find((one) => String(one) === part.trim());
    if (rate === undefined) throw errorOf('USAGE/baud', { rate: part });
    return rate;
  });
}

/** A whole number of an option, within bounds. */
export function whole(value: string, name: string, min: number, max: number): number {
  const number = Whole.min(min).max(max).safeParse(value);
  if (number.success) return number.data;
  throw errorOf('USAGE/whole', { name, value, min, max });
}

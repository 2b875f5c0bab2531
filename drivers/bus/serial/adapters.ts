import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { quietly } from './quietly.ts';

/** A serial device of this host, as the kernel and udev know it. */
export interface SerialAdapter {
  /** `/dev/ttyUSB0`: the next one plugged in may be called so after a restart. */
  readonly node: string;
  /** By maker, model and serial number; the same for two adapters alike that have no serial number. */
  readonly byId?: string;
  /** By the socket that it is plugged into. */
  readonly byPath?: string;
  /** Vendor and product number of USB, as hex: `1a86:7523`. */
  readonly usb?: string;
  readonly model?: string;
  readonly serialNumber?: string;
  /** Other devices of this host that claim the same name by id. */
  readonly twins: readonly string[];
}

const byIdFolder = '/dev/serial/by-id/';
const byPathFolder = '/dev/serial/by-path/';

/**
 * The serial devices of this host. udev's database tells them, not the links below /dev/serial: two adapters
 * alike without a serial number claim one link, and it shows only the one that was plugged in last.
 *
 * @param root folder that stands for `/`; for tests
 */
export async function serialAdapters(root = '/'): Promise<SerialAdapter[]> {
  const known = await Promise.all((await entriesOf(root)).map((entry) => adapterOf(entry, root)));
  const usb = known.filter((one) => one !== undefined);
  const all = [
    ...usb,
    ...(await builtInPorts(root)).filter(({ node }) => !usb.some((one) => one.node === node)),
  ];
  return all
    .map((one) => ({ ...one, twins: twinsAmong(one, all) }))
    .toSorted((a, b) => a.node.localeCompare(b.node, 'en', { numeric: true }));
}

/**
 * The name to write into a site file: by id where that names one adapter only, and for good; else by its
 * socket.
 */
export function stablePath({ node, byId, byPath, serialNumber, twins }: SerialAdapter): string {
  const idIsItsOwn = byId !== undefined && serialNumber !== undefined && twins.length === 0;
  return idIsItsOwn ? byId : (byPath ?? node);
}

/** The devices that claim a name below /dev/serial/by-id; more than one cannot be told apart by it. */
export async function claimantsOf(path: string, root = '/'): Promise<SerialAdapter[]> {
  if (!path.startsWith(byIdFolder)) return [];
  return (await serialAdapters(root)).filter(({ byId }) => byId === path);
}

type Found = Omit<SerialAdapter, 'twins'>;

function twinsAmong({ node, byId }: Found, all: readonly Found[]): string[] {
  if (byId === undefined) return [];
  return all.flatMap((other) => (other.byId === byId && other.node !== node ? [other.node] : []));
}

/** One file a device: `c188:0` holds `S:` links and `E:` properties. */
async function entriesOf(root: string): Promise<{ device: string; text: string }[]> {
  const folder = join(root, 'run/udev/data');
  const names = (await quietly(readdir(folder))) ?? [];
  const read = names
    .filter((name) => /^c\d+:\d+$/.test(name))
    .map(async (name) => ({
      device: name.slice(1),
      text: (await quietly(readFile(join(folder, name), 'utf8'))) ?? '',
    }));
  return (await Promise.all(read)).filter(({ text }) => /^S:serial\/by-/m.test(text));
}

async function adapterOf(
  { device, text }: { readonly device: string; readonly text: string },
  root: string,
): Promise<Found | undefined> {
  const uevent = await quietly(readFile(join(root, `sys/dev/char/${device}/uevent`), 'utf8'));
  const name = /^DEVNAME=(.+)$/m.exec(uevent ?? '')?.[1];
  // It was pulled out in this moment.
  if (name === undefined) return undefined;
  const links = [...text.matchAll(/^S:(.+)$/gm)].map((match) => `/dev/${match[1]}`);
  const property = (key: string) => new RegExp(`^E:${key}=(.+)$`, 'm').exec(text)?.[1];
  const [vendor, product] = [property('ID_VENDOR_ID'), property('ID_MODEL_ID')];
  return {
    node: `/dev/${name}`,
    ...optional(
      'byId',
      links.find((link) => link.startsWith(byIdFolder)),
    ),
    ...optional(
      'byPath',
      links.find((link) => link.startsWith(byPathFolder)),
    ),
    ...optional('usb', vendor && product ? `${vendor}:${product}` : undefined),
    ...optional('model', property('ID_MODEL_FROM_DATABASE') ?? property('ID_MODEL')?.replaceAll('_', ' ')),
    ...optional('serialNumber', property('ID_SERIAL_SHORT')),
  };
}

/** UARTs of the board itself; `type` is 0 where the kernel has only set a place aside for one. */
async function builtInPorts(root: string): Promise<Found[]> {
  const folder = join(root, 'sys/class/tty');
  const names = (await quietly(readdir(folder))) ?? [];
  const found = await Promise.all(
    names.map(async (name) => {
      const type = await quietly(readFile(join(folder, name, 'type'), 'utf8'));
      return type === undefined || type.trim() === '0' ? [] : [{ node: `/dev/${name}` }];
    }),
  );
  return found.flat();
}

function optional<K extends string>(key: K, value: string | undefined): { [P in K]?: string } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]: string });
}

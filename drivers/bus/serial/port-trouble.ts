import { constants } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { GatehouseError, systemCode } from '@gatehouse/kit';
import { claimantsOf, stablePath } from './adapters.ts';
import { describeHolder, holdersOf, type PortHolder } from './port-holders.ts';
import { quietly } from './quietly.ts';

/** Whose place the host's files are taken from; for tests. */
export interface HostFiles {
  /** Stands for `/` in what udev and the kernel know of adapters. */
  readonly root?: string;
  /** Where terminal programs leave their locks; `/run/lock`. */
  readonly lockFolder?: string;
}

export type PortTroubleKind = 'missing' | 'forbidden' | 'held' | 'alike' | 'other';

/** Why a serial device must not, or cannot, be opened: in words, with the remedy. */
export class PortTrouble extends GatehouseError {
  readonly kind: PortTroubleKind;
  constructor(kind: PortTroubleKind, what: string, remedy: string, cause?: unknown) {
    super('SERIAL_PORT', 'environment', `${what}.`, remedy, { cause });
    this.name = 'PortTrouble';
    this.kind = kind;
  }
}

/**
 * Looks at a serial device before it is opened. Two things would be wrong without an error: a name by id that
 * two adapters alike claim may be another line than yesterday, and a second program on the line takes bytes
 * away.
 *
 * @returns nothing where it may be opened; the attempt may fail all the same
 */
export async function troubleBefore(path: string, host: HostFiles = {}): Promise<PortTrouble | undefined> {
  return (await alikeTrouble(path, host)) ?? heldBy(path, host);
}

async function alikeTrouble(path: string, { root }: HostFiles): Promise<PortTrouble | undefined> {
  const claimants = await claimantsOf(path, root);
  if (claimants.length > 1) {
    const nodes = claimants.map(({ node }) => node).join(' and ');
    const names = claimants.map(stablePath).join(' or ');
    return new PortTrouble(
      'alike',
      `${path} is claimed by ${claimants.length} adapters alike without a serial number of their own (${nodes})`,
      `Name each by its socket: ${names}.`,
    );
  }
  return undefined;
}

/** The reason why a serial device could not be opened. */
export async function troubleOf(path: string, cause: unknown, host: HostFiles = {}): Promise<PortTrouble> {
  const said = cause instanceof Error ? cause.message.replace(/^Error:? /, '') : String(cause);
  if (/No such file|ENOENT/i.test(said)) return missing(path, cause);
  if (/Permission denied|EACCES/i.test(said)) return forbidden(path, cause);
  if (/not permitted|EPERM/i.test(said)) return fencedOff(path, cause);
  if (/Cannot lock port|busy|EBUSY/i.test(said))
    return (
      (await heldBy(path, host)) ??
      new PortTrouble(
        'held',
        `${path} is locked by another program, or twice by this one`,
        `Stop that program: a bus has one master. "sudo fuser -v ${path}" names it.`,
        cause,
      )
    );
  return new PortTrouble('other', `${path}: ${said}`, 'Check the cable, the adapter and its driver.', cause);
}

/**
 * The obstacle that keeps the drivers service from a serial device, as far as it shows without opening it.
 * That the service itself has it open is no trouble.
 */
export async function troubleNow(path: string, host: HostFiles = {}): Promise<PortTrouble | undefined> {
  try {
    await access(path, constants.R_OK | constants.W_OK);
  } catch (cause) {
    return troubleOf(path, new Error(systemCode(cause) ?? String(cause), { cause }), host);
  }
  return (await alikeTrouble(path, host)) ?? heldBy(path, host, ({ isDrivers }) => !isDrivers);
}

/** Of more holders than these only the number is told. */
const namedHolders = 3;

async function heldBy(
  path: string,
  { lockFolder }: HostFiles,
  counts: (holder: PortHolder) => boolean = () => true,
): Promise<PortTrouble | undefined> {
  const holders = (await holdersOf(path, lockFolder)).filter(counts);
  if (holders.length === 0) return undefined;
  const named = holders.slice(0, namedHolders).map(describeHolder).join(' and ');
  const more = holders.length > namedHolders ? ` and ${holders.length - namedHolders} more` : '';
  const probes = holders.some(({ name }) => name === 'ModemManager');
  return new PortTrouble(
    'held',
    `${path} is held by ${named}${more}`,
    probes
      ? 'ModemManager tries every new serial adapter for a modem: remove it (apt-get remove modemmanager).'
      : 'Stop that program: a bus has one master.',
  );
}

function missing(path: string, cause: unknown): PortTrouble {
  const remedy = path.startsWith('/dev/serial/by-path/')
    ? 'Plug the adapter into its socket again: this name is of a socket. "gatehouse bus ports" lists what is there.'
    : 'Plug the adapter in. "gatehouse bus ports" lists what is there.';
  return new PortTrouble('missing', `${path} is not there`, remedy, cause);
}

async function forbidden(path: string, cause: unknown): Promise<PortTrouble> {
  const { username } = userInfo();
  const node = await quietly(stat(path));
  if (!node)
    return new PortTrouble(
      'forbidden',
      `user ${username} may not open ${path}`,
      'See its owner and mode.',
      cause,
    );
  const group = (await nameOfGroup(node.gid)) ?? String(node.gid);
  const mode = (node.mode & 0o777).toString(8).padStart(4, '0');
  const what = `user ${username} may not open ${path}: it belongs to group ${group}, mode ${mode}`;
  const groupMay = (node.mode & 0o060) === 0o060 && group !== 'root';
  const remedy = groupMay
    ? `Put the user into that group (usermod -aG ${group} ${username}), then start the service anew.`
    : 'Its group may not read and write it: a udev rule with GROUP="dialout", MODE="0660" mends that.';
  return new PortTrouble('forbidden', what, remedy, cause);
}

/** EPERM, not EACCES: the owner and mode would do, but the unit's list of devices does not have it. */
function fencedOff(path: string, cause: unknown): PortTrouble {
  return new PortTrouble(
    'forbidden',
    `the service may not open ${path}: its unit does not list this kind of device`,
    'Add it to gatehouse-drivers.service as DeviceAllow=char-NAME rw; /proc/devices has the names.',
    cause,
  );
}

async function nameOfGroup(gid: number): Promise<string | undefined> {
  const groups = (await quietly(readFile('/etc/group', 'utf8'))) ?? '';
  return groups
    .split('\n')
    .find((line) => line.split(':')[2] === String(gid))
    ?.split(':')[0];
}

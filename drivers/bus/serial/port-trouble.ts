import { constants } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { type ErrorKey, GatehouseError, partsOf, systemCode } from '@gatehouse/kit';
import { claimantsOf, stablePath } from './adapters.ts';
import { describeHolder, type HostView, holdersOf, type PortHolder } from './port-holders.ts';
import { quietly } from './quietly.ts';

export type PortTroubleKind = 'missing' | 'forbidden' | 'held' | 'alike' | 'other';

/** The rows of the error table about serial devices. */
type PortKey = Extract<ErrorKey, 'SERIAL_PORT' | `SERIAL_PORT/${string}`>;

/** Why a serial device must not, or cannot, be opened: in words, with the remedy. */
export class PortTrouble extends GatehouseError {
  readonly kind: PortTroubleKind;
  constructor(
    kind: PortTroubleKind,
    key: PortKey,
    values: Readonly<Record<string, string>>,
    cause?: unknown,
  ) {
    const { fault, message, remedy } = partsOf(key, values);
    super('SERIAL_PORT', fault, message, remedy, { cause });
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
export async function troubleBefore(path: string, host: HostView = {}): Promise<PortTrouble | undefined> {
  return (await alikeTrouble(path, host)) ?? heldBy(path, host);
}

async function alikeTrouble(path: string, { root }: HostView): Promise<PortTrouble | undefined> {
  const claimants = await claimantsOf(path, root);
  if (claimants.length > 1) {
    const nodes = claimants.map(({ node }) => node).join(' and ');
    const names = claimants.map(stablePath).join(' or ');
    const count = String(claimants.length);
    return new PortTrouble('alike', 'SERIAL_PORT/alike', { path, count, nodes, names });
  }
  return undefined;
}

/** The reason why a serial device could not be opened. */
export async function troubleOf(path: string, cause: unknown, host: HostView = {}): Promise<PortTrouble> {
  const said = cause instanceof Error ? cause.message.replace(/^Error:? /, '') : String(cause);
  if (/No such file|ENOENT/i.test(said)) return missing(path, cause);
  if (/Permission denied|EACCES/i.test(said)) return forbidden(path, cause);
  if (/not permitted|EPERM/i.test(said)) return fencedOff(path, cause);
  if (/Cannot lock port|busy|EBUSY/i.test(said))
    return (await heldBy(path, host)) ?? new PortTrouble('held', 'SERIAL_PORT/locked', { path }, cause);
  return new PortTrouble('other', 'SERIAL_PORT', { path, reason: said }, cause);
}

/**
 * The obstacle that keeps the drivers service from a serial device, as far as it shows without opening it.
 * That the service itself has it open is no trouble: `host.driversPid` says which process that is. A name in
 * /proc would prove nothing, because a program can have any.
 */
export async function troubleNow(path: string, host: HostView = {}): Promise<PortTrouble | undefined> {
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
  host: HostView,
  counts: (holder: PortHolder) => boolean = () => true,
): Promise<PortTrouble | undefined> {
  const holders = (await holdersOf(path, host)).filter(counts);
  if (holders.length === 0) return undefined;
  const named = holders.slice(0, namedHolders).map(describeHolder).join(' and ');
  const more = holders.length > namedHolders ? ` and ${holders.length - namedHolders} more` : '';
  const probes = holders.some(({ name }) => name === 'ModemManager');
  const key = probes ? 'SERIAL_PORT/modem-manager' : 'SERIAL_PORT/held';
  return new PortTrouble('held', key, { path, holders: `${named}${more}` });
}

function missing(path: string, cause: unknown): PortTrouble {
  const ofSocket = path.startsWith('/dev/serial/by-path/');
  return new PortTrouble(
    'missing',
    ofSocket ? 'SERIAL_PORT/socket-empty' : 'SERIAL_PORT/missing',
    { path },
    cause,
  );
}

async function forbidden(path: string, cause: unknown): Promise<PortTrouble> {
  const { username: user } = userInfo();
  const node = await quietly(stat(path));
  if (!node) return new PortTrouble('forbidden', 'SERIAL_PORT/forbidden', { user, path }, cause);
  const group = (await nameOfGroup(node.gid)) ?? String(node.gid);
  const mode = (node.mode & 0o777).toString(8).padStart(4, '0');
  const groupMay = (node.mode & 0o060) === 0o060 && group !== 'root';
  const key = groupMay ? 'SERIAL_PORT/group' : 'SERIAL_PORT/mode';
  return new PortTrouble('forbidden', key, { user, path, group, mode }, cause);
}

/** EPERM, not EACCES: the owner and mode would do, but the unit's list of devices does not have it. */
function fencedOff(path: string, cause: unknown): PortTrouble {
  return new PortTrouble('forbidden', 'SERIAL_PORT/fenced-off', { path }, cause);
}

async function nameOfGroup(gid: number): Promise<string | undefined> {
  const groups = (await quietly(readFile('/etc/group', 'utf8'))) ?? '';
  return groups
    .split('\n')
    .find((line) => line.split(':')[2] === String(gid))
    ?.split(':')[0];
}

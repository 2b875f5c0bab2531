import { readdirSync, readlinkSync } from 'node:fs';
import { readFile, realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { systemCode } from '@gatehouse/kit';
import { quietly } from './quietly.ts';

/** The host as far as it is known beforehand. */
export interface HostView {
  /** The process of this box's drivers service, as it tells it itself; absent where none answers. */
  readonly driversPid?: number | undefined;
  /** Stands for `/` in what udev and the kernel know of adapters; for tests. */
  readonly root?: string;
  /** Where terminal programs leave their locks, `/run/lock`; another one for tests. */
  readonly lockFolder?: string;
}

/** A process that uses a serial device. */
export interface PortHolder {
  readonly pid: number;
  /** Absent where /proc does not tell: another user's process, or one that has ended. */
  readonly name?: string;
  /** It is the drivers service of this box: the process that answers at its socket, whatever its name. */
  readonly isDrivers: boolean;
}

/**
 * Other programs that use a serial device, as far as this process may see: one that has it open, holds a
 * flock on it, or has left a lock file as minicom and cu do. Node cannot ask the kernel for exclusive use
 * (TIOCEXCL), and programs such as mbpoll take no lock at all, so that opening a device proves nothing.
 *
 * A process that holds the other end of a pseudo-terminal is its cable, and is no holder.
 */
export async function holdersOf(
  path: string,
  { lockFolder = '/run/lock', driversPid }: HostView = {},
): Promise<PortHolder[]> {
  const node = await quietly(realpath(path));
  if (node === undefined) return [];
  const pids = new Set([
    ...(await whoHasItOpen(node)),
    ...(await whoHasLocked(node)),
    ...(await whoHasLeftALock(node, lockFolder)),
  ]);
  pids.delete(process.pid);
  return Promise.all([...pids].map((pid) => holderOf(pid, driversPid)));
}

/** `minicom (process 812)`, or as much of it as is known. */
export function describeHolder({ pid, name, isDrivers }: PortHolder): string {
  if (isDrivers) return `the drivers service (process ${pid})`;
  return name === undefined ? `process ${pid}` : `${name} (process ${pid})`;
}

async function holderOf(pid: number, driversPid: number | undefined): Promise<PortHolder> {
  const name = await nameOf(pid);
  return { pid, isDrivers: pid === driversPid, ...(name ? { name } : {}) };
}

/** Every Node program calls its thread `MainThread`; its script tells more. */
async function nameOf(pid: number): Promise<string | undefined> {
  const name = (await quietly(readFile(`/proc/${pid}/comm`, 'utf8')))?.trim();
  const command = (await quietly(readFile(`/proc/${pid}/cmdline`, 'utf8'))) ?? '';
  const [program = '', ...args] = command.split('\0');
  const script = args.find((arg) => /\.[cm]?[jt]s$/.test(arg));
  return basename(program) === 'node' && script !== undefined ? `node ${script}` : name;
}

/**
 * Looked up synchronously, because a look at one descriptor takes some microseconds and a turn of the thread
 * pool far longer; but a few processes at a time, so that the buses which work meanwhile wait for a
 * millisecond at most.
 */
async function whoHasItOpen(node: string): Promise<number[]> {
  const pids = namesIn('/proc').filter((name) => /^\d+$/.test(name));
  const found: number[] = [];
  for (const [i, pid] of pids.entries()) {
    if (holdsOpen(`/proc/${pid}/fd`, node)) found.push(Number(pid));
    if (i % processesAtATime === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  return found;
}
const processesAtATime = 8;

function holdsOpen(folder: string, node: string): boolean {
  const open = namesIn(folder).map((fd) => targetOf(`${folder}/${fd}`));
  if (!open.includes(node)) return false;
  return !(node.startsWith('/dev/pts/') && open.some((file) => /^\/dev\/(pts\/)?ptmx$/.test(file)));
}

/** Nothing of a folder that has gone, or is another user's. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (systemCode(error)) return [];
    throw error;
  }
}

function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch (error) {
    if (systemCode(error)) return '';
    throw error;
  }
}

/** /proc/locks names a file by its device and inode: `1: FLOCK  ADVISORY  WRITE 812 00:05:89 0 EOF`. */
async function whoHasLocked(node: string): Promise<number[]> {
  const locks = await quietly(readFile('/proc/locks', 'utf8'));
  const file = await quietly(stat(node, { bigint: true }));
  if (!locks || !file) return [];
  // Linux packs a device number of up to 32 bits: 12 of major, 20 of minor.
  const major = (file.dev >> 8n) & 0xfffn;
  const minor = (file.dev & 0xffn) | ((file.dev >> 12n) & 0xfff00n);
  const two = (number: bigint) => number.toString(16).padStart(2, '0');
  const wanted = `${two(major)}:${two(minor)}:${file.ino}`;
  return locks.split('\n').flatMap((line) => {
    const [, kind, , , pid, where] = line.split(/\s+/);
    return kind === 'FLOCK' && where === wanted ? [Number(pid)] : [];
  });
}

/**
 * `LCK..ttyUSB0` holds the number of the process that uses the device (Filesystem Hierarchy Standard 3.0,
 * section 5.9).
 */
async function whoHasLeftALock(node: string, lockFolder: string): Promise<number[]> {
  const file = join(lockFolder, `LCK..${basename(node)}`);
  const pid = Number.parseInt((await quietly(readFile(file, 'utf8'))) ?? '', 10);
  if (!Number.isInteger(pid)) return [];
  // A lock that outlived its process is void.
  return (await quietly(stat(`/proc/${pid}`))) ? [pid] : [];
}

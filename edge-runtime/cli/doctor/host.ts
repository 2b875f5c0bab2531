import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describeError, stateDir } from '@gatehouse/kit';
import { type Check, fail, ok, warn } from './check.ts';

const execute = promisify(execFile);
const gib = 1024 ** 3;
/** Below these the box still runs, but not for the 30 days that alarm records are kept. */
const lowDiskGib = 8;
const fullDiskGib = 1;

export function checkHost(): Check {
  const memoryGib = totalmem() / gib;
  const detail = `${process.platform}-${process.arch}, ${availableParallelism()} cores, ${memoryGib.toFixed(1)} GiB, Node ${process.versions.node}`;
  if (memoryGib < 2) return warn('host', detail, 'Give the box at least 2 GiB of memory.');
  return ok('host', detail);
}

export async function checkFfmpeg(): Promise<Check> {
  try {
    const { stdout } = await execute('ffmpeg', ['-hide_banner', '-version'], { timeout: 10_000 });
    const version = stdout.split(' ')[2] ?? 'unknown';
    // The ffconcat "option" directive, by which camera passwords stay out of the process list, came with 5.0.
    if (Number.parseInt(version, 10) < 5)
      return fail('ffmpeg', `version ${version}`, 'Install ffmpeg 5 or later.');
    return ok('ffmpeg', version);
  } catch (error) {
    return fail('ffmpeg', describeError(error).split('\n')[0] ?? '', 'apt-get install ffmpeg');
  }
}

export function checkDisk(): Check {
  const folder = stateDir();
  try {
    mkdirSync(folder, { recursive: true });
    const probe = join(folder, '.doctor');
    writeFileSync(probe, 'x');
    rmSync(probe);
    const { bavail, bsize } = statfsSync(folder);
    const freeGib = (bavail * bsize) / gib;
    const detail = `${folder}: ${freeGib.toFixed(1)} GiB free`;
    if (freeGib < fullDiskGib)
      return fail('disk', detail, 'Free space now: the box is about to stop recording.');
    if (freeGib < lowDiskGib) return warn('disk', detail, `Free space: less than ${lowDiskGib} GiB.`);
    return ok('disk', detail);
  } catch (error) {
    return fail(
      'disk',
      `${folder}: ${describeError(error)}`,
      'Give the service write access and space there.',
    );
  }
}

/**
 * Checks that NTP keeps the clock. GB 50396 allows a drift of 5 s a day; an undisciplined clock drifts more.
 */
export async function checkClock(): Promise<Check> {
  try {
    const { stdout } = await execute('timedatectl', ['show', '-p', 'NTPSynchronized', '--value'], {
      timeout: 10_000,
    });
    if (stdout.trim() === 'yes') return ok('clock', `${new Date().toISOString()}, synchronised`);
    return warn(
      'clock',
      `${new Date().toISOString()}, not synchronised`,
      'Enable NTP: timedatectl set-ntp true',
    );
  } catch {
    return warn('clock', 'cannot tell whether it is synchronised', 'Run systemd-timesyncd or chrony.');
  }
}

/**
 * One install or build of this checkout at a time. The lock is the kernel's (flock(2)), taken by the program `flock` on a file that
 * this process has open: it belongs to the open file, not to a process id. So it ends with the last process that has the file open,
 * however that ends, and a lock of the dead or a process id used again cannot keep anybody waiting.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { diskProblem } from './say.mjs';

/** The lock of a checkout. Not within node_modules: `npm ci` empties that. Never removed, for that would make two of it. */
export function lockFileOf(root) {
  return join(root, '.install.lock');
}

/** What a person is told who has to wait. */
export const waiting = 'another command is installing or building in this checkout; waiting for it …';

/**
 * Takes the lock; calls `onWait` once if another process has it, and waits as long as that takes. A child that works under the lock
 * is given `fd` too: it keeps the lock if its parent is killed. Throws an Error for people if there can be no lock.
 */
export function takeLock(file, onWait) {
  const lock = tryLock(file);
  if (lock) return lock;
  onWait();
  const fd = open(file);
  flock(file, fd);
  return { fd, release: () => closeSync(fd) };
}

/** The same, but gives `undefined` if another process has it. */
export function tryLock(file) {
  const fd = open(file);
  if (flock(file, fd, '--nonblock', '--conflict-exit-code', String(taken)))
    return { fd, release: () => closeSync(fd) };
  closeSync(fd);
  return undefined;
}

const taken = 75;

/** Locks what `fd` has open; false if another process has it. */
function flock(file, fd, ...options) {
  const { status, stderr, error } = spawnSync('flock', [...options, '3'], {
    stdio: ['ignore', 'ignore', 'pipe', fd],
  });
  if (status === 0) return true;
  if (status === taken) return false;
  closeSync(fd);
  if (error)
    throw new Error('the program flock is missing. Install it (Debian: apt-get install util-linux).');
  throw new Error(`${file} cannot be locked (${String(stderr).trim() || status}). Use a local disk.`);
}

/** Of another user's lock file, reading must do. */
function open(file) {
  try {
    return openSync(file, 'a+', 0o644);
  } catch (error) {
    try {
      return openSync(file, 'r');
    } catch {
      throw new Error(diskProblem(String(error), dirname(file)) ?? String(error), { cause: error });
    }
  }
}

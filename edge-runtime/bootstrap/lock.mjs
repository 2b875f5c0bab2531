/**
 * Only one command installs or builds in a checkout at a time. The lock is the kernel's (flock(2)): the
 * program `flock` locks a file that this process has open. Such a lock belongs to the open file, not to a
 * process id. The kernel releases it when the last process that has the file open ends. So nobody waits for a
 * dead process, and a reused process id does no harm.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { diskProblem } from './say.mjs';

/** The lock file of a checkout. It is not in node_modules, which `npm ci` empties. It is never removed. */
export function lockFileOf(root) {
  return join(root, '.install.lock');
}

/** What a person is told who has to wait. */
export const waiting = 'another command is installing or building in this checkout; waiting for it …';

/**
 * Takes the lock. If another process has it, calls `onWait` once and waits. Pass `fd` to a child that works
 * under the lock: the child then keeps the lock if its parent is killed. Throws an Error with one line for
 * people if the file cannot be locked.
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

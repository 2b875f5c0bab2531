/**
 * Locks of a checkout. Commands share its packages while they run; a command that installs them anew has them
 * for itself. One command at a time builds the console's pages.
 *
 * The locks are the kernel's (flock(2)): the program `flock` locks a file that this process has open. Such a
 * lock belongs to the open file, not to a process id. The kernel releases it when the last process that has
 * the file open ends. So nobody waits for a dead process, and a reused process id does no harm.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { diskProblem } from './say.mjs';

/** Lock files are not in node_modules, which `npm ci` empties. They are never removed. */
export const packagesLock = (root) => join(root, '.packages.lock');
export const pagesLock = (root) => join(root, '.pages.lock');

/**
 * Takes a lock. If another process has it, calls `onWait` once and waits. Pass `fd` to a child that works
 * under the lock: the child then keeps the lock if its parent is killed. Throws an Error with one line for
 * people if the file cannot be locked.
 */
export function takeLock(file, onWait) {
  return take(file, openToOwn(file), '--exclusive', onWait);
}

/**
 * Takes a lock that other processes may share. Returns `undefined` if there is no lock file, because nothing
 * was installed yet: a command that only runs writes nothing into the checkout.
 */
export function shareLock(file, onWait) {
  const fd = openIfThere(file);
  return fd === undefined ? undefined : take(file, fd, '--shared', onWait);
}

/** Takes a lock, or returns `undefined` at once if another process has it. */
export function tryLock(file) {
  const fd = openToOwn(file);
  if (flock(file, fd, '--exclusive', '--nonblock', '--conflict-exit-code', String(taken)))
    return lockOf(file, fd);
  closeSync(fd);
  return undefined;
}

function take(file, fd, how, onWait) {
  if (!flock(file, fd, how, '--nonblock', '--conflict-exit-code', String(taken))) {
    onWait();
    flock(file, fd, how);
  }
  return lockOf(file, fd);
}

function lockOf(file, fd) {
  return { fd, share: () => flock(file, fd, '--shared'), release: () => closeSync(fd) };
}

const taken = 75;

/** Locks the file that `fd` has open; false if another process has it. */
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

/** Another user's lock file can be read only, which is enough on a local disk. */
function openToOwn(file) {
  try {
    return openSync(file, 'a+', 0o644);
  } catch (cause) {
    const fd = openIfThere(file);
    if (fd !== undefined) return fd;
    throw new Error(diskProblem(String(cause), dirname(file)) ?? String(cause), { cause });
  }
}

function openIfThere(file) {
  try {
    return openSync(file, 'r');
  } catch {
    // Not there, or not to be read: the caller says so.
    return undefined;
  }
}

import {
  accessSync,
  closeSync,
  constants,
  mkdirSync,
  openSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { errorOf, systemCode } from './errors.ts';

/**
 * Makes a directory (0750, with those above it) and shows that this process can write into it. Throws
 * `DIRECTORY_UNUSABLE`, which names the obstacle and the variable that names another directory.
 */
export function makeUsable(directory: string, variable: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o750 });
    const probe = join(directory, `.writable-${process.pid}`);
    const file = openSync(probe, 'w', 0o600);
    try {
      // A full disk refuses the byte, not the file.
      writeSync(file, 'x');
    } finally {
      closeSync(file);
      rmSync(probe, { force: true });
    }
  } catch (cause) {
    throw directoryUnusable(directory, variable, cause);
  }
}

/**
 * Turns the reason why a directory cannot be made or written into an error that a person can act on. An error
 * that comes from no file system passes through.
 */
export function directoryUnusable(directory: string, variable: string, cause: unknown): unknown {
  const code = systemCode(cause);
  const reason = code === undefined ? undefined : reasonOf(code, directory);
  if (!reason) return cause;
  const [what, remedy] = reason;
  return errorOf('DIRECTORY_UNUSABLE', { directory, what, remedy, variable }, { cause });
}

type Reason = readonly [what: string, remedy: string];

const reasons: Readonly<Record<string, Reason>> = {
  ENOSPC: ['its disk is full', 'Free some space'],
  EDQUOT: ['its disk is full', 'Free some space'],
  EROFS: ['its disk is read-only', 'Make it writable'],
  EACCES: ['this user may not write there', 'Make it writable for this user'],
  EPERM: ['this user may not write there', 'Make it writable for this user'],
};

function reasonOf(code: string, directory: string): Reason | undefined {
  const { path, isDirectory } = nearestThere(directory);
  if (!isDirectory) return [`${path} is a file`, 'Move that file away'];
  if (code !== 'ENOENT') return reasons[code];
  // ENOENT is also Node's code for a directory that it cannot make, with those above it, on a read-only disk
  // or behind a link to nothing.
  return reasons[refusal(path) ?? ''] ?? ['a link on the way leads to nothing', 'Remove that link'];
}

/** The directory, or the nearest one above it that is there; a file, if one stands in its place. */
function nearestThere(directory: string): { readonly path: string; readonly isDirectory: boolean } {
  let path = directory;
  for (; path !== dirname(path); path = dirname(path)) {
    const found = statIfThere(path);
    if (found) return { path, isDirectory: found.isDirectory() };
  }
  return { path, isDirectory: true };
}

function statIfThere(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    // Behind a directory that this user may not enter, or below a file.
    if (['EACCES', 'ENOTDIR'].includes(systemCode(error) ?? '')) return undefined;
    throw error;
  }
}

function refusal(directory: string): string | undefined {
  try {
    accessSync(directory, constants.W_OK);
    return undefined;
  } catch (error) {
    return systemCode(error);
  }
}

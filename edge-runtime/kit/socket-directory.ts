import { lstatSync } from 'node:fs';
import { dirname } from 'node:path';
import { errorOf } from './errors.ts';

/** This box makes three levels, `<run>/<owner>/<caller>`. The folders above them are the machine's. */
const levels = 3;
const sticky = 0o1000;
const writableByOthers = 0o002;

/**
 * Throws `SOCKET_DIRECTORY_UNSAFE` if another user could put a socket of their own in this one's place. The
 * run directory's name in /tmp can be guessed and made before us (CWE-379), and the owner of a directory
 * decides what lies in it.
 */
export function checkSocketDirectory(socket: string): void {
  let path = socket;
  for (let level = 0; level < levels; level++) {
    path = dirname(path);
    const { mode, uid } = lstatSync(path);
    const ours = uid === 0 || uid === process.getuid?.();
    const open = (mode & writableByOthers) !== 0 && (mode & sticky) === 0;
    if (ours && !open) continue;
    throw errorOf(ours ? 'SOCKET_DIRECTORY_UNSAFE' : 'SOCKET_DIRECTORY_UNSAFE/owner', { path });
  }
}

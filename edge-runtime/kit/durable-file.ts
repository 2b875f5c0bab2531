import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { syncPath } from './migrate.ts';

/**
 * Writes a file so that a power cut leaves the old one or the new one: beside it, synced, renamed, its folder synced. One name for
 * what is beside it: what a power cut leaves behind is overwritten by the next write. Throws the file system's own errors, and leaves
 * nothing beside it then.
 */
export function writeDurably(path: string, content: string | Uint8Array, mode: number): void {
  const aside = `${path}.new`;
  const handle = openSync(aside, 'w', mode);
  try {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at);
    fsyncSync(handle);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  } finally {
    closeSync(handle);
  }
  renameSync(aside, path);
  syncPath(dirname(path));
}

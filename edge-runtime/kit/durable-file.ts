import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { syncPath } from './migrate.ts';

/**
 * Writes a file so that a power cut leaves the old one or the new one: beside it, synced, renamed, its folder synced. One name for
 * what is beside it: what a power cut leaves behind is overwritten by the next write. Throws the file system's own errors.
 */
export function writeDurably(path: string, text: string, mode: number): void {
  const aside = `${path}.new`;
  const handle = openSync(aside, 'w', mode);
  try {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(aside, path);
  syncPath(dirname(path));
}

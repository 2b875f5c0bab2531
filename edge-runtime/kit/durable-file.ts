import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * The only place that writes files which must outlive a power cut. Each function comes in two forms. The one
 * that waits is for start-up and for files that must be on the disk before the next statement. The other is
 * for event loops that carry frames or uploads: an fsync on an eMMC takes up to a second.
 */

/** Makes a file's bytes, or a directory's entries, outlive a power cut. */
export function syncPath(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Puts a whole file in the place of another so that a power cut leaves one of the two: it syncs and renames
 * the file, then syncs the folder.
 */
export function moveDurably(part: string, path: string): void {
  syncPath(part);
  renameSync(part, path);
  syncPath(dirname(path));
}

/**
 * Writes a file so that a power cut leaves the old one or the new one: it writes the new one beside the old
 * one, syncs and renames it, then syncs the folder. The name beside it is always the same, so the next write
 * replaces a part that a power cut left there. On a failure it throws the file system's own error and leaves
 * no part behind.
 * @param dress is called before the sync, for an owner or a mode that the file must have from its first
 * moment on
 */
export function writeDurably(
  path: string,
  content: string | Uint8Array,
  mode: number,
  dress?: (descriptor: number) => void,
): void {
  const aside = `${path}.new`;
  // A file left there may have another mode, and a link may lead elsewhere.
  rmSync(aside, { force: true });
  try {
    const descriptor = openSync(aside, 'wx', mode);
    try {
      const bytes = typeof content === 'string' ? Buffer.from(content) : content;
      for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
      dress?.(descriptor);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(aside, path);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
  syncPath(dirname(path));
}

async function syncPathAsync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** `moveDurably` without waiting in the event loop. */
export async function moveDurablyAsync(part: string, path: string): Promise<void> {
  await syncPathAsync(part);
  await rename(part, path);
  await syncPathAsync(dirname(path));
}

/**
 * `writeDurably` without waiting in the event loop.
 * @param aside where it is written first; a name of its own where two processes may write the same file
 */
export async function writeDurablyAsync(
  path: string,
  content: string | Uint8Array,
  mode: number,
  aside = `${path}.new`,
): Promise<void> {
  await rm(aside, { force: true });
  try {
    const handle = await open(aside, 'wx', mode);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
  await syncPathAsync(dirname(path));
}

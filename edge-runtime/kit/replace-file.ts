import { existsSync, linkSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { moveDurably, syncPath } from './durable-file.ts';

/** Files that were put aside and are kept, of each kind; older ones go. */
const keptAside = 2;

/** Why a file gave way to another one; part of its new name. */
export type AsideKind = 'corrupt' | 'before-restore';

/** `events.db.corrupt-20261126T031500Z` */
export function asideName(file: string, kind: AsideKind, nowMs: number): string {
  const stamp = new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, '');
  return `${file}.${kind}-${stamp}`;
}

const kinds: readonly AsideKind[] = ['corrupt', 'before-restore'];

/**
 * Names a whole file that will take the place of `file`: from here on `finishReplacing` does that, whenever
 * it is called.
 */
export function readyToReplace(part: string, file: string, kind: AsideKind): void {
  moveDurably(part, `${file}.ready-${kind}`);
}

/**
 * Puts the file that is ready in the place of `file`, and keeps the old one aside with its write-ahead log.
 * After a power cut in between, the next start goes on from the file that is ready: there is never no file,
 * and never another file's log beside one. Returns the old file's new path; `undefined` if none was ready.
 */
export function finishReplacing(file: string, nowMs: number): string | undefined {
  const kind = kinds.find((one) => existsSync(`${file}.ready-${one}`));
  if (!kind) return undefined;
  const aside = asideName(file, kind, nowMs);
  if (existsSync(file) && !existsSync(aside)) linkSync(file, aside);
  if (existsSync(`${file}-wal`)) renameSync(`${file}-wal`, `${aside}-wal`);
  rmSync(`${file}-shm`, { force: true });
  syncPath(dirname(file));
  moveDurably(`${file}.ready-${kind}`, file);
  dropOldest(file);
  return aside;
}

function dropOldest(file: string): void {
  const folder = dirname(file);
  for (const kind of kinds) {
    const names = readdirSync(folder).filter((name) => name.startsWith(`${basename(file)}.${kind}-`));
    const stamps = [...new Set(names.map((name) => name.replace(/-wal$/, '')))].sort().reverse();
    for (const name of stamps.slice(keptAside))
      for (const end of ['', '-wal']) rmSync(join(folder, `${name}${end}`), { force: true });
  }
}

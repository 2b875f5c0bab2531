import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The part of a test, or of a file's `after`, that runs something at its end. */
export interface Cleaner {
  after(fn: () => void): void;
}

/** A new folder, removed after the test. Its path is short: one of a socket has at most 107 bytes. */
export function scratchFolder(t: Cleaner): string {
  const folder = mkdtempSync(join(tmpdir(), 'gh-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

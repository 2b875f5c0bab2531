import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** A short temporary directory (socket paths are limited to 107 bytes), removed after the test. */
export function scratchDir(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'gh-sync-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

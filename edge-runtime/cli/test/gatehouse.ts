import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

const main = join(import.meta.dirname, '..', 'main.ts');

/**
 * Runs the command line as people do: its own process, with a state directory of the test's own, in English.
 */
export function gatehouse(t: TestContext, more: Readonly<Record<string, string>> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'gh-cli-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const env = {
    ...process.env,
    GATEHOUSE_STATE_DIR: folder,
    GATEHOUSE_RUN_DIR: folder,
    GATEHOUSE_MODEL_MIRROR: '',
    GATEHOUSE_SITE: '',
    LC_ALL: 'C.UTF-8',
    ...more,
  };
  const file = (name: string, text: string | Uint8Array) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
      env,
      encoding: 'utf8',
    });
    return { status, out: stdout, err: stderr };
  };
  return { file, run, folder };
}

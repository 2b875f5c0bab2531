import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';

const root = join(import.meta.dirname, '../..');

/**
 * A box of its own: its folder, its command line, and its runtime as a process that can be started and
 * stopped.
 */
function box(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'gh-cli-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const site = join(folder, 'site.yaml');
  writeFileSync(
    site,
    'version: 1\nsite: { id: compound, name: { zh-CN: 小区, en: Compound } }\nbox: { id: box-1 }\n',
  );
  const env = {
    ...process.env,
    GATEHOUSE_STATE_DIR: folder,
    GATEHOUSE_RUN_DIR: folder,
    GATEHOUSE_SITE: site,
    GATEHOUSE_CONSOLE_PORT: '0',
  };
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'cli/main.ts'), ...args], {
      env,
      encoding: 'utf8',
    });
    return { status, out: stdout.trim(), err: stderr.trim() };
  };
  const start = async () => {
    const child = spawn(process.execPath, [join(root, 'runtime/main.ts')], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.after(() => child.kill('SIGKILL'));
    for await (const line of createInterface({ input: child.stdout }))
      if (line.includes('"service-started"')) break;
    child.stdout.resume();
    return async () => {
      child.kill('SIGTERM');
      await once(child, 'exit');
    };
  };
  return { folder, run, start };
}

test('a running box is verified and backed up, not restored; a stopped one is all three', async (t) => {
  const { folder, run, start } = box(t);
  const out = join(folder, 'backup.db');
  assert.match(run('db', 'verify').err, /STORE_MISSING: .*events\.db does not exist/);
  const stop = await start();
  assert.match(run('db', 'verify').out, /^intact: \d+ bytes$/);
  assert.deepEqual(run('backup', '--out', out), {
    status: 0,
    out: `${out}: ${statSync(out).size} bytes, checked`,
    err: '',
  });
  assert.equal(statSync(out).mode & 0o077, 0, 'it holds password hashes');
  assert.match(run('restore', out).err, /STORE_TAKEN: the runtime runs\. Stop the box first/);
  assert.match(run('db', 'recover').err, /STORE_TAKEN/);
  await stop();

  assert.equal(JSON.parse(run('db', 'verify', '--json').out).intact, true);
  assert.equal(run('backup', '--out', `${out}-2`).status, 0);
  const restored = JSON.parse(run('restore', out, '--json').out);
  assert.match(restored.aside, /events\.db\.before-restore-\d{8}T\d{6}Z$/);
  assert.match(run('db', 'recover').out, /^recovered \d+ rows; the file of before is .*corrupt-/);
  assert.deepEqual(run('restore').status, 1);
  const again = await start();
  assert.match(run('db', 'verify').out, /^intact/);
  await again();
});

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

test('what a service writes is not for other users of the machine, whoever started it', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'gh-kit-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const kit = new URL('../index.ts', import.meta.url).href;
  const service = `
    import { mkdirSync, writeFileSync } from 'node:fs';
    import { runService, silentLog } from ${JSON.stringify(kit)};
    process.umask(0o022);
    await runService(silentLog, () => {
      mkdirSync('made');
      writeFileSync('made/events.db', 'hashes');
      return [];
    });`;
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', service], {
    cwd: folder,
    encoding: 'utf8',
  });
  assert.equal(run.status, 0, run.stderr);
  assert.equal(statSync(join(folder, 'made')).mode & 0o777, 0o750);
  assert.equal(statSync(join(folder, 'made/events.db')).mode & 0o777, 0o640);
});

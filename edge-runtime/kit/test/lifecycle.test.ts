import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
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

test('a service whose terminal is gone runs on and stops when it is told to', {
  timeout: 20_000,
}, async () => {
  const source = `
    import { every, jsonLog, runService, systemClock } from '@gatehouse/kit';
    const log = jsonLog('tick');
    let stop;
    let n = 0;
    const talk = { start() { stop = every(systemClock, 5, () => { log.info('tick'); if (++n === 20) process.send('talked on'); }); }, stop() { stop(); } };
    await runService(log, () => [['talk', talk]]);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  child.stdout?.destroy();
  child.stderr?.destroy();
  await once(child, 'message');
  child.kill('SIGTERM');
  const [code] = await once(child, 'exit');
  assert.equal(code, 0);
});

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gatehouse } from './gatehouse.ts';

const root = join(import.meta.dirname, '../../..');
/** Every service that reads the site file; flows reads none. */
const services = [
  'drivers/main.ts',
  'edge-runtime/vision/main.ts',
  'edge-runtime/runtime/main.ts',
  'sync-agent/main.ts',
];

/** The last words of a program in a folder where a site.yaml must not be taken by chance. */
function started(t: TestContext, main: string, site: string | undefined) {
  const folder = mkdtempSync(join(tmpdir(), 'gh-no-site-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const { GATEHOUSE_SITE: _, ...env } = process.env;
  const { status, stderr } = spawnSync(process.execPath, [join(root, main)], {
    cwd: folder,
    env: {
      ...env,
      GATEHOUSE_STATE_DIR: folder,
      GATEHOUSE_RUN_DIR: folder,
      ...(site === undefined ? {} : { GATEHOUSE_SITE: site }),
    },
    encoding: 'utf8',
    timeout: 120_000,
  });
  return { status, stderr };
}

const line =
  'SITE_NOT_SET: GATEHOUSE_SITE is not set. Set it to the path of the site file, for example /etc/gatehouse/site/site.yaml; a gatehouse command also takes --site FILE.';

test('without GATEHOUSE_SITE every service ends with the same line, whether it is unset or empty', (t) => {
  for (const main of services)
    for (const site of [undefined, ''])
      assert.deepEqual(started(t, main, site), { status: 1, stderr: `${line}\n` }, `${main} ${site}`);
});

test('a command that needs the site file says the same, in the language of the person', (t) => {
  const box = gatehouse(t);
  const replay = (...more: string[]) => box.run('replay', '--tracks', 'none', ...more);
  assert.deepEqual([replay().status, replay().err], [1, `gatehouse: ${line}\n`]);
  assert.match(
    replay('--lang', 'zh').err,
    /^gatehouse: SITE_NOT_SET：未设置 GATEHOUSE_SITE。请.*--site FILE。\n$/,
  );
  assert.match(
    box.run('doctor', '--json').out,
    /"name":"site","status":"warn","detail":"SITE_NOT_SET: GATEHOUSE_SITE is not set\."/,
  );
});

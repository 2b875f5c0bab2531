import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratchFolder } from '@gatehouse/harness';
import pg from 'pg';
import { startPostgres } from '../../test/support/postgres.ts';

const deploy = join(import.meta.dirname, '..');
const checkout = join(deploy, '../..');
const installed = '/opt/gatehouse';
const unit = readFileSync(join(deploy, 'gatehouse-receiver@.service'), 'utf8');

/** Settings of the committed file but the memory, which a test machine may not have. */
function settings(): [name: string, value: string][] {
  return readFileSync(join(deploy, 'postgresql-district.conf'), 'utf8')
    .split('\n')
    .filter((line) => /^[a-z]/.test(line) && !line.startsWith('shared_buffers'))
    .map((line) => line.split(' = ') as [string, string]);
}

function tool(args: readonly string[]) {
  const run = spawnSync('systemd-analyze', args, { encoding: 'utf8' });
  assert.equal(run.error, undefined, 'systemd-analyze is missing: apt-get install systemd');
  return { status: run.status, output: `${run.stdout}${run.stderr}` };
}

function verify(file: string, text: string) {
  writeFileSync(file, text.replaceAll(installed, checkout));
  return tool(['verify', '--man=no', file]);
}

test('PostgreSQL starts with the district’s settings and has each of them', async (t) => {
  const server = startPostgres(
    t,
    settings().map(([name, value]) => `${name}=${value}`),
  );
  const client = new pg.Client({ connectionString: server.database() });
  await client.connect();
  try {
    for (const [name, value] of settings()) {
      const { rows } = await client.query(`SHOW ${name}`);
      assert.equal(rows[0]?.[name], value, name);
    }
  } finally {
    await client.end();
  }
});

test('PostgreSQL would not start with a setting that it does not know', (t) => {
  assert.throws(() => startPostgres(t, ['synchronous_comit=on']));
});

test('the receiver’s unit is clean to systemd-analyze, and would not be with a misspelt setting', (t) => {
  const dir = scratchFolder(t);
  const sound = verify(join(dir, 'gatehouse-receiver@.service'), unit);
  assert.deepEqual(sound, { status: 0, output: '' });
  const misspelt = verify(join(dir, 'misspelt@.service'), unit.replace('ProtectSystem=', 'ProtectSystm='));
  assert.match(misspelt.output, /ProtectSystm/);
});

test('the receiver’s unit runs the program of this tree and is no more exposed than a box’s services', () => {
  const main = /^ExecStart=\/opt\/gatehouse\/\S+ (?:--\S+ )*\/opt\/gatehouse\/(\S+)$/m.exec(unit)?.[1];
  assert.ok(main && existsSync(join(checkout, main)), main);
  const file = join(deploy, 'gatehouse-receiver@.service');
  const { status, output } = tool(['security', '--offline=true', '--no-pager', '--threshold=20', file]);
  assert.equal(status, 0, output);
});

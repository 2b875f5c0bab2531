import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { eventTypes } from '@gatehouse/contracts';
import { freePort, scratchFolder, until } from '@gatehouse/harness';
import { startMosquitto } from './support/brokers.ts';
import { incident } from './support/events.ts';
import { FakeRuntime } from './support/fake-runtime.ts';
import { startService } from './support/services.ts';

const packageDir = fileURLToPath(new URL('../', import.meta.url));

async function startAgent(t: TestContext, uplink: string, env: NodeJS.ProcessEnv = {}) {
  const dir = scratchFolder(t);
  const runtime = await FakeRuntime.start(t, 'box-1', dir);
  const site = join(dir, 'site.yaml');
  const head = 'version: 1\nsite: {id: compound, name: {zh-CN: 小区, en: Compound}}\nbox: {id: box-1}\n';
  writeFileSync(site, `${head}${uplink}\n`);
  const agent = startService(t, 'main.ts', [], {
    GATEHOUSE_SITE: site,
    GATEHOUSE_RUN_DIR: dir,
    ...env,
  });
  return { dir, runtime, agent };
}

function run(main: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const options = { encoding: 'utf8', timeout: 30_000, env: { PATH: process.env.PATH, ...env } } as const;
  const { status, stderr, stdout } = spawnSync(process.execPath, [`${packageDir}${main}`, ...args], options);
  return { status, stderr, stdout };
}

test('without an uplink in the site file the service stays up, says off, and ends cleanly on SIGTERM', async (t) => {
  const { runtime, agent } = await startAgent(t, '');
  await until('off', () => runtime.statuses.find((s) => s.state === 'off'));
  assert.equal(await agent.end('SIGTERM'), 0);
});

test('a broker that is not there is reported down with the reason', async (t) => {
  const port = await freePort();
  const { runtime, agent } = await startAgent(t, `uplink: {url: "mqtt://127.0.0.1:${port}"}`);
  const down = await until('down', () => runtime.statuses.find((s) => s.state === 'down'));
  assert.match(
    down.detail ?? '',
    /BROKER_UNREACHABLE: cannot reach mqtt:\/\/127\.0\.0\.1:\d+ \(ECONNREFUSED\)/,
  );
  assert.equal(await agent.end('SIGTERM'), 0);
});

test('the broker password comes from the named secret and stands in no log', async (t) => {
  const passwords = join(scratchFolder(t), 'passwords');
  writeFileSync(passwords, '');
  const { url } = await startMosquitto(t, ['allow_anonymous false', `password_file ${passwords}`]);
  const uplink = `uplink: {url: "${url}", username: box-1, password: {env: BROKER_PASSWORD}}`;
  const { runtime, agent } = await startAgent(t, uplink, { BROKER_PASSWORD: 'sesame-42' });
  const down = await until('refused', () => runtime.statuses.find((s) => s.state === 'down'));
  assert.match(down.detail ?? '', /^BROKER_LOGIN_REFUSED/);
  assert.ok(!agent.output.includes('sesame-42') && !JSON.stringify(runtime.statuses).includes('sesame-42'));
});

test('a missing site file, secret or setting is one line and a non-zero exit', (t) => {
  const dir = scratchFolder(t);
  const none = run('main.ts', []);
  assert.equal(none.status, 1);
  assert.match(none.stderr, /^SITE_NOT_SET: .+\n$/);
  const site = join(dir, 'site.yaml');
  writeFileSync(
    site,
    'version: 1\nsite: {id: c, name: {zh-CN: 小, en: C}}\nbox: {id: b}\nuplink: {url: "mqtt://127.0.0.1", username: u, password: {env: NOT_SET}}\n',
  );
  const secret = run('main.ts', [], { GATEHOUSE_SITE: site, GATEHOUSE_RUN_DIR: dir });
  assert.equal(secret.status, 1);
  assert.match(secret.stderr, /^SITE_FILE_INVALID: .*NOT_SET is not set.*\n$/);
  const receiver = run('receiver/main.ts', ['--url', 'http://x', '--db', join(dir, 'r.db')]);
  assert.deepEqual([receiver.status, receiver.stderr.split(':')[0]], [1, 'RECEIVER_SETTINGS']);
  const settings = (...args: string[]) => {
    const { status, stderr } = run('receiver/main.ts', [
      '--url',
      'mqtt://127.0.0.1:1',
      '--db',
      join(dir, 'r.db'),
      ...args,
    ]);
    return [status, stderr.split(':')[0]];
  };
  for (const args of [
    ['--db', 'postgresql://u:secret@127.0.0.1/d'],
    ['--keep', 'alarm=7'],
    ['--keep', 'pictures=7'],
    ['--page', 'door'],
    ['--page', '0.0.0.0:0'],
  ])
    assert.deepEqual(settings(...args), [1, 'RECEIVER_SETTINGS'], args.join(' '));
  const query = run('receiver/query.ts', ['--db', join(dir, 'none.db')]);
  assert.deepEqual([query.status, query.stderr.split(':')[0]], [1, 'RECEIVER_DATABASE']);
});

test('the demo broker carries an event from the sync process to the receiver process, and query lists it', async (t) => {
  const broker = startService(t, 'simulators/broker-main.ts', ['--port', '0']);
  const [, port] = await broker.said(/"port":(\d+)/);
  const url = `mqtt://127.0.0.1:${port}`;
  const db = join(scratchFolder(t), 'receiver.db');
  const receiver = startService(t, 'receiver/main.ts', ['--url', url, '--db', db]);
  await receiver.said(/broker-link-up/);
  const { runtime } = await startAgent(t, `uplink: {url: "${url}"}`);
  runtime.append('alarm', eventTypes.incident, { ...incident(1) });
  await until('acknowledged', () => runtime.waiting('alarm') === 0);
  const [row] = run('receiver/query.ts', ['incidents', '--db', db]).stdout.trim().split('\n');
  const { id, kind, phase, evidence, applied } = JSON.parse(row ?? '');
  assert.deepEqual(
    { id, kind, phase, evidence, applied },
    {
      id: incident(1).id,
      kind: 'illegal-parking',
      phase: 'opened',
      evidence: incident(1).evidence,
      applied: 1,
    },
  );
  assert.equal(await receiver.end('SIGTERM'), 0);
  assert.equal(await broker.end('SIGTERM'), 0);
});

test('a taken port is one clear line from the demo broker', async (t) => {
  const { port } = await startMosquitto(t);
  const taken = run('simulators/broker-main.ts', ['--port', String(port)]);
  assert.equal(taken.status, 1);
  assert.match(taken.stderr, /cannot listen on 127\.0\.0\.1:\d+ \(EADDRINUSE\)/);
});

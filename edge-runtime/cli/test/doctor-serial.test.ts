import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { until } from '@gatehouse/harness';
import { holdersOf } from '../../../drivers/bus/serial/port-holders.ts';
import { PtyPair } from '../../../drivers/simulators/pty-pair.ts';
import { portUser } from '../../../drivers/test/peers/port-user.ts';
import { gatehouse } from './gatehouse.ts';

const root = join(import.meta.dirname, '../../..');

test('doctor on a running box takes its own drivers service for no foreign program, and any other for one', async (t) => {
  const box = gatehouse(t);
  const lines = ['bus', 'reader'].map((name) => new PtyPair(join(box.folder, name)));
  for (const line of lines) {
    await line.start();
    t.after(() => line.stop());
  }
  const [busPath = '', readerPath = ''] = lines.map(({ path }) => path);
  const site = box.file(
    'site.yaml',
    `version: 1
site: { id: quay, name: { zh-CN: 码头, en: Quay } }
box: { id: quay-box }
buses: [{ id: gates, kind: modbus-rtu, path: ${busPath} }]
devices:
  - { id: arm, kind: barrier, name: { zh-CN: 道闸, en: Arm }, bus: gates, unit: 1, profile: r413d08-relay-8ch, outputs: { open: 0 }, failMode: safe }
readers: [{ id: lobby, name: { zh-CN: 大堂, en: Lobby }, path: ${readerPath}, door: arm }]
`,
  );
  const checks = () =>
    box
      .run('doctor', '--site', site, '--json')
      .out.trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .filter(({ name }) => name === 'bus gates' || name === 'reader lobby')
      .map(({ status, detail }) => [status, detail]);
  const well = [
    ['ok', busPath],
    ['ok', readerPath],
  ];
  assert.deepEqual(checks(), well, 'nobody holds them yet');
  const env = {
    ...process.env,
    GATEHOUSE_SITE: site,
    GATEHOUSE_STATE_DIR: box.folder,
    GATEHOUSE_RUN_DIR: box.folder,
  };
  // As `npm start` starts it: its command line holds no whole path.
  const drivers = spawn(process.execPath, ['drivers/main.ts'], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(async () => {
    drivers.kill('SIGTERM');
    if (drivers.exitCode === null) await once(drivers, 'exit');
  });
  const log: string[] = [];
  createInterface(drivers.stdout).on('line', (line) => log.push(line));
  await until('the service runs', () => log.some((line) => line.includes('"service-started"')));
  for (const { path } of lines)
    await until(`it holds ${path}`, async () =>
      (await holdersOf(path)).some(({ pid }) => pid === drivers.pid),
    );
  assert.deepEqual(checks(), well);

  const other = await portUser(t, busPath);
  const [bus, reader] = checks();
  assert.equal(bus?.[0], 'fail');
  assert.equal(bus?.[1], `${busPath} is held by python3 (process ${other.pid}).`);
  assert.deepEqual(reader, well[1]);
  const told = box.run('doctor', '--site', site, '--lang', 'zh').out;
  const line = `故障 总线 gates：${busPath} 被 python3（进程 ${other.pid}） 占用。  → 请停止那个程序：一条总线只能有一个主站。`;
  assert.ok(told.split('\n').includes(line), told);
});

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import type { CameraStatus } from '@gatehouse/contracts';
import { scratchFolder } from '@gatehouse/harness';
import { LocalClient, readEventStream } from '@gatehouse/kit';
import { startCameraSimulator } from '../../lab/camera-simulator/index.ts';
import { makeClip } from './clips.ts';

const zone = `zones: [{ id: z, name: { zh-CN: 区, en: Zone }, polygon: [[0, 0], [1, 0], [1, 1]], rules: [{ kind: illegal-parking }] }]`;

test('a camera whose secret is missing is down for that reason, the others run, and it comes when the secret is written', async (t) => {
  const folder = scratchFolder(t);
  const clip = makeClip(join(folder, 'a.mp4'), { seconds: 10 });
  const simulator = await startCameraSimulator({
    streams: [{ path: 'gate', clips: [clip] }],
    username: 'box',
    password: 'right',
    say: () => undefined,
  });
  t.after(() => simulator.close());
  const camera = (id: string) =>
    `  - { id: ${id}, name: { zh-CN: 摄像机, en: Camera }, url: '${simulator.url('gate')}', username: box, password: { file: ${id}-password }, ${zone} }`;
  const site = join(folder, 'site.yaml');
  const lines = [
    'version: 1',
    'site: { id: s, name: { zh-CN: 小区, en: Site } }',
    'box: { id: b }',
    'cameras:',
  ];
  writeFileSync(site, [...lines, camera('north'), camera('south'), ''].join('\n'));
  writeFileSync(join(folder, 'south-password'), 'right\n');

  const { GATEHOUSE_MODEL_MIRROR: _, ...env } = process.env;
  const service = spawn(process.execPath, ['edge-runtime/vision/main.ts'], {
    cwd: join(import.meta.dirname, '..', '..', '..'),
    env: { ...env, GATEHOUSE_SITE: site, GATEHOUSE_STATE_DIR: folder, GATEHOUSE_RUN_DIR: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(async () => {
    service.kill('SIGTERM');
    if (service.exitCode === null) await once(service, 'exit');
  });
  const log: Record<string, unknown>[] = [];
  for await (const line of createInterface({ input: service.stdout })) {
    log.push(JSON.parse(line));
    if (log.at(-1)?.event === 'service-started') break;
  }
  service.stdout.resume();

  const events = await new LocalClient('vision', join(folder, 'vision', 'runtime', 'api.sock')).open(
    'GET',
    '/events',
  );
  t.after(() => {
    events.destroy();
  });
  const newest = new Map<string, CameraStatus>();
  let written = false;
  for await (const { event, data } of readEventStream(events)) {
    if (event !== 'camera') continue;
    const status = data as CameraStatus;
    newest.set(status.id, status);
    const [north, south] = [newest.get('north'), newest.get('south')];
    if (!written && north?.state === 'down' && south?.codec === 'h264') {
      assert.equal(north.reason, 'CAMERA_SECRET_MISSING');
      assert.notEqual(south.state, 'down');
      writeFileSync(join(folder, 'north-password'), 'right\n');
      written = true;
    }
    if (written && north?.codec === 'h264') break;
  }
  const line = log.find((entry) => entry.event === 'camera-secret-missing');
  assert.equal(line?.camera, 'north');
  assert.match(String(line?.error), /SECRET_MISSING: cannot read secret file .*north-password \(ENOENT\)/);
});

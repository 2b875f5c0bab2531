import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { type CameraStatus, ServiceHealth } from '@gatehouse/contracts';
import { LocalClient, readEventStream } from '@gatehouse/kit';
import { bundledModel, modelEntry } from '@gatehouse/models';
import { startCameraSimulator } from '../../demo/rtsp/index.ts';
import { makeClip, temporaryFolder } from './clips.ts';

test('with a damaged default the service sees through the bundled model, and says what is wrong and what to do', async (t) => {
  const folder = temporaryFolder(t);
  const clip = makeClip(join(folder, 'a.mp4'), { seconds: 20 });
  const simulator = await startCameraSimulator({
    streams: [{ path: 'gate', clips: [clip] }],
    say: () => undefined,
  });
  t.after(() => simulator.close());
  const site = join(folder, 'site.yaml');
  const name = '{ zh-CN: 测试, en: Test }';
  const camera = `{ id: gate, name: ${name}, url: '${simulator.url('gate')}' }`;
  writeFileSync(site, `version: 1\nsite: { id: s, name: ${name} }\nbox: { id: b }\ncameras: [${camera}]\n`);
  mkdirSync(join(folder, 'models'));
  writeFileSync(join(folder, 'models', modelEntry().file), 'cut short');

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
  for await (const line of createInterface({ input: service.stdout }))
    if (JSON.parse(line).event === 'service-started') break;
  service.stdout.resume();

  const client = new LocalClient('vision', join(folder, 'vision', 'runtime', 'api.sock'));
  const events = await client.open('GET', '/events');
  t.after(() => {
    events.destroy();
  });
  for await (const { event, data } of readEventStream(events))
    if (event === 'camera' && (data as CameraStatus).state === 'live') break;
  const health = ServiceHealth.parse(await client.call('GET', '/health'));
  assert.equal(health.status, 'degraded');
  assert.match(health.detail ?? '', new RegExp(`^model ${modelEntry().id} does not run \\(MODEL_CORRUPT\\)`));
  assert.match(health.detail ?? '', /models fetch/);
  const [model] = health.models ?? [];
  assert.deepEqual(
    [model?.id, model?.why, model?.cameras, model?.instead?.code],
    [bundledModel()?.id, 'fallback', ['gate'], 'MODEL_CORRUPT'],
  );
});

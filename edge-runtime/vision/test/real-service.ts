import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { type CameraStatus, ServiceHealth, TrackFrame } from '@gatehouse/contracts';
import { scratchFolder } from '@gatehouse/harness';
import { LocalClient, readEventStream } from '@gatehouse/kit';
import { startCameraSimulator } from '../../lab/camera-simulator/index.ts';
import { makeClip } from './clips.ts';

export interface ServiceOptions {
  /** Lines that the site file has besides one camera. */
  readonly site?: string;
  /** Files of the model cache, by name. */
  readonly models?: Readonly<Record<string, string>>;
  /** Besides the environment of the test. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The vision service as a process of its own over one simulated camera, `gate`; no model mirror. */
export async function startService(
  t: TestContext,
  { site = '', models = {}, env: own = {} }: ServiceOptions,
) {
  const folder = scratchFolder(t);
  const clip = makeClip(join(folder, 'a.mp4'), { seconds: 20 });
  const simulator = await startCameraSimulator({
    streams: [{ path: 'gate', clips: [clip] }],
    say: () => undefined,
  });
  t.after(() => simulator.close());
  const file = join(folder, 'site.yaml');
  const name = '{ zh-CN: 测试, en: Test }';
  const camera = `{ id: gate, name: ${name}, url: '${simulator.url('gate')}' }`;
  const whole = `version: 1\nsite: { id: s, name: ${name} }\nbox: { id: b }\ncameras: [${camera}]\n${site}\n`;
  writeFileSync(file, whole);
  mkdirSync(join(folder, 'models'));
  for (const [model, bytes] of Object.entries(models)) writeFileSync(join(folder, 'models', model), bytes);

  const { GATEHOUSE_MODEL_MIRROR: _, ...env } = process.env;
  const service = spawn(process.execPath, ['edge-runtime/vision/main.ts'], {
    cwd: join(import.meta.dirname, '..', '..', '..'),
    env: { ...env, ...own, GATEHOUSE_SITE: file, GATEHOUSE_STATE_DIR: folder, GATEHOUSE_RUN_DIR: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(async () => {
    service.kill('SIGTERM');
    if (service.exitCode === null) await once(service, 'exit');
  });
  /** Events of its log so far, by name. */
  const said: string[] = [];
  const started = Promise.withResolvers<void>();
  createInterface({ input: service.stdout }).on('line', (line) => {
    const { event } = JSON.parse(line);
    said.push(event);
    if (event === 'service-started') started.resolve();
  });
  await started.promise;

  const client = new LocalClient('vision', join(folder, 'vision', 'runtime', 'api.sock'));
  /** Resolves when its camera is live. */
  const live = async () => {
    const events = await client.open('GET', '/events');
    try {
      for await (const { event, data } of readEventStream(events))
        if (event === 'camera' && (data as CameraStatus).state === 'live') return;
    } finally {
      events.destroy();
    }
  };
  /** Its track frames as they come, until the loop over them ends. */
  async function* trackFrames(): AsyncGenerator<TrackFrame> {
    const events = await client.open('GET', '/events');
    try {
      for await (const { event, data } of readEventStream(events))
        if (event === 'track-frame') yield TrackFrame.parse(data);
    } finally {
      events.destroy();
    }
  }
  const health = async () => ServiceHealth.parse(await client.call('GET', '/health'));
  return { live, trackFrames, health, said };
}

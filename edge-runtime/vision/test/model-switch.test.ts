import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratchFolder } from '@gatehouse/harness';
import { startCameraSimulator } from '../../lab/camera-simulator/index.ts';
import { fakeRecipe } from '../infer/test/fake-detector.ts';
import { makeClip } from './clips.ts';
import { startVision } from './live-vision.ts';

test('a camera goes on when another model, with another input size, takes the place of one that died', async (t) => {
  const clip = makeClip(join(scratchFolder(t), 'a.mp4'), { seconds: 20 });
  const simulator = await startCameraSimulator({
    streams: [{ path: 'gate', clips: [clip] }],
    say: () => undefined,
  });
  t.after(() => simulator.close());
  const models = [fakeRecipe({ dieAfter: 3 }), fakeRecipe({ width: 96 })];
  const recipe = () => (models.shift() ?? fakeRecipe({ width: 96 }))();
  const { camera, frames, statuses, until } = await startVision(t, { url: simulator.url('gate') }, recipe);
  await until(() => frames.length >= 2);
  const before = frames.length;
  await until(() => models.length === 0 && frames.length >= before + 8 && statuses.at(-1)?.state === 'live');
  const times = frames.map(({ atMs }) => atMs);
  assert.deepEqual(
    times,
    [...new Set(times)].toSorted((a, b) => a - b),
    'each frame once, in order',
  );
  assert.equal(camera.status.reconnects, 0, 'the connection to the camera is the same');
});

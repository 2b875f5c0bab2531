import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { chooseScene } from '../scene.ts';

const dir = mkdtempSync(join(tmpdir(), 'demo-scene-'));
after(() => rmSync(dir, { recursive: true }));

test('without a media folder a scene is drawn once, which says that it is none to detect in', async () => {
  const file = join(dir, 'scene.mp4');
  assert.deepEqual(await chooseScene(undefined, file), { clips: [file], real: false });
  const entries = ['-show_entries', 'stream=codec_name,width,height,nb_frames', '-of', 'csv=p=0'];
  assert.equal(
    execFileSync('ffprobe', ['-v', 'error', ...entries, file], { encoding: 'utf8' }).trim(),
    'h264,640,360,480',
  );
  const { mtimeMs } = statSync(file);
  await chooseScene(undefined, file);
  assert.equal(statSync(file).mtimeMs, mtimeMs);
});

test('with a media folder its two clips play in turn, and a missing one is named', async () => {
  const media = join(dir, 'car_stop_75s.mp4');
  writeFileSync(media, '');
  const missing = { code: 'DEMO_CLIP_MISSING', message: /empty_lot_60s\.mp4/ };
  await assert.rejects(chooseScene(dir, join(dir, 'x.mp4')), missing);
  const second = join(dir, 'empty_lot_60s.mp4');
  writeFileSync(second, '');
  assert.deepEqual(await chooseScene(dir, join(dir, 'x.mp4')), { clips: [media, second], real: true });
});

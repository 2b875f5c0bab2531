import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratchFolder } from '@gatehouse/harness';
import { startCameraSimulator } from '../../lab/camera-simulator/index.ts';
import { startVision } from './live-vision.ts';

/**
 * 60 s of a still scene with a sensor's noise, in which something crosses the picture between 24 and 27 s.
 */
function makeQuietClip(file: string, extra: readonly string[] = []): string {
  const scene = 'testsrc2=size=320x180:rate=1:duration=1,trim=end_frame=1,loop=loop=-1:size=1,fps=12.5';
  const thing = 'color=white:size=36x50:rate=12.5';
  execFileSync('ffmpeg', [
    ...['-v', 'error', '-y', '-f', 'lavfi', '-i', scene, '-f', 'lavfi', '-i', thing, '-filter_complex'],
    "[0][1]overlay=x='-40+(t-24)*120':y=100:enable='between(t,24,27)',noise=alls=4:allf=t",
    ...['-t', '60', '-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'],
    ...['-g', '25', '-keyint_min', '25', '-sc_threshold', '0', '-bf', '0', ...extra, file],
  ]);
  return file;
}

test('a quiet camera is decoded by its keyframes, in full as soon as something moves, and none of it goes unseen', async (t) => {
  const clip = makeQuietClip(join(scratchFolder(t), 'quiet.mp4'));
  const simulator = await startCameraSimulator({
    streams: [{ path: 'gate', clips: [clip] }],
    say: () => undefined,
  });
  t.after(() => simulator.close());
  const { camera, frames, statuses, until } = await startVision(t, { url: simulator.url('gate') });
  await until(() => camera.decoding === 'keyframes' && frames.length > 0);
  const quiet = frames.length;
  await until(() => frames.length >= quiet + 4);
  const steps = frames.slice(quiet).map(({ atMs }, i, all) => atMs - (all[i - 1]?.atMs ?? atMs - 2000));
  for (const step of steps) assert.ok(Math.abs(step - 2000) < 100, `keyframes are 2 s apart, not ${step} ms`);
  assert.equal(statuses.at(-1)?.state, 'live');

  await until(() => camera.decoding === 'full');
  const woken = simulator.position('gate').seconds;
  assert.ok(
    woken > 24 && woken < 27.5,
    `awake ${woken} s into the clip, at latest with the keyframe at 26 s`,
  );
  const seen = frames.length;
  await until(() => frames.length >= seen + 10);
  const awake = frames.slice(seen).map(({ atMs }, i, all) => atMs - (all[i - 1]?.atMs ?? atMs));
  assert.ok(Math.max(...awake) < 450, `analysed without a gap: ${awake.map(Math.round)}`);
  await until(() => camera.decoding === 'keyframes');
  const asleep = simulator.position('gate').seconds;
  assert.ok(asleep > 36 && asleep < 50, `asleep ${asleep} s into the clip`);
});

test('a stream whose pictures are reordered is decoded in full: its keyframes would come two groups late', async (t) => {
  const clip = makeQuietClip(join(scratchFolder(t), 'b.mp4'), ['-preset', 'veryfast', '-bf', '3']);
  const simulator = await startCameraSimulator({
    streams: [{ path: 'gate', clips: [clip] }],
    say: () => undefined,
  });
  t.after(() => simulator.close());
  const { camera, frames, until } = await startVision(t, { url: simulator.url('gate') });
  await until(() => frames.length > 0);
  const start = simulator.position('gate').seconds;
  await until(() => simulator.position('gate').seconds - start > 20);
  assert.equal(camera.decoding, 'full');
  const steps = frames.map(({ atMs }, i) => atMs - (frames[i - 1]?.atMs ?? atMs));
  assert.ok(Math.max(...steps) < 450, 'and no frame was missed while that was found out');
});

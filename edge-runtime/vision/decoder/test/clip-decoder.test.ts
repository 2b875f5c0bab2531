import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratchFolder } from '@gatehouse/harness';
import type { InputShape } from '../../detect/detector.ts';
import { fittedSize } from '../../detect/index.ts';
import { makeClip } from '../../test/clips.ts';
import { decodeClip } from '../clip-decoder.ts';

const square: InputShape = { width: 96, height: 96, fit: 'letterbox', pad: 114 };

/** Times (ms) that ffprobe, which is not ours, finds in a clip. */
function times(file: string): number[] {
  const text = execFileSync(
    'ffprobe',
    ['-v', 'error', '-select_streams', 'v', '-show_entries', 'frame=pts_time', '-of', 'csv=p=0', file],
    { encoding: 'utf8' },
  );
  return [...text.matchAll(/^[\d.]+/gm)].map(([value]) => Number(value) * 1000);
}

async function decode(file: string, input: InputShape, fps: number) {
  const frames = [];
  for await (const { atMs, planes, sourceWidth, sourceHeight } of decodeClip({ file, input, fps }))
    frames.push({ atMs, planes: Buffer.from(planes), sourceWidth, sourceHeight });
  return frames;
}

test('every frame comes with its own time, also where the clip runs at an uneven rate', async (t) => {
  const folder = scratchFolder(t);
  const uneven = ['-vf', "select='not(between(n,7,15))+eq(n,11)'", '-vsync', 'vfr'];
  const file = makeClip(join(folder, 'uneven.mkv'), { extra: uneven });
  const expected = times(file);
  assert.equal(expected.length, 32);
  const frames = await decode(file, square, 25);
  assert.deepEqual(
    frames.map(({ atMs }) => Math.round(atMs)),
    expected.map(Math.round),
  );
});

test('a lower rate picks frames by their real times', async (t) => {
  const file = makeClip(join(scratchFolder(t), 'a.mp4'), { fps: 12, seconds: 3 });
  const frames = await decode(file, square, 4);
  assert.deepEqual(
    frames.map(({ atMs }) => Math.round(atMs)),
    Array.from({ length: 12 }, (_, i) => i * 250),
  );
  assert.deepEqual([frames[0]?.sourceWidth, frames[0]?.sourceHeight], [320, 180]);
});

test('a camera whose rate is no multiple of the asked one is analysed at the asked one', async (t) => {
  const file = makeClip(join(scratchFolder(t), 'twelve.mp4'), { fps: 12, seconds: 6 });
  assert.equal((await decode(file, square, 5)).length, 30);
});

test('the slowest rate keeps its period: nothing comes a quarter of a second early', async (t) => {
  const file = makeClip(join(scratchFolder(t), 'slow.mp4'), { fps: 4, seconds: 16 });
  const frames = await decode(file, square, 0.2);
  assert.deepEqual(
    frames.map(({ atMs }) => Math.round(atMs)),
    [0, 5_000, 10_000, 15_000],
  );
});

test('a camera whose frames jitter by a few milliseconds is still analysed at the asked rate', async (t) => {
  // Every tenth frame, the next due one, comes 8 ms early; a filter that insists would take the frame after
  // it.
  const jitter = [
    '-vf',
    "setpts='PTS-if(mod(N,10),0,gt(N,0)*0.008/TB)'",
    '-vsync',
    'vfr',
    '-video_track_timescale',
    '90000',
  ];
  const file = makeClip(join(scratchFolder(t), 'jitter.mp4'), { fps: 25, seconds: 4, extra: jitter });
  assert.equal((await decode(file, square, 5)).length, 20);
});

test('the picture lies at the top left where boxes are undone from, the rest is grey, planes are G, B, R', async (t) => {
  const folder = scratchFolder(t);
  const file = join(folder, 'red.mp4');
  execFileSync('ffmpeg', [
    ...['-v', 'error', '-f', 'lavfi', '-i', 'color=red:size=320x180:rate=5', '-t', '1'],
    ...['-pix_fmt', 'yuv420p', file],
  ]);
  const [frame] = await decode(file, square, 5);
  assert.ok(frame);
  const at = (plane: number, x: number, y: number) => frame.planes[plane * 96 * 96 + y * 96 + x] ?? -1;
  const { width, height } = fittedSize(square, { width: 320, height: 180 });
  assert.deepEqual([width, height], [96, 54]);
  const corner = [at(0, 95, 53), at(1, 95, 53), at(2, 95, 53)];
  assert.ok((corner[0] ?? 99) < 8 && (corner[1] ?? 99) < 8 && (corner[2] ?? 0) > 247, `${corner}`);
  assert.deepEqual([at(0, 0, 54), at(1, 50, 60), at(2, 95, 95)], [114, 114, 114]);
});

test('a stretched input is filled', async (t) => {
  const file = makeClip(join(scratchFolder(t), 'a.mp4'), { seconds: 1 });
  const [frame] = await decode(file, { ...square, fit: 'stretch' }, 1);
  assert.notEqual(
    frame?.planes.subarray(95 * 96, 96 * 96).every((value) => value === 114),
    true,
  );
});

test('a file that is missing, no video or cut off is one clear error that names it', async (t) => {
  const folder = scratchFolder(t);
  const text = join(folder, 'notes.mp4');
  writeFileSync(text, 'this is not a video');
  await assert.rejects(decode(join(folder, 'none.mp4'), square, 5), {
    code: 'CLIP_MISSING',
    message: /none\.mp4 \(ENOENT\)/,
  });
  await assert.rejects(decode(folder, square, 5), { code: 'CLIP_MISSING', message: /not a file/ });
  await assert.rejects(decode(text, square, 5), { code: 'CLIP_UNREADABLE', message: /notes\.mp4/ });
});

test('a playlist in disguise does not make ffmpeg open other places', async (t) => {
  const folder = scratchFolder(t);
  const file = join(folder, 'list.mp4');
  writeFileSync(file, '#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n');
  await assert.rejects(decode(file, square, 5), { code: 'CLIP_UNREADABLE' });
});

test('an aborted decode ends with the abort, and its ffmpeg with it', async (t) => {
  const file = makeClip(join(scratchFolder(t), 'a.mp4'), { seconds: 20 });
  const abort = new AbortController();
  const frames = decodeClip({ file, input: square, fps: 10, signal: abort.signal });
  await frames.next();
  abort.abort();
  await assert.rejects(
    async () => {
      for await (const _ of frames) abort.signal.throwIfAborted();
    },
    { name: 'AbortError' },
  );
});

test('a picture larger than any camera makes is not decoded: it would cost the box its memory', async (t) => {
  const file = join(scratchFolder(t), 'vast.ts');
  execFileSync('ffmpeg', [
    ...['-v', 'error', '-f', 'lavfi', '-i', 'color=gray:size=8200x4400:rate=5', '-frames:v', '2'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-x264-params', 'threads=1', file],
  ]);
  await assert.rejects(decode(file, square, 5), { code: 'CLIP_UNREADABLE' });
});

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { type CameraSimulator, startCameraSimulator } from '../index.ts';
import { ClipFolder, pictures } from './clips.ts';

const run = promisify(execFile);
const folder = new ClipFolder();
const user = { username: 'admin', password: 'p@ss:word/1' };
let camera: CameraSimulator;
const expected: Record<string, string[]> = {};

before(async () => {
  const h264 = [
    'testsrc2=size=160x120:rate=25:duration=1.2',
    'mandelbrot=size=160x120:rate=25,trim=duration=1.2',
  ];
  const lot = h264.map((source, i) => folder.draw(`h264-${i}.mp4`, { source }));
  const gate = [folder.draw('h265.mp4', { encoder: 'libx265' })];
  expected.lot = lot.flatMap((file) => pictures(['-i', file]));
  expected.gate = gate.flatMap((file) => pictures(['-i', file]));
  camera = await startCameraSimulator({
    streams: [
      { path: 'lot', clips: lot },
      { path: 'street/gate', clips: gate },
    ],
    ...user,
  });
});
after(async () => {
  await camera.close();
  folder.remove();
});

function address(path: string, password = user.password): string {
  return camera.url(path).replace('//', `//${user.username}:${encodeURIComponent(password)}@`);
}

async function pull(url: string, frames: number): Promise<string[]> {
  const input = ['-v', 'error', '-rtsp_transport', 'tcp', '-i', url];
  const output = ['-frames:v', String(frames), '-fps_mode', 'passthrough', '-f', 'framemd5', '-'];
  const { stdout } = await run('ffmpeg', [...input, ...output], { timeout: 30_000 });
  return stdout
    .split('\n')
    .flatMap((line) => (/^\d/.test(line) ? [line.split(',').at(-1)?.trim() ?? ''] : []));
}

/** Every picture once, in order, from a keyframe on, over the joins of the playlist. */
function assertPlaysInTurn(got: readonly string[], file: readonly string[], gop: number): void {
  const start = file.indexOf(got[0] ?? '');
  assert.ok(start >= 0, 'the first picture is one of the file');
  assert.equal(start % gop, 0, `picture ${start} is a keyframe`);
  assert.deepEqual(
    got,
    got.map((_, i) => file[(start + i) % file.length]),
  );
}

test('ffmpeg decodes the very pictures of the H.264 files, over the join of two clips', async () => {
  const lot = expected.lot ?? [];
  assert.equal(lot.length, 60);
  assertPlaysInTurn(await pull(address('lot'), 70), lot, 10);
});

test('ffmpeg decodes the very pictures of the H.265 file, again and again', async () => {
  const gate = expected.gate ?? [];
  assert.equal(gate.length, 30);
  assertPlaysInTurn(await pull(address('street/gate'), 40), gate, 10);
});

test('several clients see the same live picture', async () => {
  const [a, b] = await Promise.all([pull(address('lot'), 20), pull(address('lot'), 20)]);
  const lot = expected.lot ?? [];
  const [first = -1, second = -1] = [a, b].map((got) => lot.indexOf(got[0] ?? ''));
  const apart = Math.abs(first - second);
  assert.ok(Math.min(apart, 60 - apart) <= 20, `clients that came together start ${apart} pictures apart`);
});

test('ffprobe learns codec, size and frame rate', async () => {
  const fields = ['-show_entries', 'stream=codec_name,width,height,r_frame_rate', '-of', 'csv=p=0'];
  const args = ['-v', 'error', '-rtsp_transport', 'tcp', ...fields, address('lot')];
  const { stdout } = await run('ffprobe', args);
  assert.equal(stdout.trim(), 'h264,160,120,25/1');
});

test('a wrong password, an unknown stream and UDP are refused as a camera refuses them', async () => {
  await assert.rejects(pull(address('lot', 'wrong'), 1), /401 Unauthorized/);
  const unknown = address('lot').replace(/lot$/, 'attic');
  await assert.rejects(pull(unknown, 1), /404 Not Found/);
  const udp = ['-v', 'error', '-rtsp_transport', 'udp', '-i', address('lot'), '-f', 'null', '-'];
  await assert.rejects(run('ffmpeg', udp), /461 Unsupported/);
});

test('a camera that asks for qop=auth plays to ffmpeg', async () => {
  const strict = await startCameraSimulator({
    streams: [{ path: 'lot', clips: [folder.draw('strict.mp4')] }],
    ...user,
    qop: 'auth',
  });
  try {
    const url = strict.url('lot').replace('//', `//${user.username}:${encodeURIComponent(user.password)}@`);
    assert.equal((await pull(url, 12)).length, 12);
  } finally {
    await strict.close();
  }
});

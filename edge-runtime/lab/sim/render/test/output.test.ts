import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { renderClip } from '../clip.ts';
import { type DatasetLine, renderDataset } from '../dataset.ts';
import { Studio } from '../studio.ts';

const folder = mkdtempSync(join(tmpdir(), 'sim-output-'));
const silent = { at: () => undefined };

/** Ten seconds at one picture a second, the least that a scenario may last. */
const scenario = `about: A car drives by.
layout: lane
camera: across
seed: 3
durationS: 10
fps: 1
size: [160, 90]
light: { time: day, sunAzimuthDeg: 60, sunHeightDeg: 48 }
zones:
  - place: fire-lane
    name: { zh-CN: 消防车道, en: Fire lane }
    rules:
      - { kind: illegal-parking, violationAfterS: 20, clearAfterS: 8 }
actors:
  - id: passing-car
    kind: sedan
    script:
      - enters: { from: [-30, 7.4], at: 0 }
      - drives: [[48, 7.4]]
`;

let studio: Studio;
before(async () => {
  studio = await Studio.open();
});
after(async () => {
  await studio?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

test('a scenario becomes a playable clip with a line of labels a picture, and a sidecar that names both', async () => {
  const file = join(folder, 'drive-by.yaml');
  writeFileSync(file, scenario);
  const files = await renderClip(studio, file, { folder, video: true, progress: silent });
  const probe = [
    '-v',
    'error',
    '-count_frames',
    '-show_entries',
    'stream=codec_name,pix_fmt,nb_read_frames',
    '-of',
    'json',
  ];
  const [stream] = JSON.parse(execFileSync('ffprobe', [...probe, files.video], { encoding: 'utf8' })).streams;
  assert.deepEqual(stream, { codec_name: 'h264', pix_fmt: 'yuv420p', nb_read_frames: '10' });
  const lines = gunzipSync(readFileSync(files.labels))
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.map(({ frame, tS }) => [frame, tS]),
    Array.from({ length: 10 }, (_, i) => [i, i]),
  );
  assert.ok(lines.some(({ labels }) => labels.some(({ id }: { id: string }) => id === 'passing-car')));
  const sidecar = JSON.parse(readFileSync(files.sidecar, 'utf8'));
  assert.deepEqual([sidecar.clip, sidecar.labels], ['drive-by.mp4', 'drive-by.labels.jsonl.gz']);
});

test('labels made alone are those made with the pictures', async () => {
  const file = join(folder, 'drive-by.yaml');
  const again = await renderClip(studio, file, {
    folder: join(folder, 'again'),
    video: false,
    progress: silent,
  });
  const read = (path: string) => gunzipSync(readFileSync(path)).toString();
  assert.equal(read(again.labels), read(join(folder, 'drive-by.labels.jsonl.gz')));
});

test('a data set of three pictures: as asked in size and number, and a run broken off goes on to the same end', async () => {
  const out = join(folder, 'data');
  const wish = { seed: 77, family: 'held-out', size: [128, 72], out } as const;
  const read = () => readFileSync(join(out, 'labels.jsonl'), 'utf8').trimEnd().split('\n');
  await renderDataset({ ...wish, count: 3 }, silent);
  const whole = read();
  const lines = whole.map((line): DatasetLine => JSON.parse(line));
  assert.deepEqual(
    lines.map(({ file, width, height }) => [file, width, height]),
    ['000000.jpg', '000001.jpg', '000002.jpg'].map((file) => [file, 128, 72]),
  );
  const picture = readFileSync(join(out, '000002.jpg'));
  assert.deepEqual([...picture.subarray(0, 2)], [0xff, 0xd8]);
  // Broken off while it wrote the last line.
  writeFileSync(join(out, 'labels.jsonl'), `${whole.slice(0, 2).join('\n')}\n`);
  appendFileSync(join(out, 'labels.jsonl'), (whole[2] ?? '').slice(0, 30));
  rmSync(join(out, '000002.jpg'));
  await renderDataset({ ...wish, count: 3 }, silent);
  assert.deepEqual(read(), whole);
  assert.ok(readFileSync(join(out, '000002.jpg')).equals(picture));
});

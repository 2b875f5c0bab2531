import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@gatehouse/kit';
import { concatScript } from '../concat-script.ts';
import { classifyFailure, classifyStall } from '../failure.ts';
import { RetryPlan } from '../retry.ts';

test('a URL cannot break out of its string in the script', () => {
  const script = concatScript("rtsp://cam/a'b");
  assert.match(script, /^file 'rtsp:\/\/cam\/a'\\''b'$/m);
});

// Texts as ffmpeg 5.1 (Debian 12) printed them against GStreamer's RTSP server and closed ports.
const seen = [
  [
    'method DESCRIBE failed: 401 Unauthorized\npipe:0: Server returned 401 Unauthorized (authorization failed)',
    'CAMERA_UNAUTHORIZED',
  ],
  [
    'Connection to tcp://127.0.0.1:9?timeout=5000000 failed: Connection refused\npipe:0: Connection refused',
    'CAMERA_UNREACHABLE',
  ],
  ['method DESCRIBE failed: 404 Not Found\npipe:0: Server returned 404 Not Found', 'CAMERA_NOT_FOUND'],
  ["Stream map '0:v:0' matches no streams.", 'CAMERA_NO_VIDEO'],
  ['pipe:0: Invalid data found when processing input', 'CAMERA_GARBAGE'],
] as const;
for (const [text, code] of seen)
  test(`ffmpeg's words become ${code}`, () => {
    assert.equal(classifyFailure(text, false), code);
  });

test('a silent end after pictures is an ended stream, before any an unreachable camera', () => {
  assert.equal(classifyFailure('', true), 'CAMERA_ENDED');
  assert.equal(classifyFailure('', false), 'CAMERA_UNREACHABLE');
  assert.equal(classifyStall(''), 'CAMERA_STALLED');
  assert.equal(classifyStall('RTP: Invalid data found'), 'CAMERA_GARBAGE');
});

test('a wrong password is never tried again within a minute, and soon only every quarter of an hour', () => {
  for (let seed = 0; seed < 50; seed++) {
    const plan = new RetryPlan(seededRandom(seed));
    const waits = Array.from({ length: 8 }, () => plan.nextMs('CAMERA_UNAUTHORIZED'));
    for (const wait of waits) assert.ok(wait >= 60_000 && wait <= 900_000, `${wait}`);
    assert.ok(waits.slice(4).every((wait) => wait >= 450_000));
  }
});

test('after an outage under 10 s the next try comes within 2.5 s in 95 of 100 cases', () => {
  const random = seededRandom(3);
  const waits = Array.from({ length: 2000 }, () => {
    const plan = new RetryPlan(random);
    const outageMs = random() * 10_000;
    let atMs = 0;
    while (atMs < outageMs) atMs += plan.nextMs('CAMERA_UNREACHABLE');
    return atMs - outageMs;
  }).sort((a, b) => a - b);
  const p95 = waits[1900] ?? 0;
  assert.ok(p95 <= 2_500, `${p95} ms`);
});

test('a change of failure does not make a locked-out camera forget', () => {
  const plan = new RetryPlan(() => 0);
  plan.nextMs('CAMERA_UNAUTHORIZED');
  plan.nextMs('CAMERA_UNREACHABLE');
  assert.equal(plan.nextMs('CAMERA_UNAUTHORIZED'), 120_000);
});

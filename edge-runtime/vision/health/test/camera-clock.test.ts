import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { ManualClock, seededRandom, silentLog, systemClock } from '@gatehouse/kit';
import fc from 'fast-check';
import { startCameraSimulator } from '../../../demo/rtsp/index.ts';
import { ConnectionLimiter } from '../../puller/connection-limiter.ts';
import { makeClip, temporaryFolder } from '../../test/clips.ts';
import { CameraClock } from '../camera-clock.ts';
import { readClockOffset } from '../read-clock-offset.ts';
import { ReferenceTimes } from '../reference-times.ts';
import { StreamHealth } from '../stream-health.ts';

/** A `prft` box of version 1 (ISO/IEC 14496-12 8.16.5) by hand. */
function prft(seconds: number, fraction: number): Buffer {
  const box = Buffer.alloc(32);
  box.writeUInt32BE(32, 0);
  box.write('prft', 4, 'latin1');
  box.writeUInt32BE(0x0100_0018, 8);
  box.writeUInt32BE(1, 12);
  box.writeUInt32BE(seconds, 16);
  box.writeUInt32BE(fraction, 20);
  return box;
}

/** Another box, whose content may look like one. */
function other(content: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + content.length, 0);
  head.write('mdat', 4, 'latin1');
  return Buffer.concat([head, content]);
}

test('reference times are the same however the MP4 is cut, and what only looks like one is none', () => {
  // 2026-11-26T00:00:00Z is 1 795 651 200 of Unix and 4 004 640 000 of NTP.
  const file = Buffer.concat([
    other(Buffer.from('ftyp')),
    prft(4_004_640_000, 0),
    other(Buffer.concat([prft(1, 1), Buffer.from('x')])),
    prft(4_004_640_001, 0x8000_0000),
    other(Buffer.alloc(0)),
  ]);
  fc.assert(
    fc.property(fc.array(fc.nat(file.length), { maxLength: 30 }), (cuts) => {
      const ends = [...cuts, file.length].sort((a, b) => a - b);
      const times = new ReferenceTimes();
      const found = ends.flatMap((end, i) => times.push(file.subarray(ends[i - 1] ?? 0, end)));
      assert.deepEqual(found, [1_795_651_200_000, 1_795_651_201_500]);
    }),
    { numRuns: 300, seed: 1 },
  );
});

test('whatever the bytes, reading them ends and does not throw', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 20 }), (chunks) => {
      const times = new ReferenceTimes();
      for (const chunk of chunks)
        for (const atMs of times.push(Buffer.from(chunk))) assert.ok(Number.isFinite(atMs));
    }),
    { numRuns: 1_000, seed: 2 },
  );
});

test('a real stream tells how far the camera clock is off, and one whose clock is right tells that', async (t) => {
  const clip = makeClip(join(temporaryFolder(t), 'a.mp4'), { seconds: 4 });
  const camera = await startCameraSimulator({
    streams: [
      { path: 'right', clips: [clip] },
      { path: 'slow', clips: [clip] },
    ],
    say: () => undefined,
  });
  t.after(() => camera.close());
  await camera.misbehave('slow', 'clock-off');
  const look = (path: string) =>
    readClockOffset({ url: camera.url(path) }, systemClock, new AbortController().signal, 2);
  const [right = Number.NaN, slow = Number.NaN] = await Promise.all([look('right'), look('slow')]);
  assert.ok(Math.abs(right) < 5_000, `${right} ms`);
  assert.ok(Math.abs(slow + 3_600_000) < 5_000, `${slow} ms`);
});

test('a camera that cannot be reached tells nothing', async () => {
  const signal = new AbortController().signal;
  assert.equal(await readClockOffset({ url: 'rtsp://127.0.0.1:9/none' }, systemClock, signal, 1), undefined);
});

test('a clock that is off is looked at again soon, a right one in hours, and a stop ends it', async () => {
  const clock = new ManualClock();
  const answers = [3_600_000, undefined, 100, 100];
  const looks: number[] = [];
  const told: number[] = [];
  const part = new CameraClock({
    source: () => ({ url: 'rtsp://camera/1' }),
    connections: new ConnectionLimiter(),
    onOffset: (offsetMs) => told.push(offsetMs),
    read: async () => answers[looks.push(clock.monotonicMs()) - 1],
    clock,
    random: seededRandom(1),
    log: silentLog,
  });
  const startMs = clock.monotonicMs();
  part.start();
  await clock.advance(12 * 3_600_000);
  const minutes = looks.map((atMs, i) => (atMs - (looks[i - 1] ?? startMs)) / 60_000);
  assert.ok((minutes[0] ?? 99) <= 2 && (minutes[1] ?? 99) <= 16 && (minutes[2] ?? 99) <= 16, `${minutes}`);
  assert.ok((minutes[3] ?? 0) >= 360, `${minutes}`);
  assert.deepEqual(told, [3_600_000, 100, 100]);
  await part.stop();
  await clock.advance(24 * 3_600_000);
  assert.equal(looks.length, 4);
});

test('a clock more than five seconds off, either way, is a condition until it is set', () => {
  const health = new StreamHealth();
  const off = () => health.conditions.some(({ open, terms: { name } }) => open && name === 'clock-off');
  health.clockOffset(0, -6_000);
  assert.ok(off());
  health.clockOffset(1, 4_000);
  assert.ok(off(), 'not between the two thresholds');
  health.clockOffset(2, 900);
  assert.ok(!off());
});

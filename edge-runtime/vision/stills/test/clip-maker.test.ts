import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { scratchFolder } from '@gatehouse/harness';
import { systemClock } from '@gatehouse/kit';
import { StreamRing } from '../../ring/stream-ring.ts';
import { makeTransportStream } from '../../test/clips.ts';
import { ClipMaker, longestClipMs } from '../clip-maker.ts';

/** A ring filled with a test stream, pictures 100 ms apart from 5,000,000 on. */
function filledRing(bytes: Buffer) {
  let nowMs = 5_000_000;
  const ring = new StreamRing({ limits: { maxBytes: 50_000_000, maxAgeMs: 60_000 }, now: () => nowMs });
  const fill = () => {
    ring.begin();
    for (let at = 0; at < bytes.length; at += 188) nowMs += 100 * ring.push(bytes.subarray(at, at + 188));
  };
  fill();
  return { ring, fill, now: () => nowMs };
}

/** Findings of ffprobe, which is not ours, in a clip. */
function probe(mp4: Buffer) {
  const { packets, streams } = JSON.parse(
    execFileSync(
      'ffprobe',
      [
        '-v',
        'error',
        '-show_entries',
        'packet=pts_time,flags:stream=codec_name,width',
        '-of',
        'json',
        'pipe:0',
      ],
      { input: mp4, encoding: 'utf8' },
    ),
  );
  return { codec: streams[0].codec_name, width: streams[0].width, packets };
}

for (const codec of ['libx264', 'libx265'] as const)
  test(`a clip of ${codec} begins with the keyframe before, ends with the group after, and is not encoded again`, async (t) => {
    const bytes = makeTransportStream(scratchFolder(t), { codec, seconds: 8 });
    const { ring } = filledRing(bytes);
    const clip = await new ClipMaker(systemClock).make('gate', ring, 5_002_500, 5_004_300);
    const { codec: found, width, packets } = probe(clip.mp4);
    assert.deepEqual([found, width], [codec === 'libx264' ? 'h264' : 'hevc', 320]);
    assert.equal(packets.length, 30);
    assert.match(packets[0].flags, /^K/);
    assert.ok(
      Math.abs(clip.fromMs - 5_002_000) < 5 && Math.abs(clip.toMs - 5_004_900) < 5,
      `${clip.fromMs} ${clip.toMs}`,
    );
  });

test('of two connections a clip holds the newer one’s part only', async (t) => {
  const { ring, fill, now } = filledRing(makeTransportStream(scratchFolder(t), { seconds: 3 }));
  const lostMs = now();
  fill();
  const clip = await new ClipMaker(systemClock).make('gate', ring, lostMs - 2_000, now());
  assert.ok(clip.fromMs >= lostMs - 100, `${clip.fromMs} ${lostMs}`);
  assert.ok(probe(clip.mp4).packets.length >= 29);
});

test('a time that is not held, or too long a stretch, is one clear error', async (t) => {
  const { ring } = filledRing(makeTransportStream(scratchFolder(t), { seconds: 2 }));
  const clips = new ClipMaker(systemClock);
  await assert.rejects(clips.make('gate', ring, 1, 2), { code: 'CLIP_NOT_FOUND' });
  await assert.rejects(clips.make('gate', ring, 0, longestClipMs + 1), { code: 'CLIP_TOO_LONG' });
  const all = await Promise.allSettled(
    Array.from({ length: 20 }, () => clips.make('gate', ring, 5_000_000, 5_001_000)),
  );
  const busy = all.filter((one) => one.status === 'rejected' && one.reason.code === 'CLIP_BUSY');
  assert.equal(busy.length, 10);
});

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { scratchFolder } from '@gatehouse/harness';
import { seededRandom } from '@gatehouse/kit';
import fc from 'fast-check';
import { makeTransportStream } from '../../test/clips.ts';
import { StreamRing } from '../stream-ring.ts';

const limits = { maxBytes: 8_000_000, maxAgeMs: 30_000 };

/**
 * Pictures that ffprobe, which is not ours, finds in a stream: presentation times in 90 kHz and whether a
 * decoder can start there.
 */
function probe(bytes: Buffer): { pts: number; key: boolean }[] {
  const text = execFileSync(
    'ffprobe',
    ['-v', 'error', '-f', 'mpegts', '-show_entries', 'packet=pts,flags', '-of', 'csv=p=0', 'pipe:0'],
    { input: bytes, encoding: 'utf8' },
  );
  return [...text.matchAll(/^(\d+),(\S+)/gm)].map(([, pts, flags]) => ({
    pts: Number(pts),
    key: flags?.includes('K') ?? false,
  }));
}

function filledRing(bytes: Buffer, chunkBytes: number) {
  let nowMs = 5_000_000;
  const ring = new StreamRing({ limits, now: () => nowMs });
  ring.begin();
  let pictures = 0;
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    const found = ring.push(bytes.subarray(at, at + chunkBytes));
    pictures += found;
    nowMs += found * 100;
  }
  return { ring, pictures };
}

for (const codec of ['libx264', 'libx265'] as const)
  test(`finds the pictures and keyframes of ${codec} that ffprobe finds, however the bytes are split`, (t) => {
    const bytes = makeTransportStream(scratchFolder(t), { codec });
    const expected = probe(bytes);
    assert.equal(expected.length, 40);
    for (const chunkBytes of [1, 187, 188, 65_536]) {
      const { ring, pictures } = filledRing(bytes, chunkBytes);
      assert.equal(pictures, expected.length);
      for (const { pts } of expected) assert.ok(ring.atOf(pts) !== undefined);
      const newest = ring.find();
      assert.deepEqual(
        newest?.gop.frames.map(({ pts, key }) => ({ pts, key })),
        expected.slice(30),
      );
      assert.equal(ring.codec, codec === 'libx264' ? 'h264' : 'h265');
    }
  });

test('a reader gets a stream that decodes from its first picture on, and then the live rest', (t) => {
  const bytes = makeTransportStream(scratchFolder(t));
  const cut = Math.floor(bytes.length * 0.7);
  const { ring } = filledRing(bytes.subarray(0, cut), 1000);
  const got: Buffer[] = [];
  ring.subscribe({ data: (chunk) => got.push(chunk), end: () => undefined });
  ring.push(bytes.subarray(cut));
  const pictures = probe(Buffer.concat(got));
  assert.equal(pictures[0]?.key, true);
  assert.deepEqual(pictures, probe(bytes).slice(-pictures.length));
  assert.ok(pictures.length >= 10 && pictures.length <= 20);
});

test('a reader that comes before the first keyframe starts with it', (t) => {
  const bytes = makeTransportStream(scratchFolder(t));
  const ring = new StreamRing({ limits, now: () => 0 });
  ring.begin();
  const got: Buffer[] = [];
  ring.subscribe({ data: (chunk) => got.push(chunk), end: () => undefined });
  ring.push(bytes);
  assert.deepEqual(probe(Buffer.concat(got)), probe(bytes));
});

test('a lost connection ends its readers and keeps its pictures for stills', (t) => {
  const { ring } = filledRing(makeTransportStream(scratchFolder(t)), 4096);
  let ended = 0;
  ring.subscribe({ data: () => undefined, end: () => ended++ });
  const newestMs = ring.find()?.frame.atMs ?? 0;
  ring.end();
  assert.equal(ended, 1);
  assert.equal(ring.readable, false);
  assert.ok((ring.find(newestMs)?.frame.atMs ?? 0) >= newestMs);
  assert.equal(ring.find(newestMs + 10_000), undefined);
});

test('stays within its bytes and its age, dropping whole groups, oldest first', (t) => {
  const bytes = makeTransportStream(scratchFolder(t), { seconds: 8 });
  let nowMs = 0;
  const small = new StreamRing({
    limits: { maxBytes: bytes.length / 3, maxAgeMs: 60_000 },
    now: () => nowMs,
  });
  const short = new StreamRing({ limits: { maxBytes: 8_000_000, maxAgeMs: 2_000 }, now: () => nowMs });
  for (const ring of [small, short]) ring.begin();
  for (let at = 0; at < bytes.length; at += 376) {
    nowMs += small.push(bytes.subarray(at, at + 376)) * 100;
    short.push(bytes.subarray(at, at + 376));
    assert.ok(small.bytes <= bytes.length / 3 + 376);
  }
  assert.equal(short.find(nowMs - 6_000), undefined);
  assert.ok(short.find(nowMs - 1_900));
  assert.equal(short.find(nowMs - 1_000)?.gop.frames[0]?.key, true);
});

test('a camera that sends no keyframes cannot fill the memory', (t) => {
  const bytes = makeTransportStream(scratchFolder(t), { seconds: 8, gop: 1000 });
  const ring = new StreamRing({ limits: { maxBytes: bytes.length / 4, maxAgeMs: 60_000 }, now: () => 0 });
  ring.begin();
  for (let at = 0; at < bytes.length; at += 188) ring.push(bytes.subarray(at, at + 188));
  assert.equal(ring.bytes, 0);
  assert.equal(ring.readable, false);
});

test('timestamps that step back end the readers, so that decoders start afresh', (t) => {
  const bytes = makeTransportStream(scratchFolder(t));
  const { ring } = filledRing(bytes, 4096);
  let ended = false;
  ring.subscribe({
    data: () => undefined,
    end: () => {
      ended = true;
    },
  });
  ring.push(bytes);
  assert.equal(ended, true);
  assert.equal(ring.readable, true);
});

test('hostile bytes never throw and never outgrow the limit', (t) => {
  const bytes = makeTransportStream(scratchFolder(t), { seconds: 2 });
  const small = { maxBytes: 20_000, maxAgeMs: 1_000 };
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 5000 }), (seed, chunkBytes) => {
      const random = seededRandom(seed);
      const damaged = Buffer.from(bytes);
      const hits = Math.floor(random() * 2000);
      for (let i = 0; i < hits; i++)
        damaged[Math.floor(random() * damaged.length)] = Math.floor(random() * 256);
      const ring = new StreamRing({ limits: small, now: () => 0 });
      ring.begin();
      for (let at = 0; at < damaged.length; at += chunkBytes) {
        ring.push(damaged.subarray(at, at + chunkBytes));
        assert.ok(ring.bytes <= small.maxBytes + chunkBytes);
      }
    }),
    { numRuns: 60, seed: 7 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), (noise) => {
      const ring = new StreamRing({ limits: small, now: () => 0 });
      ring.push(Buffer.concat([bytes.subarray(0, 188 * 3), noise, bytes.subarray(0, 400)]));
    }),
  );
});

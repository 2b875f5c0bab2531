import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Box, Track } from '@gatehouse/contracts';
import { seededRandom } from '@gatehouse/kit';
import fc from 'fast-check';
import type { LumaPicture } from '../../scene/luma.ts';
import { CameraMotion } from '../camera-motion.ts';
import { DecodePolicy, longestQuietGopMs, quietAfterMs } from '../decode-policy.ts';
import { PictureMotion } from '../picture-motion.ts';
import { SizeMotion } from '../size-motion.ts';
import { TrackMotion } from '../track-motion.ts';

const runs = { numRuns: 1_000, seed: 11 };
const noise = (random: () => number, width: number) => Math.round((random() - 0.5) * width);

/** Sizes of a stream of 25 pictures a second, a keyframe every 50; `sizeAt` says how large the predicted ones are. */
function* stream(seconds: number, sizeAt: (second: number) => number) {
  for (let i = 0; i < seconds * 25; i++)
    yield { atMs: i * 40, key: i % 50 === 0, bytes: i % 50 === 0 ? 60_000 : sizeAt(i / 25) };
}

test('compressed sizes: noise of any level wakes nobody, pictures twice as large do within 200 ms', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 400, max: 40_000 }), (seed, level) => {
      const random = seededRandom(seed);
      const motion = new SizeMotion();
      const quiet = [...stream(20, () => level + noise(random, level * 0.4))];
      assert.ok(!quiet.some((picture) => motion.see(picture)));
      const moving = [...stream(1, () => 2.6 * level + noise(random, level * 0.4))];
      const woken = moving.findIndex((picture) => motion.see({ ...picture, atMs: picture.atMs + 20_000 }));
      assert.ok(woken >= 0 && woken <= 6, `woken after ${woken} pictures`);
    }),
    { ...runs, numRuns: 200 },
  );
});

test('compressed sizes that stay up, as in rain, are usual after a quarter of a minute', () => {
  const motion = new SizeMotion();
  const spikes = [...stream(60, (second) => (second < 20 ? 1_000 : 5_000))].filter((p) => motion.see(p));
  const last = spikes.at(-1)?.atMs ?? 0;
  assert.ok(last > 20_000 && last < 35_000, `${last}`);
});

const [width, height] = [96, 54];
function picture(greyAt: (x: number, y: number) => number): LumaPicture {
  const pixels = new Uint8Array(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) pixels[y * width + x] = Math.max(0, Math.min(255, greyAt(x, y)));
  return { width, height, pixels };
}
const scenery = (x: number, y: number) => 60 + ((x * 7 + y * 13) % 90);

test('decoded pictures: noise and any change of light are no motion; something that comes is, at any rate', () => {
  fc.assert(
    fc.property(
      fc.record({
        seed: fc.integer(),
        periodMs: fc.constantFrom(40, 200, 1000, 2000, 4000),
        lightPerS: fc.double({ min: -3, max: 3, noNaN: true }),
        left: fc.integer({ min: 0, max: 80 }),
        top: fc.integer({ min: 0, max: 40 }),
      }),
      ({ seed, periodMs, lightPerS, left, top }) => {
        const random = seededRandom(seed);
        const motion = new PictureMotion();
        const count = 12;
        for (let i = 0; i < count; i++) {
          const light = (lightPerS * i * periodMs) / 1000;
          const seen = picture((x, y) => 60 + (scenery(x, y) - 60) * 0.6 + light + noise(random, 10));
          if (Math.abs(light) < 40) assert.equal(motion.see(i * periodMs, seen).motion, false);
        }
        const still = new PictureMotion();
        for (let i = 0; i < count; i++) still.see(i * periodMs, picture(scenery));
        const come = picture((x, y) =>
          x >= left && x < left + 8 && y >= top && y < top + 8 ? 235 : scenery(x, y),
        );
        assert.equal(still.see(count * periodMs, come).motion, true);
      },
    ),
    { ...runs, numRuns: 200 },
  );
});

test('headlights that light up most of the picture are a change of light, and leaves keep nobody awake', () => {
  const motion = new PictureMotion();
  for (let i = 0; i < 50; i++) motion.see(i * 200, picture(scenery));
  const lit = motion.see(
    10_000,
    picture((x, y) => scenery(x, y) + (x < 80 ? 60 : 0)),
  );
  assert.deepEqual(lit, { motion: false, global: true });

  const random = seededRandom(3);
  const windy = new PictureMotion();
  let lastMs = 0;
  for (let i = 0; i < 1_500; i++) {
    const swing = i > 50 ? (random() - 0.5) * 80 : 0;
    const seen = picture((x, y) => scenery(x, y) + (x > 60 && y < 20 ? swing : 0));
    if (windy.see(i * 200, seen).motion) lastMs = i * 200;
  }
  assert.ok(lastMs > 10_000 && lastMs < 50_000, `${lastMs}`);
});

const at = (id: number, x: number, still = false): Track => ({
  id,
  class: 'car',
  score: 0.8,
  box: { x1: x, y1: 0.4, x2: x + 0.1, y2: 0.5 } satisfies Box,
  seen: true,
  still,
});

test('tracks: what comes or moves is news; what stands, or flickers under ever new ids in one place, is not', () => {
  const motion = new TrackMotion();
  assert.equal(motion.see(0, [at(1, 0.2)]), true);
  for (let s = 1; s < 20; s++) assert.equal(motion.see(s * 2000, [at(1, 0.2, s > 3)]), false);
  for (let s = 20; s < 60; s++) assert.equal(motion.see(s * 2000, s % 3 ? [at(s, 0.2)] : []), false);
  const moving = new TrackMotion();
  const news = Array.from({ length: 40 }, (_, i) => moving.see(i * 200, [at(1, 0.1 + i * 0.01)]));
  assert.ok(news.slice(-20).every(Boolean), 'a slow car that is only tracked from place to place');
});

test('a stream is decoded in full until it was quiet for 10 s, and again at once when something moves', () => {
  const policy = new DecodePolicy(0);
  const mode = (nowMs: number, longestGopMs: number | undefined = 2_000) =>
    policy.mode({ nowMs, longestGopMs });
  assert.equal(mode(quietAfterMs - 1), 'full');
  assert.equal(mode(quietAfterMs), 'keyframes');
  policy.wake(20_000, 'picture');
  assert.deepEqual([mode(20_000), mode(29_999), mode(30_000)], ['full', 'full', 'keyframes']);
});

test('keyframes too far apart, unknown, or held back by the decoder mean full decode', () => {
  const policy = new DecodePolicy(0);
  const mode = (longestGopMs: number | undefined) => policy.mode({ nowMs: 60_000, longestGopMs });
  assert.deepEqual(
    [mode(longestQuietGopMs), mode(longestQuietGopMs + 1), mode(undefined)],
    ['keyframes', 'full', 'full'],
  );
  const note = (lagMs: number) => policy.noteKeyframe(50_000, lagMs, 2_000);
  for (const lagMs of [4_000, 200, 4_000, 1_700, 4_000]) note(lagMs);
  assert.equal(mode(2_000), 'keyframes');
  note(4_000);
  assert.equal(mode(2_000), 'full');
  policy.reset(60_000);
  assert.equal(policy.mode({ nowMs: 80_000, longestGopMs: 2_000 }), 'keyframes');
});

test('sizes that cry wolf are looked at ever less: a few minutes of full decode an hour at most', () => {
  const motion = new CameraMotion(0);
  const hourMs = 3_600_000;
  let fullMs = 0;
  const luma = picture(scenery);
  for (let atMs = 0; atMs < hourMs; atMs += 40) {
    const i = atMs / 40;
    const key = i % 50 === 0;
    // Every 20 s half a second of pictures three times as large, in which nothing is to be seen.
    motion.compressed({ atMs, key, bytes: key ? 50_000 : i % 500 < 12 && i > 500 ? 6_000 : 2_000 });
    const full = motion.mode({ nowMs: atMs, longestGopMs: 2_000 }) === 'full';
    if (full) fullMs += 40;
    if (key || (full && i % 5 === 0)) motion.decoded(atMs, luma);
  }
  assert.ok(fullMs > 15_000 && fullMs < 180_000, `${fullMs} ms in full`);
});

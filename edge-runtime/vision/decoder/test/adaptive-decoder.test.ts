import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { seededRandom, silentLog, systemClock } from '@gatehouse/kit';
import type { InputShape } from '../../detect/detector.ts';
import type { DecodeMode } from '../../motion/decode-policy.ts';
import { StreamRing } from '../../ring/stream-ring.ts';
import { makeTransportStream, temporaryFolder } from '../../test/clips.ts';
import { AdaptiveDecoder } from '../adaptive-decoder.ts';

const input: InputShape = { width: 64, height: 64, fit: 'letterbox', pad: 114 };
const fps = 10;
const gop = 20;
const periodMs = 1000 / fps;
/** A decoder holds this many pictures back until it knows that they are complete. */
const heldBack = 5;

/** A camera whose pictures the test sends one by one, on a timeline of its own, into a real ring and real ffmpegs. */
function startCamera(t: TestContext, bytes: Buffer, mode: DecodeMode = 'full', anyLag = false) {
  let nowMs = 1_000_000;
  const sentMs: number[] = [];
  const ring = new StreamRing({ limits: { maxBytes: 50_000_000, maxAgeMs: 60_000 }, now: () => nowMs });
  ring.begin();
  const frames: { atMs: number; mode: DecodeMode }[] = [];
  const lags: number[] = [];
  let wake: () => void = () => undefined;
  const decoder = new AdaptiveDecoder(
    {
      ring,
      input,
      fps: 25,
      onFrame: ({ atMs }, by) => {
        frames.push({ atMs, mode: by });
        wake();
      },
      onKeyframeLag: (lagMs) => {
        lags.push(lagMs);
        wake();
      },
      now: () => nowMs,
      ...(anyLag ? { fresh: () => true } : {}),
      clock: systemClock,
      random: seededRandom(1),
      log: silentLog,
    },
    mode,
  );
  t.after(() => decoder.stop());
  decoder.start();
  let at = 0;
  /** Sends the stream on until one more picture has begun. */
  const send = () => {
    while (at < bytes.length) {
      const begun = ring.push(bytes.subarray(at, at + 188));
      at += 188;
      if (begun === 0) continue;
      sentMs.push(nowMs);
      nowMs += periodMs;
      return;
    }
  };
  /** Waits, frame by frame, until something holds; the test runner's own limit bounds it. */
  const until = async (holds: () => boolean) => {
    while (!holds())
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
  };
  const newestMs = () => frames.at(-1)?.atMs ?? 0;
  return { decoder, frames, lags, sentMs, send, until, newestMs };
}

test('however often the mode changes, no keyframe is missed, none in full, and none comes twice', async (t) => {
  const pictures = 2_500;
  const bytes = makeTransportStream(temporaryFolder(t), { seconds: pictures / fps + 1, fps, gop });
  // Pictures come faster than in life here: a decoder's start takes longer than it may.
  const camera = startCamera(t, bytes, 'full', true);
  const random = seededRandom(5);
  let mode: DecodeMode = 'full';
  for (let i = 0; i < pictures; i++) {
    if (i > 2 * gop && camera.decoder.mode === mode && random() < 0.05) {
      mode = mode === 'full' ? 'keyframes' : 'full';
      camera.decoder.want(mode);
    }
    camera.send();
    const due = i - heldBack;
    // Asked anew each time: the other decoder may take over while the test waits.
    const known = () => (camera.decoder.mode === 'full' ? due : due - (due % gop));
    if (i > 2 * gop) await camera.until(() => camera.newestMs() >= (camera.sentMs[known()] ?? 0));
  }
  assert.ok(camera.decoder.swaps >= 2, `${camera.decoder.swaps} changes`);
  const got = new Set(camera.frames.map(({ atMs }) => Math.round(atMs)));
  const keyframes = camera.sentMs.slice(0, pictures - 2 * gop).filter((_, i) => i % gop === 0);
  assert.deepEqual(
    keyframes.filter((atMs) => !got.has(Math.round(atMs))),
    [],
  );
  for (const [i, { atMs, mode: by }] of camera.frames.entries()) {
    const before = camera.frames[i - 1];
    if (!before) continue;
    assert.ok(atMs > before.atMs, `frame ${i} comes after the one before it`);
    if (by === 'full' && before.mode === 'full')
      assert.equal(Math.round(atMs - before.atMs), periodMs, `frame ${i} follows the one before it`);
  }
});

test('only keyframes are decoded while only they are wanted, each soon after it came', async (t) => {
  const bytes = makeTransportStream(temporaryFolder(t), { seconds: 20, fps, gop });
  const camera = startCamera(t, bytes, 'keyframes');
  for (let i = 0; i < 180; i++) {
    camera.send();
    if (i > gop && i % gop === heldBack)
      await camera.until(() => camera.newestMs() >= (camera.sentMs[i - heldBack] ?? 0));
  }
  const expected = camera.sentMs.filter((_, i) => i % gop === 0);
  assert.deepEqual(
    camera.frames.map(({ atMs }) => atMs),
    expected,
  );
  assert.ok(Math.max(...camera.lags) <= (heldBack + 1) * periodMs, `${camera.lags}`);
});

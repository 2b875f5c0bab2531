import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@gatehouse/kit';
import fc from 'fast-check';
import { FrameTimeline, ptsDistance, ptsModulo } from '../frame-timeline.ts';

const fpsTicks = 3600;
const startMs = 1_000_000;

test('network jitter does not bend the time between frames', () => {
  const timeline = new FrameTimeline();
  const random = seededRandom(1);
  const times = Array.from({ length: 500 }, (_, i) => {
    const jitterMs = i === 0 ? 0 : random() * 300;
    return timeline.map(i * fpsTicks, startMs + i * 40 + jitterMs).atMs;
  });
  for (let i = 1; i < times.length; i++) {
    const stepMs = (times[i] ?? 0) - (times[i - 1] ?? 0);
    assert.ok(Math.abs(stepMs - 40) < 2, `step ${i} is ${stepMs} ms`);
  }
});

test('no frame comes from the future, whatever bursts the camera starts with', () => {
  const timeline = new FrameTimeline();
  for (let i = 0; i < 50; i++) {
    const nowMs = startMs + Math.max(0, i - 25) * 40;
    assert.ok(timeline.map(i * fpsTicks, nowMs).atMs <= nowMs);
  }
});

test('timestamps run on over the 33-bit wrap', () => {
  const timeline = new FrameTimeline();
  const firstPts = ptsModulo - 10 * fpsTicks;
  for (let i = 0; i < 20; i++) {
    const { atMs, steppedBack } = timeline.map((firstPts + i * fpsTicks) % ptsModulo, startMs + i * 40);
    assert.ok(Math.abs(atMs - (startMs + i * 40)) < 1);
    assert.equal(steppedBack, false);
  }
});

test('a jump of over two seconds sets the mapping anew; only one backwards restarts decoders', () => {
  const timeline = new FrameTimeline();
  timeline.map(900_000, startMs);
  assert.deepEqual(timeline.map(900_000 + 90_000 * 60, startMs + 40), {
    atMs: startMs + 40,
    steppedBack: false,
  });
  assert.deepEqual(timeline.map(0, startMs + 80), { atMs: startMs + 80, steppedBack: true });
});

test('a camera whose clock is 100 ppm slow or fast stays within the delay it started with', () => {
  for (const ppm of [-100, 100]) {
    const timeline = new FrameTimeline();
    let worstMs = 0;
    for (let s = 0; s < 24 * 3600; s++) {
      const nowMs = startMs + s * 1000;
      const pts = Math.round(s * 90_000 * (1 + ppm * 1e-6)) % ptsModulo;
      worstMs = Math.max(worstMs, Math.abs(nowMs - timeline.map(pts, nowMs).atMs));
    }
    assert.ok(worstMs < 5, `${worstMs} ms at ${ppm} ppm`);
  }
});

test('the distance between two timestamps is the shorter way round', () => {
  const pts = fc.integer({ min: 0, max: ptsModulo - 1 });
  fc.assert(
    fc.property(pts, fc.integer({ min: -(2 ** 31), max: 2 ** 31 }), (from, step) => {
      assert.equal(ptsDistance(from, (((from + step) % ptsModulo) + ptsModulo) % ptsModulo), step);
    }),
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Box, StoodAt, Track } from '@gatehouse/contracts';
import { seededRandom } from '@gatehouse/kit';
import { Tracker } from '../index.ts';

const [width, height] = [208, 116];
const parked: Box = { x1: 0.4, y1: 0.4, x2: 0.55, y2: 0.55 };

/** A moment before the camera. */
interface Moment {
  /** The car at the place: a number a car, none if empty. */
  readonly car?: number;
  /** Whether the detector sees it. */
  readonly detected?: boolean;
  /** All light is multiplied by this. */
  readonly gain?: number;
  /** Standard deviation of the sensor's noise, grey levels. */
  readonly noise?: number;
  /** A cone of light from the left over so much of the width. */
  readonly headlights?: number;
  /** Somebody passes before the place. */
  readonly passer?: boolean;
}

/** Uneven ground with a kerb, the same in every picture. */
const ground = (() => {
  const random = seededRandom(4);
  return Float32Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    const slab = ((Math.floor(x / 9) * 7 + Math.floor(y / 7) * 13) % 5) * 9;
    return 70 + slab + (y > 0.57 * height ? 40 : 0) + 6 * random();
  });
})();

class Painter {
  readonly #random = seededRandom(8);
  paint({ car, gain = 1, noise = 2, headlights = 0, passer = false }: Moment) {
    const shades = seededRandom(100 + (car ?? 0));
    const pattern = Array.from({ length: 36 }, () => 30 + 180 * shades());
    const pixels = new Uint8Array(width * height);
    for (let i = 0; i < pixels.length; i++) {
      const [x, y] = [(i % width) / width, Math.floor(i / width) / height];
      let shade = ground[i] as number;
      if (car !== undefined && isIn(parked, x, y)) {
        const column = Math.floor((6 * (x - parked.x1)) / (parked.x2 - parked.x1));
        const row = Math.floor((6 * (y - parked.y1)) / (parked.y2 - parked.y1));
        shade = pattern[Math.min(5, row) * 6 + Math.min(5, column)] as number;
      }
      if (passer && x > 0.42 && x < 0.5 && y > 0.3 && y < 0.62) shade = 20;
      const light = x < headlights && Math.abs(y - 0.5) < 0.05 + 0.3 * x ? 2.5 : 1;
      const grain = (this.#random() + this.#random() + this.#random() - 1.5) * 2 * noise;
      pixels[i] = Math.min(255, Math.max(0, shade * gain * light + grain));
    }
    return { pixels, stride: width, width, height };
  }
}

function isIn(box: Box, x: number, y: number): boolean {
  return x >= box.x1 && x < box.x2 && y >= box.y1 && y < box.y2;
}

interface Told {
  readonly t: number;
  readonly tracks: readonly Track[];
  readonly places: readonly StoodAt[];
}

/** Runs a tracker over a script of seconds. */
function watch(
  script: (t: number) => Moment,
  {
    fromS = 0,
    toS,
    fps = 2,
    tracker = new Tracker(),
  }: { fromS?: number; toS: number; fps?: number; tracker?: Tracker },
): Told[] {
  const painter = new Painter();
  return Array.from({ length: Math.round((toS - fromS) * fps) }, (_, i) => {
    const t = fromS + i / fps;
    const moment = script(t);
    const detections =
      moment.car !== undefined && moment.detected !== false
        ? [{ class: 'car' as const, score: 0.8, box: parked }]
        : [];
    return { t, tracks: tracker.update(1000 * t, detections, painter.paint(moment)), places: tracker.places };
  });
}

const likes = (told: readonly Told[], track: number) =>
  told.flatMap(({ places }) => places.filter((one) => one.track === track).map(({ like }) => like));

for (const fps of [1, 2, 5])
  test(`at ${fps} fps a parked car that is not detected any more is followed as long as the picture shows it`, () => {
    const told = watch((t) => ({ car: 1, detected: t < 12 }), { toS: 180, fps });
    const late = told.filter(({ t }) => t > 14);
    assert.ok(late.every(({ tracks }) => tracks.length === 1 && tracks[0]?.id === 1 && !tracks[0]?.seen));
    assert.ok(Math.min(...likes(late, 1)) >= 0.85);
    assert.equal(likes(late, 1).length, late.length);
  });

for (const [what, light] of [
  ['dusk', (t: number) => ({ gain: Math.max(0.25, 1 - (t - 12) / 90) })],
  ['a lamp that flickers', (t: number) => ({ gain: Math.floor(t * 2) % 3 === 0 ? 0.55 : 1 })],
  ['the noise of night', () => ({ gain: 0.3, noise: 6 })],
] as const)
  test(`${what} does not end it`, () => {
    const told = watch((t) => ({ car: 1, detected: t < 12, ...light(t) }), { toS: 110 });
    assert.ok(told.filter(({ t }) => t > 9).every(({ tracks }) => tracks[0]?.id === 1));
    assert.ok(Math.min(...likes(told, 1)) >= 0.85, `${Math.min(...likes(told, 1))}`);
  });

test('what drives off undetected is seen to be gone: the ground is told, and the track ends', () => {
  const told = watch((t) => ({ ...(t < 40 ? { car: 1 } : {}), detected: t < 12 }), { toS: 80 });
  const after = told.filter(({ t }) => t > 43);
  assert.ok(after.every(({ tracks }) => tracks.length === 0));
  assert.ok(Math.max(...likes(after, 1)) <= 0.6);
  assert.equal(likes(after, 1).length, after.length);
});

test('another car at its place has another id, and the place of the first tells of something else', () => {
  const told = watch((t) => ({ ...(t > 40 && t < 44 ? {} : { car: t < 42 ? 1 : 2 }) }), { toS: 90 });
  assert.deepEqual([...new Set(told.flatMap(({ tracks }) => tracks.map(({ id }) => id)))], [1, 2]);
  assert.ok(
    Math.max(
      ...likes(
        told.filter(({ t }) => t >= 44),
        1,
      ),
    ) <= 0.6,
  );
  assert.ok(
    likes(
      told.filter(({ t }) => t > 55),
      2,
    ).every((like) => like >= 0.85),
  );
});

test('found again after the detector was silent it is the same track, also when somebody passed', () => {
  const told = watch((t) => ({ car: 1, detected: t < 12 || t > 60, passer: t > 30 && t < 33 }), { toS: 80 });
  assert.deepEqual([...new Set(told.flatMap(({ tracks }) => tracks.map(({ id }) => id)))], [1]);
  assert.deepEqual(
    told.at(-1)?.tracks.map(({ seen, moved }) => [seen, moved]),
    [[true, 0]],
  );
});

test('of light that falls on the place and around it nothing is told while it lasts, or that it looks alike', () => {
  const told = watch((t) => ({ car: 1, headlights: t > 30 && t < 34 ? (t - 30) / 4 : 0 }), { toS: 60 });
  assert.ok(Math.min(...likes(told, 1)) > 0.6, `${Math.min(...likes(told, 1))}`);
  assert.deepEqual([...new Set(told.flatMap(({ tracks }) => tracks.map(({ id }) => id)))], [1]);
});

test('over a restart it goes on under its id, though it is not detected; a car that left meanwhile does not', () => {
  for (const stays of [true, false]) {
    const before = new Tracker({ firstId: 7 });
    watch(() => ({ car: 1 }), { toS: 20, tracker: before });
    const after = new Tracker({ firstId: 500 });
    assert.ok(after.restore(before.save() ?? new Uint8Array()));
    const told = watch(() => (stays ? { car: 1, detected: false } : {}), {
      fromS: 40,
      toS: 60,
      tracker: after,
    });
    assert.deepEqual(
      told.at(-1)?.tracks.map(({ id }) => id),
      stays ? [7] : [],
    );
    assert.ok(likes(told, 7).every((like) => (stays ? like >= 0.85 : like <= 0.6)));
  }
});

test('bytes that are not whole are not taken up', () => {
  const tracker = new Tracker();
  assert.equal(tracker.save(), undefined);
  watch(() => ({ car: 1 }), { toS: 20, tracker });
  const bytes = tracker.save() ?? new Uint8Array();
  assert.equal(new Tracker().restore(bytes.subarray(0, bytes.length - 20)), false);
  assert.equal(new Tracker().restore(Buffer.from('{"version":1}')), false);
});

test('people are not held by the picture: a coat on a chair is none', () => {
  const tracker = new Tracker();
  const painter = new Painter();
  for (let t = 0; t < 40; t += 0.5) {
    const detections = t < 12 ? [{ class: 'person' as const, score: 0.8, box: parked }] : [];
    tracker.update(1000 * t, detections, painter.paint({ car: 3 }));
  }
  assert.deepEqual([tracker.update(40_000, []), tracker.places], [[], []]);
});

test('a patch of ground that the detector is seldom sure of is not held by the picture', () => {
  const tracker = new Tracker();
  const painter = new Painter();
  for (let n = 0; n < 120; n++) {
    const score = n % 20 === 0 ? 0.5 : 0.2;
    const detections = n < 60 ? [{ class: 'car' as const, score, box: parked }] : [];
    tracker.update(500 * n, detections, painter.paint({ car: 5 }));
  }
  assert.deepEqual([tracker.update(60_000, []), tracker.places], [[], []]);
});

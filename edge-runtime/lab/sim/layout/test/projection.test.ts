import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Space, View } from '../../world.ts';
import { groundAt, lensOf, project } from '../projection.ts';

/**
 * 10 m up, looking south and 45 degrees down; 300 x 200 pixels at 90 degrees: the focal length is 100 pixels.
 */
const slanted: View = {
  at: [0, 10, 0],
  lookAt: [0, 0, 10],
  fovRad: Math.PI / 2,
  rollRad: 0,
  widthPx: 300,
  heightPx: 200,
  shakePx: 0,
  noise: 0,
  exposure: 1,
  distortion: 0,
  infrared: false,
};

function assertSeen(view: View, point: Space, x: number, y: number): void {
  const seen = project(lensOf(view), point);
  assert.ok(Math.abs(seen.x - x) < 1e-9 && Math.abs(seen.y - y) < 1e-9, `${seen.x}, ${seen.y}`);
}

test('points are seen where a pencil and the pinhole formula put them', () => {
  assertSeen(slanted, [0, 0, 10], 150, 100);
  // A camera that looks south has east on the left. Depth 10 sqrt 2: 2 m are 200 / 14.14 pixels.
  assertSeen(slanted, [2, 0, 10], 150 - 200 / (10 * Math.SQRT2), 100);
  // (0, -10, 20) has depth 30 / sqrt 2 and height 10 / sqrt 2 on the picture's axes: a third of the focal
  // length up.
  assertSeen(slanted, [0, 0, 20], 150, 100 - 100 / 3);
  assertSeen(slanted, [0, 10, 10], 150, 0);
});

test('a camera whose right side is rolled up turns the picture clockwise', () => {
  const quarter = { ...slanted, rollRad: Math.PI / 2 };
  // East, which was on the left, is above then.
  assertSeen(quarter, [2, 0, 10], 150, 100 - 200 / (10 * Math.SQRT2));
});

test('barrel distortion draws points towards the middle as its formula says', () => {
  const bent = { ...slanted, distortion: 0.1 };
  // A point seen at 0.5 focal lengths is shown by a straight lens at 0.5 (1 + 0.1 * 0.25) = 0.5125.
  const sideways = 0.5125 * 10 * Math.SQRT2;
  assertSeen(bent, [-sideways, 0, 10], 150 + 50, 100);
  assertSeen(bent, [0, 0, 10], 150, 100);
});

test('what lies behind the camera has a negative depth', () => {
  assert.ok(project(lensOf(slanted), [0, 0, -30]).depthM < 0);
});

test('a ground point seen at a pixel is seen at that pixel again', () => {
  const angle = fc.double({ min: -0.3, max: 0.3, noNaN: true });
  const pixel = fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 200 }));
  fc.assert(
    fc.property(
      angle,
      fc.double({ min: 0, max: 0.15, noNaN: true }),
      pixel,
      (rollRad, distortion, [x, y]) => {
        const lens = lensOf({ ...slanted, rollRad, distortion });
        const ground = groundAt(lens, x, y);
        fc.pre(ground !== undefined);
        const seen = project(lens, [ground?.[0] ?? 0, 0, ground?.[1] ?? 0]);
        assert.ok(Math.hypot(seen.x - x, seen.y - y) < 1e-6, `${seen.x}, ${seen.y}`);
      },
    ),
  );
});

test('the sky shows no ground', () => {
  const level = lensOf({ ...slanted, lookAt: [0, 10, 10] });
  assert.equal(groundAt(level, 150, 50), undefined);
  assert.notEqual(groundAt(level, 150, 150), undefined);
});

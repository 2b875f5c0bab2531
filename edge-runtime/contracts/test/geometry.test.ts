import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crossingSides, insidePolygon, iou, type Point } from '@gatehouse/contracts';
import fc from 'fast-check';

const fraction = fc.integer({ min: 0, max: 1000 }).map((n) => n / 1000);

test('a point is inside a rectangle exactly when its coordinates are between the sides', () => {
  fc.assert(
    fc.property(fraction, fraction, (x, y) => {
      const polygon: Point[] = [
        [0.2001, 0.3001],
        [0.7001, 0.3001],
        [0.7001, 0.9001],
        [0.2001, 0.9001],
      ];
      assert.equal(insidePolygon([x, y], polygon), x > 0.2001 && x < 0.7001 && y > 0.3001 && y < 0.9001);
    }),
  );
});

test('a zone that is the whole picture holds its edges as well', () => {
  const whole: Point[] = [
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 1],
  ];
  fc.assert(fc.property(fraction, fraction, (x, y) => insidePolygon([x, y], whole)));
  for (const [x, y] of [
    [0, 0],
    [0.5, 1],
    [1, 0.5],
    [1, 1],
  ] as const)
    assert.ok(insidePolygon([x, y], whole), `${x}, ${y}`);
});

test('the notch of a concave polygon is outside', () => {
  const u: Point[] = [
    [0, 0],
    [1, 0],
    [1, 1],
    [0.7, 1],
    [0.7, 0.4],
    [0.3, 0.4],
    [0.3, 1],
    [0, 1],
  ];
  assert.equal(insidePolygon([0.5, 0.8], u), false);
  assert.equal(insidePolygon([0.5, 0.2], u), true);
});

test('IoU of known boxes', () => {
  const box = (x1: number, y1: number, x2: number, y2: number) => ({ x1, y1, x2, y2 });
  assert.equal(iou(box(0, 0, 0.5, 0.5), box(0, 0, 0.5, 0.5)), 1);
  assert.equal(iou(box(0, 0, 0.5, 0.5), box(0.5, 0, 1, 0.5)), 0);
  assert.ok(Math.abs(iou(box(0, 0, 0.4, 0.4), box(0.2, 0, 0.6, 0.4)) - 1 / 3) < 1e-12);
});

test('a bow tie crosses itself, any convex polygon does not, in either direction', () => {
  assert.deepEqual(
    crossingSides([
      [0, 0],
      [1, 1],
      [1, 0],
      [0, 1],
    ]),
    [0, 2],
  );
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 0, max: 359 }), { minLength: 3, maxLength: 12 }),
      fc.boolean(),
      (degrees, reverse) => {
        const around = degrees
          .toSorted((a, b) => a - b)
          .map(
            (d): Point => [
              0.5 + 0.5 * Math.cos((d * Math.PI) / 180),
              0.5 + 0.5 * Math.sin((d * Math.PI) / 180),
            ],
          );
        assert.equal(crossingSides(reverse ? around.toReversed() : around), undefined);
      },
    ),
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Box } from '@gatehouse/contracts';
import fc from 'fast-check';
import { faceArea, filled, fillGrey, headArea } from '../areas.ts';

const box: fc.Arbitrary<Box> = fc
  .tuple(...Array.from({ length: 4 }, () => fc.double({ min: 0, max: 1, noNaN: true })))
  .map(([a, b, c, d]) => ({
    x1: Math.min(a as number, b as number),
    x2: Math.max(a as number, b as number),
    y1: Math.min(c as number, d as number),
    y2: Math.max(c as number, d as number),
  }));
const aspect = fc.double({ min: 0.3, max: 4, noNaN: true });

const holds = (outer: Box, inner: Box) =>
  outer.x1 <= inner.x1 && outer.y1 <= inner.y1 && outer.x2 >= inner.x2 && outer.y2 >= inner.y2;

test('a face is covered whole, with a margin, and no area leaves the picture', () => {
  fc.assert(
    fc.property(box, aspect, (face, wide) => {
      const area = faceArea(face, wide);
      assert.ok(holds(area, face));
      assert.ok(holds({ x1: 0, y1: 0, x2: 1, y2: 1 }, area));
      const head = headArea(face, wide);
      assert.ok(head.x1 <= face.x1 && head.x2 >= face.x2 && head.y1 <= face.y1);
      assert.ok(holds({ x1: 0, y1: 0, x2: 1, y2: 1 }, head));
    }),
    { seed: 3 },
  );
});

test('of someone who stands head and shoulders are covered, of someone cut off nearly all', () => {
  const standing = headArea({ x1: 0.4, y1: 0.2, x2: 0.5, y2: 0.7 }, 1);
  assert.ok(Math.abs(standing.y2 - (0.2 + 0.35 * 0.5)) < 1e-9);
  const bust = headArea({ x1: 0.2, y1: 0.2, x2: 0.7, y2: 0.75 }, 1);
  assert.ok(bust.y2 > 0.64);
  const lying = headArea({ x1: 0.2, y1: 0.5, x2: 0.7, y2: 0.6 }, 1);
  assert.equal(lying.y2, 0.6);
});

test('inside an area nothing of the picture is left, outside of it nothing has changed but the rounding', () => {
  fc.assert(
    fc.property(
      box,
      fc.integer({ min: 2, max: 40 }),
      fc.integer({ min: 2, max: 40 }),
      (area, width, height) => {
        const rgb = Uint8Array.from({ length: 3 * width * height }, (_, i) => ((i * 7) % 251) | 128);
        const after = filled({ width, height, rgb }, [area]).rgb;
        for (let y = 0; y < height; y++)
          for (let x = 0; x < width; x++) {
            const pixel = [...after.subarray(3 * (y * width + x), 3 * (y * width + x) + 3)];
            const [left, right] = [x / width, (x + 1) / width];
            const [top, bottom] = [y / height, (y + 1) / height];
            const touches = right >= area.x1 && left <= area.x2 && bottom >= area.y1 && top <= area.y2;
            const near =
              right >= area.x1 - 2.01 / width &&
              left <= area.x2 + 2.01 / width &&
              bottom >= area.y1 - 2.01 / height &&
              top <= area.y2 + 2.01 / height;
            if (touches) assert.deepEqual(pixel, [fillGrey, fillGrey, fillGrey]);
            else if (!near) assert.equal(pixel[0], rgb[3 * (y * width + x)]);
          }
      },
    ),
    { seed: 4, numRuns: 200 },
  );
});

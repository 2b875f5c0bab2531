import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import sharp from 'sharp';
import type { Picture } from '../picture.ts';
import { boxInPicture, ScaledPicture, type Turn, turnedSize, type View } from '../views.ts';

const turn = fc.constantFrom<Turn>(0, 90, 180, 270);
const view: fc.Arbitrary<View> = fc.record({ turn, mirrored: fc.boolean() });
const side = fc.integer({ min: 2, max: 24 });

function pictureOf(width: number, height: number, seed: number): Picture {
  const rgb = Uint8Array.from({ length: 3 * width * height }, (_, i) => (i * 31 + seed * 7) % 251);
  return { width, height, rgb };
}

/** The same turned and mirrored by sharp. */
async function bySharp({ width, height, rgb }: Picture, { turn: degrees, mirrored }: View): Promise<Picture> {
  const turned = await sharp(rgb, { raw: { width, height, channels: 3 } })
    .rotate(degrees)
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { info } = turned;
  const size = { width: info.width, height: info.height };
  const image = sharp(turned.data, { raw: { ...size, channels: 3 } });
  return { ...size, rgb: await (mirrored ? image.flop() : image).raw().toBuffer() };
}

test('a view has the pixels that turning and mirroring the picture gives, and padding beside them', async () => {
  await fc.assert(
    fc.asyncProperty(
      view,
      side,
      side,
      fc.nat(8),
      fc.nat(8),
      fc.nat(99),
      async (one, width, height, right, below, seed) => {
        const picture = pictureOf(width, height, seed);
        // An input of this size holds the picture unscaled: one side fits exactly.
        const input = {
          width: width + right,
          height: height + (right > 0 ? 0 : below),
          fit: 'letterbox',
          pad: 114,
        } as const;
        const scaled = await ScaledPicture.of(picture, input);
        const [planes, wanted] = [scaled.planes(one), await bySharp(picture, one)];
        const shape = scaled.shape(one);
        assert.deepEqual(shape, turnedSize(input, one.turn));
        const size = shape.width * shape.height;
        for (let y = 0; y < shape.height; y++)
          for (let x = 0; x < shape.width; x++) {
            const at: number = y * shape.width + x;
            const from = 3 * (y * wanted.width + x);
            const inside = x < wanted.width && y < wanted.height;
            const [red, green, blue] = inside ? wanted.rgb.subarray(from, from + 3) : [114, 114, 114];
            assert.deepEqual([planes[2 * size + at], planes[at], planes[size + at]], [red, green, blue]);
          }
      },
    ),
    { numRuns: 120, seed: 1 },
  );
});

test('a box that is drawn in a view is where its pixels are in the picture', async () => {
  await fc.assert(
    fc.asyncProperty(view, side, side, fc.nat(), fc.nat(), async (one, width, height, column, row) => {
      const picture: Picture = { width, height, rgb: new Uint8Array(3 * width * height) };
      const [x, y] = [column % width, row % height];
      picture.rgb.fill(255, 3 * (y * width + x), 3 * (y * width + x) + 3);
      const seen = await bySharp(picture, one);
      const at: number = seen.rgb.indexOf(255) / 3;
      const [vx, vy] = [at % seen.width, Math.floor(at / seen.width)];
      const box = boxInPicture(
        {
          x1: vx / seen.width,
          y1: vy / seen.height,
          x2: (vx + 1) / seen.width,
          y2: (vy + 1) / seen.height,
        },
        one,
      );
      const near = (value: number, wanted: number) =>
        assert.ok(Math.abs(value - wanted) < 1e-9, `${value} ${wanted}`);
      near(box.x1, x / width);
      near(box.y1, y / height);
      near(box.x2, (x + 1) / width);
      near(box.y2, (y + 1) / height);
    }),
    { numRuns: 300, seed: 2 },
  );
});

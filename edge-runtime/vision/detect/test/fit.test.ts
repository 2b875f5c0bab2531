import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catalogue, modelEntry } from '@gatehouse/models';
import fc from 'fast-check';
import { fittedSize, inputShape, inputSizeFor } from '../index.ts';

const dyn = modelEntry('yolox-nano-dyn');
const letterbox = (width: number, height: number) => ({ width, height, fit: 'letterbox', pad: 114 }) as const;

test('a letterboxed picture keeps its aspect and lies at the top left, rounded to pixels as ffmpeg rounds', () => {
  assert.deepEqual(fittedSize(letterbox(416, 416), { width: 768, height: 432 }), { width: 416, height: 234 });
  assert.deepEqual(fittedSize(letterbox(416, 256), { width: 1920, height: 1080 }), {
    width: 416,
    height: 234,
  });
  assert.deepEqual(fittedSize(letterbox(416, 256), { width: 704, height: 576 }), { width: 313, height: 256 });
  assert.deepEqual(fittedSize(letterbox(416, 416), { width: 178, height: 100 }), { width: 416, height: 234 });
});

test('a stretched picture fills the input', () => {
  assert.deepEqual(fittedSize({ ...letterbox(352, 352), fit: 'stretch' }, { width: 768, height: 432 }), {
    width: 352,
    height: 352,
  });
});

test('a free input takes the source’s aspect', () => {
  const sizes: [number, number, number | undefined, number, number][] = [
    [1920, 1080, undefined, 416, 256],
    [768, 432, 416, 416, 256],
    [640, 480, 416, 416, 320],
    [1920, 1080, 640, 640, 384],
    [1920, 1080, 768, 768, 448],
    [1080, 1920, 416, 256, 416],
    [500, 500, 416, 416, 416],
  ];
  for (const [width, height, longSide, ...expected] of sizes) {
    const size = inputSizeFor(dyn, { width, height }, longSide);
    assert.deepEqual([size.width, size.height], expected, `${width}x${height} at ${longSide}`);
  }
  assert.deepEqual(inputSizeFor(modelEntry('deimv2-atto-320'), { width: 1920, height: 1080 }, 640), {
    width: 320,
    height: 320,
  });
});

test('whatever the source, the chosen size is one the model takes, and the picture fits into it', () => {
  const side = fc.integer({ min: 64, max: 8192 });
  fc.assert(
    fc.property(side, side, fc.constantFrom(416, 640, 768), (width, height, longSide) => {
      const input = inputShape(dyn, inputSizeFor(dyn, { width, height }, longSide));
      const fitted = fittedSize(input, { width, height });
      assert.ok(fitted.width >= 1 && fitted.width <= input.width);
      assert.ok(fitted.height >= 1 && fitted.height <= input.height);
    }),
  );
});

test('a size that a model does not take is refused with the sizes it does', () => {
  assert.throws(() => inputShape(dyn, { width: 400, height: 256 }), {
    code: 'MODEL_INPUT_SIZE',
    remedy: /32/,
  });
  assert.throws(() => inputShape(dyn, { width: 0, height: 256 }), { code: 'MODEL_INPUT_SIZE' });
  assert.throws(() => inputShape(dyn, { width: 32_000, height: 256 }), { code: 'MODEL_INPUT_SIZE' });
  assert.throws(() => inputShape(modelEntry('fastestdet-352'), { width: 416 }), {
    code: 'MODEL_INPUT_SIZE',
    remedy: /352x352/,
  });
  for (const entry of catalogue()) assert.equal(inputShape(entry).width, entry.input.width);
});

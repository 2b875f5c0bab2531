import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { seededRandom } from '@gatehouse/kit';
import { modelEntry, resolveModel } from '@gatehouse/models';
import { InferenceSession, Tensor } from '@gatehouse/onnx';
import { createDetector } from '../index.ts';
import { sessionOptions } from '../onnx-detector.ts';

const mirror = process.env.GATEHOUSE_MODEL_MIRROR;
const skip = mirror ? false : 'GATEHOUSE_MODEL_MIRROR is not set';
const state = mkdtempSync(join(tmpdir(), 'gatehouse-detect-'));
after(() => rmSync(state, { recursive: true, force: true }));
const model = (id: string) =>
  resolveModel(id, { env: { GATEHOUSE_STATE_DIR: state, GATEHOUSE_MODEL_MIRROR: mirror } });

/** The answer of a YOLOX file to a repeatable picture of noise. */
async function answer(file: string, width: number, height: number): Promise<Float32Array> {
  const session = await InferenceSession.create(readFileSync(file), sessionOptions());
  const random = seededRandom(width * height);
  const noise = Float32Array.from({ length: 3 * width * height }, () => random() * 255);
  const { output } = await session.run({ images: new Tensor('float32', noise, [1, 3, height, width]) });
  await session.release();
  assert.ok(output?.data instanceof Float32Array);
  return output.data;
}

function greatestDifference(a: Float32Array, b: Float32Array): number {
  assert.equal(a.length, b.length);
  return a.reduce((most, value, index) => Math.max(most, Math.abs(value - (b[index] ?? Number.NaN))), 0);
}

test('the derived model answers as its base does at 416x416, and at 416x256 with 2184 anchors', {
  skip,
}, async () => {
  const [base, derived] = [await model('yolox-nano-416'), await model('yolox-nano-dyn')];
  assert.equal(derived.origin, 'derived');
  const difference = greatestDifference(
    await answer(base.file, 416, 416),
    await answer(derived.file, 416, 416),
  );
  assert.ok(difference < 1e-4, `outputs differ by ${difference}`);
  const wide = await answer(derived.file, 416, 256);
  assert.equal(wide.length, (52 * 32 + 26 * 16 + 13 * 8) * 85);
  const independent = join(mirror ?? '', 'yolox_nano_dyn.onnx');
  if (existsSync(independent)) assert.equal(greatestDifference(wide, await answer(independent, 416, 256)), 0);
});

for (const id of [
  'yolox-nano-416',
  'yolox-nano-dyn',
  'deimv2-atto-320',
  'deimv2-femto-416',
  'fastestdet-352',
])
  test(`${id} loads, sees nothing in grey, and refuses a frame of another size`, { skip }, async () => {
    const { entry, file } = await model(id);
    const detector = await createDetector(entry, file);
    const { width, height } = detector.input;
    const grey = {
      planes: new Uint8Array(3 * width * height).fill(114),
      sourceWidth: 1920,
      sourceHeight: 1080,
    };
    assert.deepEqual(await detector.detect(grey), []);
    await assert.rejects(detector.detect({ ...grey, planes: grey.planes.subarray(1) }), RangeError);
    await assert.rejects(detector.detect({ ...grey, sourceWidth: 0 }), RangeError);
    await detector.close();
  });

test('a file that is not the catalogue’s is never loaded', async () => {
  const entry = modelEntry('fastestdet-352');
  const file = join(state, 'wrong.onnx');
  await assert.rejects(createDetector(entry, file), { code: 'MODEL_MISSING' });
  writeFileSync(file, new Uint8Array(entry.bytes));
  await assert.rejects(createDetector(entry, file), { code: 'MODEL_CORRUPT' });
});

test('a face model is refused where objects are wanted', async () => {
  await assert.rejects(createDetector(modelEntry('yunet-n'), '/nowhere'), { code: 'MODEL_TASK' });
});

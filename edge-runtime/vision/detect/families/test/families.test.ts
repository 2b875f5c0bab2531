import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Box, ObjectClass } from '@gatehouse/contracts';
import { modelEntry, objectClasses } from '@gatehouse/models';
import fc from 'fast-check';
import type { Candidate } from '../../candidate.ts';
import { toDetections } from '../../candidate.ts';
import { deimv2 } from '../deimv2.ts';
import type { Family, OutputTensor } from '../family.ts';
import { fastestdet } from '../fastestdet.ts';
import { gatehouse } from '../gatehouse.ts';
import { yolox } from '../yolox.ts';
import { yunet } from '../yunet.ts';

const close = (found: Candidate | undefined, expected: Candidate) => {
  assert.ok(found);
  for (const key of ['label', 'score', 'x1', 'y1', 'x2', 'y2'] as const)
    assert.ok(Math.abs(found[key] - expected[key]) < 1e-6, `${key}: ${found[key]}, not ${expected[key]}`);
};

/** YOLOX at 64x32: grids of 8x4, 4x2 and 2x1, so 42 cells of 85 values. */
const yoloxOutput = () => new Float32Array(42 * 85);
const yoloxTensor = (data: Float32Array): OutputTensor[] => [{ data, dims: [1, data.length / 85, 85] }];

test('YOLOX: cell (3, 1) of stride 16, by hand', () => {
  const data = yoloxOutput();
  // 32 cells of stride 8 come first; the row of 4 puts (3, 1) at 32 + 4 + 3.
  const at = 39 * 85;
  data.set([0.5, -0.25, Math.log(2), 0, 0.9], at);
  data[at + 5 + 2] = 0.8;
  data[at + 5 + 7] = 0.7;
  const found = yolox.decode(yoloxTensor(data), { width: 64, height: 32 }, 0.3);
  assert.equal(found.length, 1);
  // Centre ((3 + 0.5) 16, (1 - 0.25) 16) = (56, 12), size 2 x 16 by 16: from (40, 4) to (72, 20) in pixels.
  close(found[0], { label: 2, score: 0.72, x1: 40 / 64, y1: 4 / 32, x2: 72 / 64, y2: 20 / 32 });
});

test('YOLOX: the first cell of each stride, by hand, and nothing below the threshold', () => {
  const data = yoloxOutput();
  for (const cell of [0, 32, 40]) {
    data.set([1, 1, 0, 0, 1], cell * 85);
    data[cell * 85 + 5] = cell === 32 ? 0.29 : 0.5;
  }
  const found = yolox.decode(yoloxTensor(data), { width: 64, height: 32 }, 0.3);
  assert.equal(found.length, 2);
  close(found[0], { label: 0, score: 0.5, x1: 4 / 64, y1: 4 / 32, x2: 12 / 64, y2: 12 / 32 });
  close(found[1], { label: 0, score: 0.5, x1: 16 / 64, y1: 16 / 32, x2: 48 / 64, y2: 48 / 32 });
});

test('DEIMv2: boxes are fractions already; labels are int64', () => {
  const outputs: OutputTensor[] = [
    { data: BigInt64Array.of(7n, 0n), dims: [1, 2] },
    { data: Float32Array.of(0.1, 0.2, 0.3, 0.4, 0, 0, 1, 1), dims: [1, 2, 4] },
    { data: Float32Array.of(0.75, 0.25), dims: [1, 2] },
  ];
  const found = deimv2.decode(outputs, { width: 320, height: 320 }, 0.4);
  assert.equal(found.length, 1);
  close(found[0], { label: 7, score: 0.75, x1: 0.1, y1: 0.2, x2: 0.3, y2: 0.4 });
});

test('FastestDet: cell (1, 2) of a 2x3 grid, by hand', () => {
  const data = new Float32Array(85 * 6);
  const cell = 5;
  const put = (plane: number, value: number) => {
    data[plane * 6 + cell] = value;
  };
  put(0, 0.81);
  put(1, Math.atanh(0.5));
  put(2, Math.atanh(-0.4));
  put(3, 0);
  put(4, Math.log(0.25 / 0.75));
  put(5 + 3, 0.64);
  const found = fastestdet.decode([{ data, dims: [1, 85, 3, 2] }], { width: 32, height: 48 }, 0.5);
  assert.equal(found.length, 1);
  // Centre ((1 + 0.5) / 2, (2 - 0.4) / 3), size sigmoid(0) = 0.5 by 0.25; 0.81^0.6 x 0.64^0.4 = 0.8812335 x
  // 0.8365116.
  close(found[0], {
    label: 3,
    score: 0.7371621,
    x1: 0.75 - 0.25,
    y1: 1.6 / 3 - 0.125,
    x2: 0.75 + 0.25,
    y2: 1.6 / 3 + 0.125,
  });
});

/** The project's own at 64x32: 42 cells; row by row four rows of corners, then four of scores. */
const ownTensors = (boxes: Float32Array, scores: Float32Array): OutputTensor[] =>
  [boxes, scores].map((data) => ({ data, dims: [1, 4, 42] }));

test('the own detector: corners in pixels and scores lie row by row, by hand', () => {
  const boxes = new Float32Array(4 * 42);
  const scores = new Float32Array(4 * 42);
  [8, 4, 40, 24].forEach((pixels, side) => {
    boxes[side * 42 + 17] = pixels;
  });
  scores[1 * 42 + 17] = 0.5;
  scores[3 * 42 + 17] = 0.75;
  scores[2 * 42 + 41] = 0.25;
  const found = gatehouse.decode(ownTensors(boxes, scores), { width: 64, height: 32 }, 0.3);
  assert.equal(found.length, 1);
  close(found[0], { label: 3, score: 0.75, x1: 0.125, y1: 0.125, x2: 0.625, y2: 0.75 });
});

test('outputs of another shape are an error, never read as boxes', () => {
  const short: OutputTensor[] = [{ data: new Float32Array(10), dims: [1, 10] }];
  for (const family of [yolox, fastestdet, deimv2, gatehouse])
    for (const outputs of [short, []])
      assert.throws(() => family.decode(outputs, { width: 64, height: 32 }, 0.3), RangeError);
});

const hostileValue = fc.oneof(
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 3e38, -3e38, 1e-45, -1),
  fc.float(),
  fc.float({ min: 0, max: 1 }),
);
const hostileFloats = (length: number) =>
  fc.array(hostileValue, { minLength: length, maxLength: length }).map((values) => Float32Array.from(values));
const hostile: [string, Family, fc.Arbitrary<OutputTensor[]>, number, number][] = [
  ['yolox-nano-416', yolox, hostileFloats(21 * 85).map((data) => [{ data, dims: [1, 21, 85] }]), 32, 32],
  [
    'fastestdet-352',
    fastestdet,
    hostileFloats(85 * 4).map((data) => [{ data, dims: [1, 85, 2, 2] }]),
    32,
    32,
  ],
  [
    'deimv2-atto-320',
    deimv2,
    fc
      .tuple(fc.bigInt64Array({ minLength: 9, maxLength: 9 }), hostileFloats(36), hostileFloats(9))
      .map(([labels, boxes, scores]) => [
        { data: labels, dims: [1, 9] },
        { data: boxes, dims: [1, 9, 4] },
        { data: scores, dims: [1, 9] },
      ]),
    320,
    320,
  ],
];
for (const [model, family, outputs, width, height] of hostile)
  test(`${model}: no output, however broken, makes an invalid detection`, () => {
    const entry = modelEntry(model);
    const reading = { ...entry, classes: objectClasses(entry), pictureWidth: 1, pictureHeight: 0.6 };
    fc.assert(
      fc.property(outputs, (tensors) => {
        for (const one of toDetections(family.decode(tensors, { width, height }, entry.threshold), reading)) {
          Box.parse(one.box);
          ObjectClass.parse(one.class);
          assert.ok(one.box.x1 < one.box.x2 && one.box.y1 < one.box.y2);
          assert.ok(one.score >= entry.threshold && one.score <= 1);
        }
      }),
      { numRuns: 60 },
    );
  });

test('YuNet: cell (2, 1) of stride 16, by hand, scores held to 1, and nothing below the threshold', () => {
  // At 64x32: grids of 8x4, 4x2 and 2x1.
  const cells = [32, 8, 2];
  const output = (values: number): Float32Array[] => cells.map((count) => new Float32Array(count * values));
  const [cls, obj, bbox] = [output(1), output(1), output(4)];
  const cell = 4 + 2;
  (cls[1] as Float32Array)[cell] = 0.64;
  (obj[1] as Float32Array)[cell] = 1.5;
  (bbox[1] as Float32Array).set([0.5, 0.25, Math.log(2), 0], 4 * cell);
  (cls[0] as Float32Array)[0] = 0.04;
  (obj[0] as Float32Array)[0] = 1;
  const tensors = [...cls, ...obj, ...bbox].map((data) => ({ data, dims: [1, data.length] }));
  const found = yunet.decode(tensors, { width: 64, height: 32 }, 0.3);
  assert.equal(found.length, 1);
  // Centre ((2 + 0.5) 16, (1 + 0.25) 16) = (40, 20), size 32 x 16.
  close(found[0], { label: 1, score: 0.8, x1: 24 / 64, y1: 12 / 32, x2: 56 / 64, y2: 28 / 32 });
  assert.throws(() => yunet.decode(tensors.slice(1), { width: 64, height: 32 }, 0.3), RangeError);
});

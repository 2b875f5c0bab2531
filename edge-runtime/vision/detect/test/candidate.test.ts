import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Box } from '@gatehouse/contracts';
import fc from 'fast-check';
import type { Candidate, Reading } from '../candidate.ts';
import { maxDetections, toDetections } from '../candidate.ts';

const reading: Reading = {
  classes: ['person', undefined, 'car', 'truck'],
  threshold: 0.3,
  nmsIou: 0.5,
  pictureWidth: 1,
  pictureHeight: 0.5,
};
const candidate = (label: number, score: number, box: readonly number[]): Candidate => {
  const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = box;
  return { label, score, x1, y1, x2, y2 };
};
const classesOf = (candidates: readonly Candidate[]) =>
  toDetections(candidates, reading).map((one) => one.class);

test('the letterbox is undone: what lies at half the input’s height is the picture’s lower edge', () => {
  assert.deepEqual(toDetections([candidate(2, 0.9, [0.1, 0.1, 0.5, 0.4])], reading), [
    { class: 'car', score: 0.9, box: { x1: 0.1, y1: 0.2, x2: 0.5, y2: 0.8 } },
  ]);
});

test('between the lowest score given out and the one that the model is sure from, a detection is doubtful', () => {
  const doubtful = toDetections(
    [
      candidate(0, 0.5, [0, 0, 0.1, 0.2]),
      candidate(0, 0.49, [0.5, 0, 0.6, 0.2]),
      candidate(0, 0.29, [0.8, 0, 0.9, 0.2]),
    ],
    { ...reading, sureFrom: 0.5 },
  );
  assert.deepEqual(
    doubtful.map(({ score, doubtful: doubt }) => [score, doubt]),
    [
      [0.5, undefined],
      [0.49, true],
    ],
  );
});

test('boxes end at the picture’s edge, and boxes beyond it are dropped', () => {
  assert.deepEqual(toDetections([candidate(2, 0.9, [-0.2, 0.4, 1.3, 0.8])], reading)[0]?.box, {
    x1: 0,
    y1: 0.8,
    x2: 1,
    y2: 1,
  });
  assert.deepEqual(toDetections([candidate(2, 0.9, [0.1, 0.6, 0.5, 0.9])], reading), []);
});

test('a box that reaches infinity is nonsense and no box of the whole picture', () => {
  for (const corner of [0, 1, 2, 3])
    for (const nonsense of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
      assert.deepEqual(classesOf([candidate(2, 0.9, [0.1, 0.1, 0.5, 0.4].with(corner, nonsense))]), []);
});

test('labels that rules do not know and scores below the threshold are dropped', () => {
  const box = [0.1, 0.1, 0.5, 0.4];
  assert.deepEqual(classesOf([candidate(1, 0.9, box), candidate(4, 0.9, box), candidate(-1, 0.9, box)]), []);
  assert.deepEqual(classesOf([candidate(0, 0.29, box), candidate(0, 0.3, box)]), ['person']);
});

test('of two boxes of one class that overlap by more than the limit the higher score stays', () => {
  // Widths 0.4 shifted by 0.1: overlap 0.3 / 0.5 = 0.6; shifted by 0.2: 0.2 / 0.6 = 0.33.
  const [first, near, far] = [
    candidate(2, 0.6, [0.1, 0.1, 0.5, 0.4]),
    candidate(2, 0.7, [0.2, 0.1, 0.6, 0.4]),
    candidate(2, 0.5, [0.4, 0.1, 0.8, 0.4]),
  ];
  assert.deepEqual(
    toDetections([first, near, far], reading).map(({ score }) => score),
    [0.7, 0.5],
  );
});

test('a person before a car stays, but a van is not a car and a truck at once', () => {
  const box = [0.1, 0.1, 0.5, 0.4];
  assert.deepEqual(classesOf([candidate(2, 0.8, box), candidate(0, 0.7, box)]), ['car', 'person']);
  assert.deepEqual(classesOf([candidate(2, 0.6, box), candidate(3, 0.7, [0.1, 0.1, 0.52, 0.4])]), ['truck']);
  // 0.3 / 0.5 = 0.6 is below what makes two kinds of vehicle one.
  assert.deepEqual(classesOf([candidate(2, 0.6, box), candidate(3, 0.7, [0.2, 0.1, 0.6, 0.4])]), [
    'truck',
    'car',
  ]);
});

test('a thousand boxes come down to the hundred best', () => {
  const crowd = Array.from({ length: 2000 }, (_, i) =>
    candidate(0, 0.4 + i / 10_000, [
      (i % 50) / 50,
      Math.floor(i / 50) / 80,
      (i % 50) / 50 + 0.01,
      Math.floor(i / 50) / 80 + 0.01,
    ]),
  );
  const found = toDetections(crowd, reading);
  assert.equal(found.length, maxDetections);
  assert.ok(found.every(({ score }, i) => score <= (found[i - 1]?.score ?? 1)));
});

test('no number makes an invalid detection', () => {
  const any = fc.double();
  const hostile = fc.record({
    label: fc.integer({ min: -2, max: 5 }),
    score: any,
    x1: any,
    y1: any,
    x2: any,
    y2: any,
  });
  fc.assert(
    fc.property(fc.array(hostile, { maxLength: 30 }), (candidates) => {
      for (const { box, score } of toDetections(candidates, reading)) {
        Box.parse(box);
        assert.ok(box.x1 < box.x2 && box.y1 < box.y2);
        assert.ok(score >= reading.threshold && score <= 1);
      }
    }),
    { numRuns: 500 },
  );
});

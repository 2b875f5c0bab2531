import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Detection } from '../../detector.ts';
import type { TrueObject } from '../labels.ts';
import { sizes, Tally } from '../score.ts';

/** Boxes are 0.2 of 512 = 102 px wide and 512 px high. */
const picture = { width: 512, height: 512 };
const box = (x1: number) => ({ x1, y1: 0, x2: x1 + 0.2, y2: 1 });
const object = (x1: number, sure = true): TrueObject => ({ class: 'car', box: box(x1), sure });
const found = (x1: number, score: number, name: Detection['class'] = 'car'): Detection => ({
  class: name,
  score,
  box: box(x1),
});

function tallied(...frames: [Detection[], TrueObject[]][]): Tally {
  const tally = new Tally('vehicle');
  for (const [detections, objects] of frames) tally.add(detections, objects, picture);
  return tally;
}

test('two of three found and one false alarm, by hand', () => {
  const tally = tallied(
    [
      [found(0, 0.9), found(0.8, 0.8)],
      [object(0), object(0.4)],
    ],
    [[found(0.5, 0.7, 'truck')], [object(0.5)]],
  );
  const { precision, recall, f1 } = tally.at(0.3);
  assert.deepEqual(
    [precision, recall].map((value) => value.toFixed(4)),
    ['0.6667', '0.6667'],
  );
  assert.equal(f1.toFixed(4), '0.6667');
  // Right, wrong, right: a third at precision 1 and a third at 2/3.
  assert.equal(tally.averagePrecision().toFixed(4), ((1 + 2 / 3) / 3).toFixed(4));
  assert.equal(tally.at(0.85).recall.toFixed(4), '0.3333');
});

test('a second detection of one object is wrong, one of an unsure object does not count', () => {
  assert.equal(tallied([[found(0, 0.9), found(0.01, 0.8)], [object(0)]]).at(0).precision, 0.5);
  const unsure = tallied([[found(0, 0.9)], [object(0, false)]]);
  assert.deepEqual([unsure.objects, unsure.at(0).precision], [0, 1]);
});

test('a box that overlaps by less than half is no find, and a person is no vehicle', () => {
  assert.equal(tallied([[found(0.08, 0.9)], [object(0)]]).at(0).recall, 0);
  assert.equal(tallied([[found(0, 0.9, 'person')], [object(0)]]).at(0).recall, 0);
});

test('a range of sizes neither counts nor blames what is smaller or larger', () => {
  // 102 x 512 px: the longer side is 512.
  const small = { x1: 0.5, y1: 0.5, x2: 0.52, y2: 0.58 };
  const tally = new Tally('vehicle', sizes['32-96']);
  const detections: Detection[] = [found(0, 0.9), found(0.7, 0.8), { class: 'car', score: 0.7, box: small }];
  tally.add(detections, [object(0), { class: 'truck', box: small, sure: true }], picture);
  assert.deepEqual([tally.objects, tally.at(0).precision, tally.at(0).recall], [1, 1, 1]);
});

test('everything on two wheels is one group, and no vehicle', () => {
  const tally = new Tally('motorcycle');
  tally.add([found(0, 0.9, 'motorcycle')], [{ ...object(0), class: 'bicycle' }], picture);
  assert.deepEqual([tally.objects, tally.at(0).recall], [1, 1]);
  assert.equal(tallied([[found(0, 0.9, 'motorcycle')], [object(0)]]).at(0).recall, 0);
});

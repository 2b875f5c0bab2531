import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Box, Point } from '@gatehouse/contracts';
import { car, seenAs, square, Watch } from './watch.ts';

const rule = { kind: 'fire-passage', alarmAfterS: 40, voiceAfterS: 15, escalateAfterS: 70 };
const here = square(0.5, 0.6);

test('voice, alarm, escalation: one prompt, one incident that is raised to priority 1, one clear', () => {
  const watch = new Watch(rule).until(80, () => [car(1, here)]).until(95, () => []);
  assert.deepEqual(watch.story, ['opened@40', 'updated@70', 'cleared@90']);
  assert.deepEqual(
    watch.said.map(({ priority }) => priority),
    [2, 1, 1],
  );
  assert.deepEqual(
    watch.prompts.map(({ stage, evidence, occupancy }) => [stage, evidence.atMs / 1000, occupancy]),
    [['voice', 15, watch.said[0]?.key]],
  );
  assert.equal(watch.said[1]?.gates.get('escalated'), 70);
});

test('a driver who leaves after the prompt was no incident; the next one is prompted again', () => {
  const watch = new Watch(rule);
  for (const fromS of [0, 60]) watch.until(fromS + 30, () => [car(1, here)]).until(fromS + 60, () => []);
  assert.deepEqual(watch.story, []);
  assert.equal(watch.prompts.length, 2);
  assert.equal(new Set(watch.prompts.map(({ occupancy }) => occupancy)).size, 2);
});

test('an alarm before the default of its voice prompt has none', () => {
  const watch = new Watch({ kind: 'fire-passage', alarmAfterS: 20 }).until(25, () => [car(1, here)]);
  assert.deepEqual([watch.story, watch.prompts], [['opened@20'], []]);
});

test('by default: voice 30 s, alarm 120 s, priority 1 at 300 s, things left behind 60 s', () => {
  const bare = { kind: 'fire-passage' };
  const watch = new Watch(bare).until(301, () => [car(1, here)]);
  assert.deepEqual(watch.story, ['opened@120', 'updated@180', 'updated@240', 'updated@300']);
  assert.equal(watch.said.at(-1)?.priority, 1);
  assert.equal(watch.prompts[0]?.evidence.atMs, 30_000);
  const boxes = new Watch(bare).until(70, () => [seenAs('object', 1_000_000_000, here)]);
  assert.deepEqual([boxes.story, boxes.prompts], [['opened@60'], []]);
});

/** A lane from top to bottom of the picture, 0.2 wide. */
const upright: Point[] = [
  [0.4, 0],
  [0.6, 0],
  [0.6, 1],
  [0.4, 1],
];
const places: readonly (readonly [what: string, box: Box, counts: boolean, polygon?: Point[]])[] = [
  ['noses in: 40 % of its footprint, bottom centre outside', { x1: 0.26, y1: 0.4, x2: 0.5, y2: 0.7 }, true],
  ['only touches the lane', { x1: 0.2, y1: 0.4, x2: 0.44, y2: 0.7 }, false],
  // A bus beside the lane: a seventh of its footprint blocks half of the width.
  ['is long and blocks half of the lane with its tail', { x1: 0, y1: 0.4, x2: 0.5, y2: 0.8 }, true],
  ['is long and blocks a quarter of the lane', { x1: 0, y1: 0.4, x2: 0.45, y2: 0.8 }, false],
  [
    'stands behind the lane with its roof over it',
    { x1: 0.35, y1: 0.1, x2: 0.65, y2: 0.4 },
    false,
    [
      [0, 0.1],
      [1, 0.1],
      [1, 0.28],
      [0, 0.28],
    ],
  ],
];
for (const [what, box, counts, polygon = upright] of places)
  test(`a vehicle that ${what} ${counts ? 'is' : 'is not'} in the passage`, () => {
    const watch = new Watch(rule, polygon).until(45, () => [car(1, box)]);
    assert.deepEqual(watch.story, counts ? ['opened@40'] : []);
  });

test('evidence tells by which way it stands there, and the threshold of that way only', () => {
  const watch = new Watch(rule, upright).until(45, () => [car(1, { x1: 0.26, y1: 0.4, x2: 0.5, y2: 0.7 })]);
  const { gates } = watch.said[0] ?? { gates: new Map() };
  assert.equal(gates.get('inside-zone'), true);
  assert.equal(gates.get('footprint-overlap'), 41.7);
});

test('while a fire alarm is active whatever has stopped there is priority 1 at once', () => {
  const watch = new Watch(rule).until(20, () => [car(1, here)]);
  watch.fireAlarm = true;
  watch.until(24, () => [car(1, here), car(2, square(0.7, 0.8))]);
  watch.until(30, () => [car(1, here), car(2, square(0.7, 0.8))]);
  assert.deepEqual(watch.story, ['opened@20', 'opened@25']);
  assert.deepEqual(
    watch.said.map(({ priority }) => priority),
    [1, 1],
  );
});

test('a fire alarm raises what is open, once, and its end does not lower it', () => {
  const watch = new Watch(rule).until(45, () => [car(1, here)]);
  watch.fireAlarm = true;
  watch.until(50, () => [car(1, here)]);
  watch.fireAlarm = false;
  watch.until(55, () => [car(1, here)]).until(70, () => []);
  assert.deepEqual(watch.story, ['opened@40', 'updated@45', 'cleared@65']);
  assert.deepEqual(
    watch.said.map(({ priority }) => priority),
    [2, 1, 1],
  );
});

test('a vehicle that drives through during a fire alarm is let through', () => {
  const watch = new Watch(rule);
  watch.fireAlarm = true;
  watch.until(6, (t) => [car(1, square(0.15 + 0.12 * t, 0.6))]);
  assert.deepEqual(watch.story, []);
});

test('each class has its own stages', () => {
  const own = {
    ...rule,
    classes: ['car', 'truck'],
    perClass: { truck: { alarmAfterS: 60, escalateAfterS: 90 } },
  };
  const watch = new Watch(own).until(65, () => [car(1, here), seenAs('truck', 2, square(0.75, 0.8))]);
  assert.deepEqual(watch.story, ['opened@40', 'opened@60']);
});

test('a parked vehicle that the detector loses is no left object besides, and what is left behind after it is', () => {
  const box = square(0.5, 0.6);
  const watch = new Watch(rule)
    .until(45, () => [car(1, box)])
    .until(53, () => [seenAs('object', 1_000_000_001, square(0.5, 0.6, 0.09))])
    .until(60, () => [car(2, box), seenAs('object', 1_000_000_001, square(0.5, 0.6, 0.06))]);
  assert.deepEqual(watch.story, ['opened@40']);
});

test('an unknown thing in which the detector then sees a vehicle goes on as the same occupancy', () => {
  const watch = new Watch({ ...rule, objectAfterS: 50 })
    .until(20, () => [seenAs('object', 1_000_000_001, here)])
    .until(75, () => [car(1, here)]);
  assert.deepEqual(watch.story, ['opened@40', 'updated@70']);
});

test('things left behind count only where the rule says so', () => {
  const watch = new Watch({ ...rule, objects: false }).until(120, () => [
    seenAs('object', 1_000_000_000, here),
  ]);
  assert.deepEqual(watch.story, []);
});

test('what was left behind stands since it was put down, not since it was sure to be there', () => {
  const left = { ...seenAs('object', 1_000_000_001, here), sinceMs: 10_000 };
  const watch = new Watch({ ...rule, objectAfterS: 50 }).until(75, (t) => (t < 26 ? [] : [left]));
  assert.equal(watch.story[0], 'opened@60');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Box } from '@gatehouse/contracts';
import fc from 'fast-check';
import { car, person, seenAs, square, Watch } from './watch.ts';

const rule = { kind: 'fire-passage', place: 'corridor', objectAfterS: 50 };
/** A corridor that runs away from the camera. */
const way: [number, number][] = [
  [0.4, 0.2],
  [0.6, 0.2],
  [0.6, 1],
  [0.4, 1],
];
const left = (box: Box, id = 1_000_000_001) => seenAs('object', id, box);

test('a thing counts as soon as any part of its footprint is on the way, and never beside or above it', () => {
  const part = fc.integer({ min: 0, max: 1000 }).map((n) => n / 1000);
  fc.assert(
    fc.property(
      part,
      part,
      fc.integer({ min: 20, max: 300 }),
      fc.integer({ min: 20, max: 300 }),
      (x, y, w, h) => {
        const [width, height] = [w / 1000, h / 1000];
        const [x1, y1] = [x * (1 - width), y * (1 - height)];
        const box = { x1, y1, x2: x1 + width, y2: y1 + height };
        // Its lower 35 % stand on the floor; a millimetre of doubt at the edges.
        const [acrossX, acrossY] = [
          Math.min(box.x2, 0.6) - Math.max(box.x1, 0.4),
          box.y2 - Math.max(box.y2 - 0.35 * height, 0.2),
        ];
        fc.pre(Math.abs(acrossX) > 1e-6 && Math.abs(acrossY) > 1e-6);
        const watch = new Watch(rule, way);
        watch.stepS = 1;
        watch.until(60, () => [left(box)]);
        assert.deepEqual(watch.story, acrossX > 0 && acrossY > 0 ? ['opened@50'] : []);
      },
    ),
    { seed: 41, numRuns: 300 },
  );
});

test('a lane asks for a third of it, as before', () => {
  const rack = square(0.35, 0.8, 0.12);
  const lane = { ...rule, place: 'lane' };
  assert.deepEqual(new Watch(lane, way).until(60, () => [left(rack)]).story, []);
  assert.deepEqual(new Watch(rule, way).until(60, () => [left(rack)]).story, ['opened@50']);
});

test('people who stand there never count, nor vehicles that a detector sees there, whatever the classes say', () => {
  const watch = new Watch({ ...rule, classes: ['person', 'car', 'truck'] }, way);
  watch.until(600, (t) => [
    person(1, 0.45, 0.6),
    person(2 + Math.floor(t / 60), 0.55, 0.8),
    car(100, square(0.5, 0.9)),
  ]);
  assert.deepEqual([watch.story, watch.prompts], [[], []]);
});

test('cycles count where they are asked for', () => {
  const bike = () => [seenAs('bicycle', 1, square(0.5, 0.8))];
  const own = { ...rule, alarmAfterS: 40, classes: ['bicycle'] };
  assert.deepEqual(new Watch(own, way).until(60, bike).story, ['opened@40']);
  assert.deepEqual(new Watch(rule, way).until(130, bike).story, []);
});

test('without times of its own a thing is told of after ten minutes, and is urgent after an hour', () => {
  const watch = new Watch({ kind: 'fire-passage', place: 'corridor' }, way);
  watch.stepS = 5;
  watch.until(3605, () => [left(square(0.5, 0.8))]);
  assert.equal(watch.story[0], 'opened@600');
  assert.deepEqual(
    watch.said.filter(({ priority }) => priority === 1).map(({ t }) => t),
    [3600],
  );
});

test('where nothing counts, nothing is raised', () => {
  const none = { ...rule, objects: false };
  assert.deepEqual(new Watch(none, way).until(130, () => [left(square(0.5, 0.8))]).story, []);
});

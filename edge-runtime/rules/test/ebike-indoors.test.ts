import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ZoneRule } from '@gatehouse/contracts';
import { person, seenAs, square, Watch } from './watch.ts';

const rule = { kind: 'ebike-indoors' };
const ebike = (id: number, x = 0.5) => seenAs('motorcycle', id, square(x, 0.6));
const bicycle = (id: number, x = 0.5) => seenAs('bicycle', id, square(x, 0.6));

test('an e-bike that stands there is spoken to after 2 s, an incident after 10 s, urgent after 60 s, and over 10 s after it is gone', () => {
  const watch = new Watch(rule).until(70, () => [ebike(1)]).until(90, () => []);
  assert.deepEqual(watch.story, ['opened@10', 'updated@60', 'cleared@80']);
  assert.deepEqual(
    watch.said.map(({ priority }) => priority),
    [2, 1, 1],
  );
  assert.deepEqual(
    watch.prompts.map(({ stage, evidence }) => [stage, evidence.atMs]),
    [['voice', 2000]],
  );
});

test('one that is pushed through without a stop counts as well', () => {
  const watch = new Watch(rule).until(12, (t) => [ebike(1, 0.12 + 0.05 * t)]);
  assert.deepEqual(watch.story, ['opened@10']);
});

test('people who stand there, and whatever is no cycle, raise nothing', () => {
  const watch = new Watch(rule).until(300, () => [
    person(1, 0.3, 0.6),
    person(2, 0.35, 0.6),
    seenAs('car', 3, square(0.6, 0.8)),
    seenAs('object', 4, square(0.8, 0.8)),
  ]);
  assert.deepEqual([watch.story, watch.prompts], [[], []]);
});

test('a cycle beside the zone raises nothing, and one with part of its wheels in it does', () => {
  const narrow: [number, number][] = [
    [0.5, 0.3],
    [0.9, 0.3],
    [0.9, 0.9],
    [0.5, 0.9],
  ];
  assert.deepEqual(new Watch(rule, narrow).until(30, () => [ebike(1, 0.44)]).story, []);
  assert.deepEqual(new Watch(rule, narrow).until(30, () => [ebike(1, 0.49)]).story, ['opened@10']);
});

test('classes have times of their own, and a class that is not counted is told as the reason', () => {
  const own = { ...rule, perClass: { bicycle: { alarmAfterS: 20 } } };
  assert.deepEqual(new Watch(own).until(25, () => [bicycle(1)]).story, ['opened@20']);
  const motors = new Watch({ ...rule, classes: ['motorcycle'] });
  // Taken for an e-bike at first, and for a bicycle ever after.
  motors.until(30, (t) => [t < 1 ? ebike(1) : bicycle(1)]);
  assert.deepEqual(motors.story, []);
  assert.deepEqual(motors.whyNot, ['class']);
});

test('while the picture shows it where it stood, it is there, though the detector has lost it', () => {
  const watch = new Watch(rule).until(15, () => [ebike(1)]);
  const places = [{ track: 1, box: square(0.5, 0.6), like: 0.95 }];
  const quiet = (like: number) => {
    const frame = { camera: 'east', atMs: Math.round(watch.t * 1000), tracks: [] };
    const told = places.map((place) => ({ ...place, like }));
    const step = watch.rule.step(watch.state, { ...frame, places: told }, watch.context);
    watch.state = step.state;
    watch.t += 1;
    return step.findings.map(({ phase }) => phase);
  };
  for (let n = 0; n < 30; n++) assert.deepEqual(quiet(0.95), []);
  const ended = Array.from({ length: 14 }, () => quiet(0.1)).flat();
  assert.deepEqual(ended, ['cleared']);
});

test('one that somebody stands before is hidden for a minute at most, and not gone', () => {
  const before = () => [seenAs('person', 9, { x1: 0.4, y1: 0.3, x2: 0.6, y2: 0.62 })];
  const watch = new Watch(rule)
    .until(15, () => [ebike(1)])
    .until(60, before)
    .until(70, () => [ebike(2)]);
  assert.deepEqual(watch.story, ['opened@10', 'updated@60']);
  watch.until(160, before);
  assert.equal(watch.said.at(-1)?.phase, 'cleared');
});

test('a second one is an incident of its own, and two boxes on one are one', () => {
  const two = new Watch(rule).until(30, (t) => [ebike(1, 0.3), ...(t < 15 ? [] : [ebike(2, 0.7)])]);
  assert.deepEqual(two.story, ['opened@10', 'opened@25']);
  assert.deepEqual(new Watch(rule).until(30, () => [ebike(1), bicycle(2)]).story, ['opened@10']);
});

test('one that comes out of the lift just after another was seen to leave is an incident of its own', () => {
  const watch = new Watch({ ...rule, clearAfterS: 5 })
    .until(15, () => [ebike(1, 0.8)])
    .until(17, () => [ebike(1, 0.97)])
    .until(40, () => [ebike(2, 0.7)]);
  assert.deepEqual(watch.story, ['opened@10', 'cleared@20', 'opened@27']);
});

test('while there is a fire alarm it is urgent at once', () => {
  const watch = new Watch(rule).until(15, () => [ebike(1)]);
  watch.fireAlarm = true;
  watch.until(16, () => [ebike(1)]);
  assert.deepEqual(
    watch.said.map(({ phase, priority }) => [phase, priority]),
    [
      ['opened', 2],
      ['updated', 1],
    ],
  );
});

test('an edit that leaves it outside hands an open one back', () => {
  const watch = new Watch(rule).until(15, () => [ebike(1)]);
  const zone = {
    ...watch.context.zone,
    polygon: watch.polygon.map(([x, y]): [number, number] => [x / 9, y]),
  };
  const carried = watch.rule.carryOver(watch.state, { ...watch.context, zone });
  assert.deepEqual(carried.dropped, [watch.said[0]?.key]);
  assert.deepEqual(watch.rule.carryOver(watch.state, watch.context).dropped, []);
});

test('only cycles can be counted', () => {
  assert.ok(!ZoneRule.safeParse({ ...rule, classes: ['person'] }).success);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Track } from '@gatehouse/contracts';
import { car, square, Watch } from './watch.ts';

const rule = { kind: 'gate-congestion', vehicles: 3, forS: 40, clearAfterS: 10 };
const at = (id: number, place: number): Track => car(id, square(0.2 + 0.15 * place, 0.6));
const three = () => [at(1, 0), at(2, 1), at(3, 2)];

test('a queue that does not move is one incident until fewer stand there for long enough', () => {
  const watch = new Watch(rule).until(60, three).until(80, () => [at(1, 0), at(2, 1)]);
  assert.deepEqual(watch.story, ['opened@40', 'cleared@70']);
  assert.deepEqual(
    [...(watch.said[0]?.gates ?? [])],
    [
      ['vehicles', 3],
      ['stuck', 40],
    ],
  );
});

test('it is due when the last of them has stood for long enough, and says why not before', () => {
  const watch = new Watch(rule).until(55, (t) => (t < 20 ? [at(1, 0), at(2, 1)] : three()));
  assert.deepEqual(watch.story, []);
  assert.deepEqual(watch.whyNot, ['stuck']);
  watch.until(62, three);
  assert.deepEqual(watch.story, ['opened@60']);
});

test('a queue that moves up every half minute is none', () => {
  const watch = new Watch(rule).until(200, (t) => {
    const move = Math.floor(t / 30);
    const within = Math.min(1, (t - move * 30) / 4);
    return [0, 1, 2, 3].map((n) => car(n + 1 + move, square(0.8 - 0.15 * (n + 1) + 0.15 * within, 0.6)));
  });
  assert.deepEqual(watch.story, []);
});

test('a queue that moves up once goes on as the same incident', () => {
  const shifting = (t: number) => (t < 60 ? 0 : Math.min(0.15, (t - 60) * 0.05));
  const queue = (t: number) => [0, 1, 2].map((n) => car(n + 1, square(0.2 + 0.15 * n + shifting(t), 0.6)));
  const watch = new Watch(rule).until(95, queue).until(120, () => []);
  assert.deepEqual(watch.story, ['opened@40', 'cleared@105']);
});

test('vehicles that flicker, swap ids or pause unseen neither restart nor double it', () => {
  const watch = new Watch(rule).until(30, (t) => (Math.round(t * 5) % 5 === 1 ? three().slice(1) : three()));
  watch.pause(35).until(60, () => three().map((track, i) => ({ ...track, id: 11 + ((i + 1) % 3) })));
  assert.deepEqual(watch.story, ['opened@40']);
});

test('an open queue is told of again once a minute, and a pause clears nothing', () => {
  const watch = new Watch(rule)
    .until(60, three)
    .pause(300)
    .until(310, three)
    .until(322, () => []);
  assert.deepEqual(watch.story, ['opened@40', 'updated@300', 'cleared@320']);
});

test('an edit of the zone that leaves nobody in it hands the queue back', () => {
  const watch = new Watch(rule).until(50, three);
  const narrow = {
    ...watch.context,
    zone: {
      ...watch.context.zone,
      polygon: [
        [0, 0],
        [0.1, 0],
        [0.1, 0.1],
      ] as [number, number][],
    },
  };
  assert.deepEqual(watch.rule.carryOver(watch.state, narrow).dropped, [watch.said[0]?.key]);
});

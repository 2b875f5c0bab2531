import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Track } from '@gatehouse/contracts';
import { person, Watch } from './watch.ts';

const rule = { kind: 'crowd', people: 6, forS: 20, clearAfterS: 10, night: false };
/** Heights of the picture that people walk in a second. */
const pace = 0.2;

/**
 * Six people at tables, 0.09 picture heights high and 0.14 apart: 1.6 of their own heights, 0.7 of a standing
 * one's.
 */
function seated(sway = 0): Track[] {
  return Array.from({ length: 6 }, (_, n) =>
    person(1 + n, 0.3 + (n % 3) * 0.08 + sway, 0.6 + Math.floor(n / 3) * 0.14, 0.09),
  );
}

/** A person every 3 s crosses the picture at one of two rows; `height` of the n-th one there. */
function walkers(t: number, height: (n: number) => number = () => 0.2, firstId = 1000): Track[] {
  return Array.from({ length: 60 }, (_, n) => ({ n, x: (t - n * 3) * (pace / (16 / 9)) })).flatMap(
    ({ n, x }) =>
      x > 0.04 && x < 0.96 ? [person(firstId + n, x, n % 2 === 0 ? 0.58 : 0.78, height(n))] : [],
  );
}

test('people at tables are one crowd: how near they are goes by the height of those who stand and walk there', () => {
  const watch = new Watch(rule).until(40, (t) => walkers(t)).until(90, () => seated());
  assert.deepEqual(
    watch.said.map(({ phase }) => phase),
    ['opened'],
  );
  assert.equal(watch.said[0]?.gates.get('people'), 6);
});

test('where nobody was seen to walk their own heights count', () => {
  assert.deepEqual(new Watch(rule).until(90, () => seated()).story, []);
  const few = new Watch(rule).until(9, (t) => walkers(t)).until(90, () => seated());
  assert.deepEqual(few.story, [], 'four people are too few to learn from');
});

test('children, and people with umbrellas or half behind a car, among the walkers do not change it', () => {
  const odd = (n: number) => ({ 0: 0.1, 3: 0.27, 6: 0.12 })[n % 10] ?? 0.2;
  const watch = new Watch(rule).until(60, (t) => walkers(t, odd)).until(120, () => seated());
  assert.deepEqual(
    watch.said.map(({ phase }) => phase),
    ['opened'],
  );
});

test('one person who walks to and fro teaches once: a child at play is not everybody', () => {
  const child = (t: number) => person(1, 0.5 + 0.3 * Math.sin(t / 3), 0.6, 0.09);
  const watch = new Watch(rule).until(40, (t) => walkers(t)).until(300, (t) => [child(t)]);
  watch.until(360, () => seated());
  assert.equal(watch.said[0]?.phase, 'opened', watch.story.join());
});

test('what the box has learned outlives a pause and a restart', () => {
  const watch = new Watch(rule)
    .until(40, (t) => walkers(t))
    .pause(4000)
    .until(4050, () => seated());
  assert.equal(watch.said[0]?.phase, 'opened');
});

test('after the camera was turned and people are taller their own heights count, as far as they differ much', () => {
  const tall = Array.from({ length: 6 }, (_, n) =>
    person(1 + n, 0.3 + (n % 3) * 0.08, 0.75 + Math.floor(n / 3) * 0.1, 0.5),
  );
  const watch = new Watch({ ...rule, distance: 0.5 }).until(40, (t) => walkers(t)).until(90, () => tall);
  assert.equal(watch.said[0]?.phase, 'opened');
});

test('somebody seated who turns to and fro a little does not walk: speed goes by standing heights, too', () => {
  // 0.03 picture heights a second: a third of their own heights, a seventh of a standing one's.
  const shift = (t: number) => (0.03 * (t % 8 < 4 ? t % 4 : 4 - (t % 4))) / (16 / 9);
  const watch = new Watch(rule).until(40, (t) => walkers(t)).until(100, (t) => seated(shift(t)));
  assert.equal(watch.said[0]?.phase, 'opened', watch.story.join());
  assert.equal(watch.said[0]?.gates.get('walking-through'), 0);
});

test('a state of an older version is carried over and learns from then on', () => {
  const watch = new Watch(rule).until(30, () => [
    ...seated(),
    ...seated().map((one) => ({ ...one, id: one.id + 50 })),
  ]);
  const { ground: _, suspects: __, ...older } = watch.state as object as Record<string, unknown>;
  const gatherings = (older.gatherings as Record<string, unknown>[]).map(({ suspects: _s, ...one }) => one);
  const people = (older.people as Record<string, unknown>[]).map(({ pose: _p, taught: _t, ...one }) => one);
  const carried = watch.rule.carryOver({ ...older, gatherings, people } as never, watch.context);
  assert.deepEqual(carried.dropped, []);
  watch.state = carried.state;
  watch.until(70, (t) => walkers(t - 30, undefined, 5000)).until(120, () => seated());
  assert.equal(watch.said.at(-1)?.phase, 'opened');
});

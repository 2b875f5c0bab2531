/** Stays that rest on the bundled detector alone: it takes drain covers and furniture for vehicles. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Track } from '@gatehouse/contracts';
import fc from 'fast-check';
import { car, seenAs, square, Watch } from './watch.ts';

const here = square(0.5, 0.6);
const parking = { kind: 'illegal-parking', violationAfterS: 30 };
const bundled = (sure: boolean): Track => ({ ...car(1, here), bundled: sure ? 'sure' : 'doubtful' });
/** Sure in `n` of 10 frames, spread over them. */
const sureIn = (n: number) => (t: number) => [bundled((Math.round(t * 5) * n) % 10 < n)];

test('what the bundled detector is seldom sure of raises nothing, and the reason is told', () => {
  const watch = new Watch(parking).until(600, sureIn(2));
  assert.deepEqual([watch.story, watch.whyNot], [[], ['bundled-sure']]);
});

test('what it is sure of is an incident at the same second, and it is told that it rests on it alone', () => {
  const watch = new Watch(parking).until(40, sureIn(8));
  assert.deepEqual(watch.story, ['opened@30']);
  assert.ok(Number(watch.said[0]?.gates.get('bundled-sure')) >= 75);
});

test('with any other detector nothing is asked and nothing is told', () => {
  const watch = new Watch(parking).until(40, () => [car(1, here)]);
  assert.deepEqual(watch.story, ['opened@30']);
  assert.equal(watch.said[0]?.gates.has('bundled-sure'), false);
});

test('a stay that another detector has seen as well does not rest on the bundled one any more', () => {
  const watch = new Watch(parking).until(40, (t) => [t === 20 ? car(1, here) : bundled(false)]);
  assert.deepEqual(watch.story, ['opened@30']);
});

test('nobody is spoken to, and no queue is counted, for what it is not sure of', () => {
  const passage = new Watch({ kind: 'fire-passage' }).until(100, sureIn(2));
  assert.deepEqual([passage.story, passage.prompts], [[], []]);
  const queue = new Watch({ kind: 'gate-congestion', vehicles: 2, forS: 30 }).until(100, () =>
    [0.3, 0.7].map((x, i): Track => ({ ...seenAs('car', i + 1, square(x, 0.6)), bundled: 'doubtful' })),
  );
  assert.deepEqual(queue.story, []);
});

test('an incident does not end because its detector doubts it later', () => {
  const watch = new Watch(parking).until(300, (t) => [bundled(t < 40)]);
  assert.deepEqual(
    watch.said.filter(({ phase }) => phase !== 'updated').map(({ phase }) => phase),
    ['opened'],
  );
});

test('at any frame rate it opens exactly if the sure part of the time seen reaches one half', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 25 }), fc.integer({ min: 0, max: 10 }), (fps, n) => {
      fc.pre(n !== 5);
      const watch = new Watch(parking);
      watch.stepS = 1 / fps;
      let i = 0;
      watch.until(60, () => [bundled((i++ * 7) % 10 < n)]);
      assert.equal(watch.story.length > 0, n > 5, `${n} of 10 at ${fps} a second`);
    }),
    { seed: 5, numRuns: 60 },
  );
});

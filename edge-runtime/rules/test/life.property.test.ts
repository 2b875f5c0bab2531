import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Life, lasting, live, orderOf, toldBy, watchedMs } from '../life.ts';

const frame = fc.record({
  pauseMs: fc.integer({ min: 1, max: 30_000 }),
  present: fc.boolean(),
  over: fc.boolean(),
  met: fc.boolean(),
  priority: fc.integer({ min: 1, max: 3 }),
});

/** Plays frames to one thing. After a clearing it is another thing. */
function play(
  frames: readonly (typeof frame extends fc.Arbitrary<infer F> ? F : never)[],
  escalates: boolean,
) {
  const unborn: Life = { openedMs: null, toldMs: null, priority: null };
  let [one, atMs] = [unborn, 0];
  const said: { phase: string; atMs: number; priority: number; present: boolean; before: Life }[] = [];
  for (const { pauseMs, met, ...signs } of frames) {
    atMs += pauseMs;
    const escalatesFrom = escalates ? { escalatesFrom: one.priority ?? 3 } : {};
    const { phase, after } = live(one, { atMs, ...signs, isMet: () => met, ...escalatesFrom });
    if (phase) said.push({ phase, atMs, priority: signs.priority, present: signs.present, before: one });
    assert.equal(after === undefined, phase === 'cleared');
    if (!phase) assert.equal(after, one, 'what nothing is told of stays as it is');
    one = after ?? unborn;
  }
  return said;
}

test('it opens, is told of again, and clears, in this order and each time anew', () => {
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 200 }), fc.boolean(), (frames, escalates) => {
      let isOpen = false;
      for (const { phase } of play(frames, escalates)) {
        assert.equal(phase === 'opened', !isOpen);
        isOpen = phase !== 'cleared';
      }
    }),
    { seed: 21, numRuns: 200 },
  );
});

test('between two tellings of an open one lies a minute, unless it became more urgent', () => {
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 200 }), fc.boolean(), (frames, escalates) => {
      for (const { phase, atMs, priority, before } of play(frames, escalates)) {
        if (phase !== 'updated') continue;
        const urgent = escalates && priority < (before.priority ?? 3);
        assert.ok(urgent || atMs - (before.toldMs ?? 0) >= 60_000);
      }
    }),
    { seed: 22, numRuns: 200 },
  );
});

test('of what is not there nothing is told but its end', () => {
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 200 }), (frames) => {
      for (const { phase, present } of play(frames, true)) assert.ok(present || phase === 'cleared');
    }),
    { seed: 23, numRuns: 100 },
  );
});

test('the conditions are measured only while it is not open', () => {
  const open: Life = { openedMs: 0, toldMs: 0, priority: 2 };
  const isMet = () => assert.fail('measured for nothing');
  assert.equal(live(open, { atMs: 1, present: true, over: false, isMet, priority: 2 }).phase, undefined);
});

test('unwatched time counts for nothing, and a break starts a count anew', () => {
  assert.deepEqual([watchedMs(null, 5, 10), watchedMs(0, 10, 10), watchedMs(0, 11, 10)], [0, 10, 0]);
  assert.deepEqual([lasting(7, true, 3), lasting(7, false, 3)], [10, 0]);
});

test('a frame that is a little older is left out; one that is much older begins a timeline', () => {
  const orders = [orderOf(null, 5), orderOf(5, 6), orderOf(6, 6), orderOf(60_005, 5), orderOf(60_006, 5)];
  assert.deepEqual(orders, ['next', 'next', 'old', 'old', 'anew']);
  assert.deepEqual(
    [toldBy({ toldMs: 9 }, 5), toldBy({ toldMs: null }, 5)],
    [{ toldMs: 5 }, { toldMs: null }],
  );
});

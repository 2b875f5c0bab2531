import assert from 'node:assert/strict';
import { test } from 'node:test';
import { every, isoWithOffset, ManualClock, SteadyTimeline, sleep } from '@gatehouse/kit';
import fc from 'fast-check';

test('a manual clock fires timers in due order, those set meanwhile included', async () => {
  const clock = new ManualClock();
  const fired: string[] = [];
  clock.after(20, () => fired.push('b'));
  clock.after(10, () => {
    fired.push('a');
    clock.after(5, () => fired.push('a+5'));
  });
  clock.after(30, () => fired.push('late'));
  await clock.advance(25);
  assert.deepEqual(fired, ['a', 'a+5', 'b']);
  assert.equal(clock.pendingTimers, 1);
});

test('every repeats until it is cancelled, also from inside its own tick', async () => {
  const clock = new ManualClock();
  let ticks = 0;
  const cancel = every(clock, 10, () => {
    ticks++;
    if (ticks === 3) cancel();
  });
  await clock.advance(100);
  assert.equal(ticks, 3);
  assert.equal(clock.pendingTimers, 0);
});

test('sleep ends at once when it is aborted and leaves no timer behind', async () => {
  const clock = new ManualClock();
  const abort = new AbortController();
  const slept = sleep(clock, 1000, abort.signal);
  abort.abort();
  await slept;
  assert.equal(clock.pendingTimers, 0);
});

test('a steady timeline does not step when somebody sets the wall clock', async () => {
  const clock = new ManualClock();
  const timeline = new SteadyTimeline(clock);
  const before = timeline.nowMs();
  clock.stepWall(86_400_000);
  await clock.advance(1500);
  assert.equal(timeline.nowMs() - before, 1500);
});

test('a steady timeline says how far the wall clock is from it after each step, and that small errors are none', async () => {
  const clock = new ManualClock();
  const timeline = new SteadyTimeline(clock);
  assert.equal(timeline.wallOffsetMs(), 0);
  clock.stepWall(900);
  assert.equal(timeline.wallOffsetMs(), 0, 'less than a second');
  clock.stepWall(900);
  assert.equal(timeline.wallOffsetMs(), 1_800, 'errors do not add up');
  await clock.advance(86_400_000.4);
  assert.equal(timeline.wallOffsetMs(), 1_800);
  clock.stepWall(56 * 365 * 86_400_000);
  assert.equal(timeline.wallOffsetMs(), 56 * 365 * 86_400_000 + 1_800);
  clock.stepWall(-56 * 365 * 86_400_000 - 1_800);
  assert.equal(timeline.wallOffsetMs(), 0);
});

test('whatever steps a clock makes, timeline and offset give the wall clock to within a second', async () => {
  const change = fc.record({
    stepMs: fc.oneof(fc.integer({ min: -3_000, max: 3_000 }), fc.integer({ min: -1e12, max: 1e12 })),
    thenMs: fc.double({ min: 0, max: 1e6, noNaN: true }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 12 }), async (changes) => {
      const clock = new ManualClock();
      const timeline = new SteadyTimeline(clock);
      for (const { stepMs, thenMs } of changes) {
        clock.stepWall(stepMs);
        const before = timeline.nowMs();
        const error = timeline.nowMs() + timeline.wallOffsetMs() - clock.epochMs();
        assert.ok(Math.abs(error) < 1_001, `${error} ms`);
        await clock.advance(thenMs);
        assert.ok(Math.abs(timeline.nowMs() - before - thenMs) < 1, 'the timeline itself does not step');
      }
    }),
    { numRuns: 100, seed: 3 },
  );
});

test('times for people carry the offset and name the same instant', () => {
  const text = isoWithOffset(1_700_000_000_123);
  assert.match(text, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.123[+-]\d\d:\d\d$/);
  assert.equal(Date.parse(text), 1_700_000_000_123);
});

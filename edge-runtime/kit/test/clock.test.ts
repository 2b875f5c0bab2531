import assert from 'node:assert/strict';
import { test } from 'node:test';
import { every, isoWithOffset, ManualClock, SteadyTimeline, sleep } from '@gatehouse/kit';

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

test('times for people carry the offset and name the same instant', () => {
  const text = isoWithOffset(1_700_000_000_123);
  assert.match(text, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.123[+-]\d\d:\d\d$/);
  assert.equal(Date.parse(text), 1_700_000_000_123);
});

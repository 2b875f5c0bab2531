import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agedNow, LastHeard, ManualClock } from '../index.ts';

test('what was said grows old in true time, and silent on the clock of limits', async () => {
  const [clock, watchClock] = [new ManualClock(), new ManualClock()];
  const heard = new LastHeard('starting', { clock, watchClock });
  await clock.advance(5_000);
  // The box was short of processor: the clock of limits went five times slower.
  await watchClock.advance(1_000);
  assert.deepEqual([heard.value, heard.ageMs, heard.silentMs], ['starting', 5_000, 1_000]);
  heard.hear('open');
  assert.deepEqual([heard.value, heard.ageMs, heard.silentMs], ['open', 0, 0]);
});

test('without a clock of limits both are the same, and the wall clock shows in neither', async () => {
  const clock = new ManualClock();
  const heard = new LastHeard(1, { clock });
  clock.stepWall(86_400_000);
  await clock.advance(20);
  assert.deepEqual([heard.ageMs, heard.silentMs], [20, 20]);
});

test('a state that came with an age has it as of now; one of unknown age keeps none', async () => {
  const clock = new ManualClock();
  const known: { id: string; ageMs?: number } = { id: 'yard', ageMs: 300 };
  const aged = new LastHeard(known, { clock });
  const ageless = new LastHeard<typeof known>({ id: 'lobby' }, { clock });
  await clock.advance(200);
  assert.deepEqual(agedNow(aged), { id: 'yard', ageMs: 500 });
  assert.deepEqual(agedNow(ageless), { id: 'lobby' });
  assert.deepEqual(known, { id: 'yard', ageMs: 300 });
});

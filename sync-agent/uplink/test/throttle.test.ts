import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@gatehouse/kit';
import fc from 'fast-check';
import { Throttle } from '../throttle.ts';

const burst = 10 * 1024;

test('over any time what passes is at most the rate and five bursts, and ordinary events leave the alarms their share', () => {
  const step = fc.record({
    waitMs: fc.nat(3000),
    bytes: fc.integer({ min: 1, max: burst }),
    urgent: fc.boolean(),
  });
  fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 200 }), async (steps) => {
      const clock = new ManualClock();
      const throttle = new Throttle(8, clock);
      let [all, ordinary] = [0, 0];
      for (const { waitMs, bytes, urgent } of steps) {
        await clock.advance(waitMs);
        if (throttle.take(bytes, urgent) > 0) continue;
        all += bytes;
        if (!urgent) ordinary += bytes;
        // 8 kbit/s is a byte a millisecond.
        assert.ok(all <= clock.monotonicMs() + 5 * burst + burst, `${all}`);
        assert.ok(ordinary <= clock.monotonicMs() + burst);
      }
    }),
    { seed: 5, numRuns: 20 },
  );
});

test('what has to wait may go after the time that it was told', async () => {
  const clock = new ManualClock();
  const throttle = new Throttle(64, clock);
  while (throttle.take(1000, false) === 0);
  const waitMs = throttle.take(1000, false);
  assert.ok(waitMs > 0 && waitMs <= 125);
  assert.equal(throttle.take(1000, true), 0, 'an alarm overdraws');
  await clock.advance(waitMs + 125);
  assert.equal(throttle.take(1000, false), 0);
  while (throttle.take(1000, true) === 0);
  assert.ok(throttle.take(1000, true) > 0, 'within a bound');
});

test('without a limit everything passes', () => {
  assert.equal(new Throttle(undefined, new ManualClock()).take(1e9, false), 0);
});

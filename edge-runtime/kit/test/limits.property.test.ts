import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Clock, TokenBucket, WindowLimit } from '../index.ts';

/** A clock that is set, not advanced: nothing here waits for a timer. */
function settable(): Clock & { nowMs: number } {
  return {
    nowMs: 0,
    monotonicMs() {
      return this.nowMs;
    },
    // Limits are about monotonic time: a wall clock that jumps must not show.
    epochMs: () => assert.fail('a limit reads the wall clock'),
    after: () => assert.fail('a limit waits for a timer'),
  };
}

const pauses = fc.array(fc.nat(2_000), { minLength: 1, maxLength: 120 });

test('a window limit grants at most its number in any window, and refuses only where the window is full', () => {
  fc.assert(
    fc.property(
      pauses,
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 5_000 }),
      (steps, limit, windowMs) => {
        const clock = settable();
        const window = new WindowLimit(limit, windowMs, clock);
        const granted: number[] = [];
        for (const pauseMs of steps) {
          clock.nowMs += pauseMs;
          const within = granted.filter((atMs) => atMs > clock.nowMs - windowMs).length;
          assert.equal(window.take(), within < limit);
          if (within < limit) granted.push(clock.nowMs);
        }
      },
    ),
    { seed: 11, numRuns: 200 },
  );
});

test('keys of a window limit do not count for one another', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c'), pauseMs: fc.nat(400) })),
      (steps) => {
        const clock = settable();
        const together = new WindowLimit(2, 1_000, clock);
        const apart = new Map(['a', 'b', 'c'].map((key) => [key, new WindowLimit(2, 1_000, clock)]));
        for (const { key, pauseMs } of steps) {
          clock.nowMs += pauseMs;
          assert.equal(together.take(key), apart.get(key)?.take());
        }
      },
    ),
    { seed: 12, numRuns: 100 },
  );
});

test('over any time a token bucket lets at most its capacity and its refill pass', () => {
  const step = fc.record({ pauseMs: fc.nat(2_000), amount: fc.integer({ min: 1, max: 8 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const clock = settable();
      const [capacity, refill, everyMs] = [8, 5, 1_000];
      const bucket = new TokenBucket({ capacity, refill, everyMs, clock });
      const passed: { atMs: number; amount: number }[] = [];
      for (const { pauseMs, amount } of steps) {
        clock.nowMs += pauseMs;
        if (bucket.take(amount) === 0) passed.push({ atMs: clock.nowMs, amount });
      }
      for (const [i, { atMs: fromMs }] of passed.entries()) {
        let sum = 0;
        for (const { atMs, amount } of passed.slice(i)) {
          sum += amount;
          assert.ok(
            sum <= capacity + ((atMs - fromMs) * refill) / everyMs + 1e-6,
            `${sum} from ${fromMs} to ${atMs}`,
          );
        }
      }
    }),
    { seed: 13, numRuns: 200 },
  );
});

test('what a token bucket refuses passes after the wait that it names, and not a millisecond sooner', () => {
  const amounts = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(amounts, fc.integer({ min: -20, max: 4 }), (steps, floor) => {
      const clock = settable();
      const bucket = new TokenBucket({ capacity: 10, refill: 1, everyMs: 8, clock });
      for (const amount of steps) {
        // With a floor above zero nothing passes that would leave less, however long it waits.
        if (floor > 10 - amount) continue;
        const waitMs = bucket.take(amount, floor);
        if (waitMs === 0) continue;
        clock.nowMs += waitMs - 1;
        assert.ok(bucket.take(amount, floor) > 0);
        clock.nowMs++;
        assert.equal(bucket.take(amount, floor), 0);
      }
    }),
    { seed: 14, numRuns: 200 },
  );
});

test('an overdraft is paid back before anything else passes', () => {
  const clock = settable();
  const bucket = new TokenBucket({ capacity: 10, refill: 1, everyMs: 1, clock });
  assert.equal(bucket.take(30, -20), 0);
  assert.equal(bucket.take(1), 21);
  clock.nowMs = 20;
  assert.equal(bucket.take(1), 1);
  clock.nowMs = 21;
  assert.equal(bucket.take(1), 0);
});

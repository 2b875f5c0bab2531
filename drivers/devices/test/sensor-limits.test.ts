import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type LimitState, quiet, type Side, sidesOf, stepLimit } from '../sensor-limits.ts';

const hot: Side = { is: 'above', threshold: 45, hysteresis: 2, dwellMs: 10_000, priority: 2 };

/** Readings 5 s apart. */
function read(side: Side, values: readonly (number | undefined)[], from: LimitState = quiet): LimitState[] {
  let watch = from;
  return values.map((value, i) => {
    watch = stepLimit(watch, side, value, i * 5_000);
    return watch;
  });
}
const alarms = (watches: readonly LimitState[]) => watches.map(({ beganAt }) => beganAt);

test('an alarm begins after the dwell, keeps the value it began with, and ends after the dwell back inside', () => {
  assert.deepEqual(alarms(read(hot, [44, 46, 47, 48, 49, 44, 42, 42, 42])), [
    ...[undefined, undefined, undefined, 48, 48, 48, 48, 48],
    undefined,
  ]);
});

test('a value that comes back for one reading begins the dwell anew', () => {
  assert.deepEqual(alarms(read(hot, [46, 46, 45, 46, 46])), Array(5).fill(undefined));
});

test('what is not known begins the dwell anew and ends no alarm', () => {
  assert.deepEqual(alarms(read(hot, [46, undefined, 46, 46])), Array(4).fill(undefined));
  const [, , , after] = read(hot, [20, undefined, 20, 20], { beganAt: 48, againstSinceMs: undefined });
  assert.equal(after?.beganAt, 48);
});

test('a limit with both sides is two alarms apart, each on its own side', () => {
  const sides = sidesOf({ value: 't', above: 45, below: 2, hysteresis: 1, dwellS: 0, priority: 1 });
  const began = (value: number) => sides.map((side) => stepLimit(quiet, side, value, 0).beganAt);
  assert.deepEqual([46, 20, 1].map(began), [
    [46, undefined],
    [undefined, undefined],
    [undefined, 1],
  ]);
});

const side = fc.record({
  is: fc.constantFrom('above', 'below'),
  threshold: fc.integer({ min: -20, max: 60 }),
  hysteresis: fc.integer({ min: 0, max: 5 }),
  dwellMs: fc.integer({ min: 0, max: 20_000 }),
  priority: fc.constant(2),
}) as fc.Arbitrary<Side>;

test('no alarm changes without a dwell full of readings that say so, whatever the readings', () => {
  const value = fc.option(fc.integer({ min: -40, max: 80 }), { nil: undefined });
  const step = fc.record({ value, afterMs: fc.integer({ min: 1, max: 10_000 }) });
  fc.assert(
    fc.property(side, fc.array(step, { maxLength: 60 }), (limit, steps) => {
      let watch = quiet;
      let nowMs = 0;
      const seen: { value: number | undefined; atMs: number }[] = [];
      for (const { value: read, afterMs } of steps) {
        nowMs += afterMs;
        seen.push({ value: read, atMs: nowMs });
        const before = watch;
        watch = stepLimit(watch, limit, read, nowMs);
        if ((before.beganAt === undefined) === (watch.beganAt === undefined)) continue;
        const over = (n: number) => (limit.is === 'above' ? n - limit.threshold : limit.threshold - n);
        const says = (n: number | undefined) =>
          n !== undefined && (before.beganAt === undefined ? over(n) > 0 : over(n) < -limit.hysteresis);
        const firstOf = seen.findLastIndex((one) => !says(one.value)) + 1;
        const since = seen[firstOf]?.atMs ?? Number.POSITIVE_INFINITY;
        assert.ok(nowMs - since >= limit.dwellMs, `changed after ${nowMs - since} of ${limit.dwellMs} ms`);
      }
    }),
    { seed: 20261126, numRuns: 500 },
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DebouncedCondition } from '../debounced-condition.ts';
import { StreamHealth } from '../stream-health.ts';

const terms = {
  name: 'stale',
  trouble: 'above',
  unit: 's',
  opens: 5,
  clears: 3,
  openAfterMs: 4_000,
  clearAfterMs: 2_000,
} as const;

test('a condition opens and clears only after its time without a break, whatever the values do', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 10, noNaN: true }), { maxLength: 200 }), (values) => {
      const condition = new DebouncedCondition(terms);
      for (const [second, value] of values.entries()) {
        const before = condition.open;
        condition.see(second * 1000, value);
        if (condition.open === before) continue;
        const turning = before ? values.slice(second - 2, second + 1) : values.slice(second - 4, second + 1);
        assert.ok(turning.every((seen) => (before ? seen <= terms.clears : seen > terms.opens)));
      }
    }),
    { numRuns: 1_000, seed: 3 },
  );
});

test('without a picture for ten seconds a camera is stale, and five seconds of pictures end it', () => {
  const health = new StreamHealth();
  const names = () => health.conditions.filter(({ open }) => open).map(({ terms: { name } }) => name);
  let ageMs = 0;
  let staleAt = 0;
  for (let s = 0; s < 30; s++, ageMs += 1000) {
    health.look(s * 1000, ageMs);
    if (!staleAt && names().includes('stale')) staleAt = s;
  }
  assert.ok(staleAt >= 10 && staleAt <= 12, `${staleAt} s`);
  for (let s = 30; s < 37; s++) health.look(s * 1000, 200);
  assert.deepEqual(names(), []);
});

test('damage and lost connections are counted over a minute and an hour, within bounds', () => {
  const health = new StreamHealth();
  for (let s = 0; s < 200; s++) {
    for (let i = 0; i < 20; i++) health.decodeError(s * 1000);
    health.look(s * 1000, 0);
  }
  for (let i = 0; i < 7; i++) health.lost(200_000);
  health.look(200_000, 0);
  assert.deepEqual(
    health.conditions.filter(({ open }) => open).map(({ terms: { name } }) => name),
    ['decode-errors', 'reconnecting'],
  );
  assert.ok(health.errorsPerMinute(200_000) <= 1_000);
  assert.equal(health.lossesPerHour(200_000), 7);
});

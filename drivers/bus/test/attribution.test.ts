import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzzInMemory } from './reply-fuzz.ts';
import { VirtualTime } from './virtual-time.ts';

const exchanges = 10_000;

for (const seed of [1, 20_261_123])
  test(`hostile slaves get no wrong reply accepted (seed ${seed}, ${exchanges} exchanges)`, async () => {
    const { result, faults } = await fuzzInMemory({ clock: new VirtualTime(), seed, exchanges });
    assert.equal(result.wrong, 0, JSON.stringify({ result, faults }));
    // 60 % of the answers are healthy: a link that refused everything would not pass.
    assert.ok(result.right > exchanges / 2, JSON.stringify(result));
    assert.ok(result.refused > exchanges / 10, JSON.stringify(result));
    assert.equal(Object.keys(faults).length, 14, 'every fault occurred');
  });

test('a link that does not let a late unit rest is caught by the same fuzz', async () => {
  const { result } = await fuzzInMemory({ clock: new VirtualTime(), seed: 1, exchanges, quarantineMs: -290 });
  assert.ok(result.wrong > 0, JSON.stringify(result));
});

test('the same seed gives the same run', async () => {
  const run = () => fuzzInMemory({ clock: new VirtualTime(), seed: 7, exchanges: 500 });
  assert.deepEqual(await run(), await run());
});

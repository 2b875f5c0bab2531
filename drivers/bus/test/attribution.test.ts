import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzzInMemory, lineCases } from './reply-fuzz.ts';
import { VirtualTime } from './virtual-time.ts';

const exchanges = 10_000;

const runs = Object.entries(lineCases).flatMap(([name, line]) =>
  (name === 'plain' ? [1, 20_261_123] : [20_261_123]).map((seed) => ({ name, line, seed })),
);
for (const { name, line, seed } of runs)
  test(`hostile slaves get no wrong reply accepted (line: ${name}, seed ${seed}, ${exchanges} exchanges)`, async () => {
    const { result, faults } = await fuzzInMemory({ clock: new VirtualTime(), seed, exchanges, line });
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

test('an adapter that begins to echo while its line is open is beyond what can be told, and the fuzz shows it', async () => {
  const options = { seed: 1, exchanges: 15_000, echoChangesEvery: 25 };
  const { result } = await fuzzInMemory({ clock: new VirtualTime(), ...options });
  assert.ok(result.wrong > 0, JSON.stringify(result));
  assert.ok(result.right > options.exchanges / 2, `it is learnt anew each time: ${JSON.stringify(result)}`);
});

test('the same seed gives the same run', async () => {
  const run = () => fuzzInMemory({ clock: new VirtualTime(), seed: 7, exchanges: 500 });
  assert.deepEqual(await run(), await run());
});

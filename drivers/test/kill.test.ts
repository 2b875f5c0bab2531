import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runKills } from './kill/kill-run.ts';

/** The full run is `node drivers/test/kill/main.ts --commands 500`. */
const commands = 40;

test(`killed while it carries out ${commands} commands: none moves a relay twice, and each is accounted for`, async (t) => {
  const result = await runKills({ commands, seed: 1979 });
  t.diagnostic(JSON.stringify(result));
  assert.deepEqual([result.executedTwice, result.unexplained, result.faults], [0, 0, []]);
  assert.equal(result.commands, commands);
  assert.ok(
    Object.keys(result.ends).length >= 3,
    `the kills reached few windows: ${JSON.stringify(result.ends)}`,
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isTest, sourceFiles } from './source-tree.ts';
import { copiesOfHarness } from './written-once.ts';

const harness = 'edge-runtime/lab/harness/';

test('test machinery is written once: no test or bench has a poll or a free port of its own', () => {
  const users = sourceFiles()
    .map(({ path }) => path)
    .filter((path) => (isTest(path) || path.includes('/bench/')) && path.endsWith('.ts'))
    // A floor imports nothing.
    .filter((path) => !path.startsWith(harness) && !path.includes('/floors/'));
  assert.deepEqual(copiesOfHarness(users), []);
});

test('a copy would be noticed under any name, as the harness itself is', () => {
  const [port = '', poll = '', ...more] = copiesOfHarness([`${harness}ports.ts`, `${harness}until.ts`]);
  assert.match(port, /ports\.ts:\d+: freePort\(\) of @gatehouse\/harness/);
  assert.match(poll, /until\.ts:\d+: until\(\) of @gatehouse\/harness/);
  assert.deepEqual(more, []);
});

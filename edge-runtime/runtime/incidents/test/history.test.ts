import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { playHistory } from './history.ts';

test('what a history leaves in the store and tells listeners is the same byte for byte', async () => {
  const golden = readFileSync(join(import.meta.dirname, 'history.golden.jsonl'), 'utf8');
  const played = await playHistory();
  for (const [i, line] of golden.trimEnd().split('\n').entries())
    assert.equal(played[i], line, `line ${i + 1}`);
  assert.equal(`${played.join('\n')}\n`, golden);
});

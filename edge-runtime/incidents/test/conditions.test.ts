import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { conditionsOf, IncidentKind, MediaKind, ruleKinds, ZoneRule } from '@gatehouse/contracts';
import { rules } from '@gatehouse/rules';

test('every rule of the contracts is there, opens incidents of its own kind and says by itself whether pictures go', () => {
  assert.deepEqual(Object.keys(rules), [...ruleKinds]);
  for (const kind of ruleKinds) {
    assert.equal(rules[kind].kind, kind);
    assert.ok(IncidentKind.options.includes(kind));
    assert.equal(ZoneRule.parse({ kind }).kind, kind, 'its settings all have defaults');
  }
  assert.deepEqual(MediaKind.options, ['illegal-parking', 'fire-passage', 'gate-congestion']);
});

test('a rule tells no condition that its contract does not name', () => {
  const files = globSync('golden/*incidents.ndjson', { cwd: import.meta.dirname });
  const told = files.flatMap((file) =>
    readFileSync(join(import.meta.dirname, file), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  );
  assert.ok(told.length >= 8);
  for (const { kind, evidence } of told)
    for (const { name } of evidence.gates)
      assert.ok([...conditionsOf(kind), 'in-force', 'collapsed'].includes(name), `${kind}: ${name}`);
  assert.deepEqual(new Set(told.map(({ kind }) => kind)), new Set(ruleKinds));
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { explore } from './exploration/explore.ts';
import { gatehouseModel } from './exploration/gatehouse-model.ts';
import { mutants } from './exploration/mutants.ts';
import { scenarios } from './exploration/scenarios.ts';
import { productRules } from './exploration/system.ts';

/** The full run is `node drivers/test/exploration/main.ts`. */
const bounds = { maxStates: 2_500, maxDepth: 40 };

describe('whatever is commanded, happens or fails', () => {
  for (const [name, scenario] of Object.entries(scenarios))
    test(`no safety property is violated: ${name}`, (t) => {
      const { states, transitions, depth, violation } = explore(gatehouseModel(scenario), bounds);
      t.diagnostic(JSON.stringify({ states, transitions, depth }));
      assert.equal(violation, undefined, JSON.stringify(violation));
      assert.ok(states > 100 && transitions > states, 'it went somewhere');
    });
});

describe('a rule made wrong is caught', () => {
  for (const [name, { rules, scenario, violates }] of Object.entries(mutants))
    test(name, () => {
      const site = scenarios[scenario];
      assert.ok(site, scenario);
      const model = gatehouseModel(site, { ...productRules, ...rules });
      const { violation } = explore(model, { ...bounds, maxStates: 25_000 });
      assert.ok(violation, 'it survived');
      assert.ok(violates.includes(violation.property), violation.message);
    });
});

/**
 * Visits the states that the drivers' rules can reach, with every safety property judged on the way: `node
 * drivers/test/exploration/main.ts [--max-states N] [--max-depth N]`. One JSON line a scenario, then one a
 * mutant: a mutant is one rule made wrong, and is caught when some property does not hold any more. Exit
 * status 1 if a property fails or a mutant survives.
 */
import { parseArgs } from 'node:util';
import { explore } from './explore.ts';
import { gatehouseModel } from './gatehouse-model.ts';
import { mutants } from './mutants.ts';
import { scenarios } from './scenarios.ts';
import { productRules } from './system.ts';

const { values } = parseArgs({
  options: {
    'max-states': { type: 'string', default: '200000' },
    'max-depth': { type: 'string', default: '40' },
  },
});
const bounds = { maxStates: Number(values['max-states']), maxDepth: Number(values['max-depth']) };
let failed = false;

for (const [scenario, site] of Object.entries(scenarios)) {
  const result = explore(gatehouseModel(site), bounds);
  failed ||= result.violation !== undefined;
  console.log(JSON.stringify({ scenario, ...result }));
}
for (const [mutant, { rules, scenario, violates }] of Object.entries(mutants)) {
  const site = scenarios[scenario];
  if (!site) throw new Error(`no scenario is called ${scenario}`);
  const { states, violation } = explore(gatehouseModel(site, { ...productRules, ...rules }), bounds);
  const caught = violation !== undefined && violates.includes(violation.property);
  failed ||= !caught;
  console.log(
    JSON.stringify({ mutant, caught, states, violates: violation?.message, path: violation?.path }),
  );
}
process.exitCode = failed ? 1 : 0;

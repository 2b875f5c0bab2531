/**
 * Kills the drivers service (SIGKILL) at random moments while it carries out commands, and holds what it says
 * after each restart against the pulses that a simulated board counted: `node drivers/test/kill/main.ts
 * [--commands 500] [--seed 1]`. Prints one JSON line; exit status 1 if a command was carried out twice or is
 * not explained.
 */
import { parseArgs } from 'node:util';
import { runKills } from './kill-run.ts';

const { values } = parseArgs({
  options: {
    commands: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
  },
});
const result = await runKills({ commands: Number(values.commands), seed: Number(values.seed) });
console.log(JSON.stringify(result));
process.exitCode = result.executedTwice + result.unexplained > 0 ? 1 : 0;

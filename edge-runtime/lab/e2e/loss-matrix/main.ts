/**
 * The loss matrix: a real box's runtime and sync, mosquitto and the reference receiver, each killed, starved
 * or lied to; then the committed events are compared with those that arrived. Each cell must show 0 lost and
 * 0 applied twice.
 *
 * `node edge-runtime/lab/e2e/loss-matrix/main.ts [--kills 220] [--seed 1] [--only PATTERN] [--out FILE]`
 *
 * Prints a table, appends a JSON line a cell to FILE, exits 1 when a cell is not clean.
 */
import { execFileSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { type CellResult, cells } from './cells.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '220' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    out: { type: 'string' },
  },
});
const seed = Number(values.seed);
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
const host = `${cpus().length} x ${cpus()[0]?.model.trim()}`;
console.log(
  '| cell | kills | committed | lost | still waiting | applied twice | otherwise wrong | repeats recognised | seconds |\n|---|---|---|---|---|---|---|---|---|',
);

for (const [name, cell, perChain, share] of cells) {
  if (!new RegExp(values.only).test(name)) continue;
  const startMs = performance.now();
  const total = Math.ceil(Number(values.kills) * share);
  const results: CellResult[] = [];
  let note = '';
  for (let done = 0; done === 0 || done < total; done += Math.max(1, perChain)) {
    // A chain that comes to a stop (an overloaded host, or a fault) fails its cell; the other cells still
    // run.
    const result = await cell(seed + done, Math.min(perChain, total - done)).catch(
      (error: Error) => error.message,
    );
    if (typeof result === 'string') note = result;
    else results.push(result);
  }
  const sum = (of: (result: CellResult) => number) => results.reduce((all, result) => all + of(result), 0);
  const row = {
    cell: name,
    kills: sum(({ kills }) => kills),
    committed: sum(({ committed }) => committed),
    lost: sum(({ lost }) => lost.length),
    waiting: sum(({ waiting }) => waiting),
    appliedTwice: sum(({ twice }) => twice.length),
    wrong: sum(({ wrong }) => wrong.length),
    repeats: sum(({ repeats }) => repeats),
    durationS: Math.round((performance.now() - startMs) / 1000),
  };
  console.log(`| ${Object.values(row).join(' | ')} |${note ? ` ${note}` : ''}`);
  for (const { lost, twice, wrong } of results)
    for (const line of [...lost.slice(0, 3), ...twice.slice(0, 3), ...wrong.slice(0, 3)])
      console.error(`  ${line}`);
  if (note && !note.startsWith('not run')) process.exitCode = 1;
  if (row.lost + row.waiting + row.appliedTwice + row.wrong > 0 || (!note && row.committed === 0))
    process.exitCode = 1;
  const at = new Date().toISOString();
  if (values.out)
    appendFileSync(
      values.out,
      `${JSON.stringify({ ...row, ...(note ? { note } : {}), seed, commit, host, at })}\n`,
    );
}

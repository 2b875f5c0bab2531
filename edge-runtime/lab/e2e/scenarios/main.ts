/**
 * Checks scenarios against the product and prints a table. `--from` is `blocks` (default: projected blocks,
 * milliseconds), `labels` (rendered labels) or `video` (the clip through `gatehouse replay`). `--faults` adds
 * a detector's usual faults to the first two.
 */
import { parseArgs } from 'node:util';
import { describeError, errorOf } from '@gatehouse/kit';
import { scenarioNames } from '../../sim/scenario/index.ts';
import { blockLabels, type Case, caseOf, clipOf, renderedLabels } from './clips.ts';
import { judge, raisedBy, type Score } from './judge.ts';
import { scoreOf, type Watch, watchOf } from './run.ts';
import { type Row, tableOf } from './table.ts';
import { noFaults, tracksOf, usualFaults } from './tracks.ts';
import { replayClip } from './video.ts';

const usage = 'main.ts [--from blocks|labels|video] [--faults] [--model ID] [--fps N] [SCENARIO…]';

interface Options {
  readonly from: string;
  readonly faults: boolean;
  readonly model: string | undefined;
  readonly fps: number | undefined;
}

/** `undefined` if the scenario has nothing to judge it from. */
async function scoreFrom(one: Case, watch: Watch, options: Options): Promise<Score | undefined> {
  if (options.from === 'video') {
    const clip = clipOf(one);
    return clip === undefined
      ? undefined
      : judge(watch.expected, raisedBy(await replayClip(watch, clip, options)));
  }
  const labels = options.from === 'labels' ? renderedLabels(one) : blockLabels(one);
  if (!labels) return undefined;
  const faults = options.faults ? usualFaults : noFaults;
  return scoreOf(watch, tracksOf(labels, one.name, one.sidecar, faults)).score;
}

function optionsOf(): { readonly options: Options; readonly names: readonly string[] } {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      from: { type: 'string', default: 'blocks' },
      faults: { type: 'boolean', default: false },
      model: { type: 'string' },
      fps: { type: 'string' },
    },
  });
  const fps = values.fps === undefined ? undefined : Number(values.fps);
  if (!['blocks', 'labels', 'video'].includes(values.from) || (fps !== undefined && !(fps > 0)))
    throw errorOf('USAGE/scenarios', { usage });
  const { from, faults, model } = values;
  return {
    options: { from, faults, model, fps },
    names: positionals.length > 0 ? positionals : scenarioNames(),
  };
}

async function main(): Promise<void> {
  const { options, names } = optionsOf();
  const rows: Row[] = [];
  for (const name of names) {
    const one = caseOf(name);
    const watch = watchOf(one.sidecar);
    const score = await scoreFrom(one, watch, options);
    const from = `${options.from}${options.faults ? ' with faults' : ''}`;
    if (score) rows.push({ name, from, unknownKinds: watch.unknownKinds, score });
    else process.stderr.write(`${name}: not rendered (npm run sim -- render ${name})\n`);
  }
  process.stdout.write(`${tableOf(rows)}\n`);
  if (rows.some(({ score }) => score.faults.length > 0)) process.exitCode = 1;
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = 2;
}

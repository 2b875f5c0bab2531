import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describeError, GatehouseError } from '@gatehouse/kit';
import type { ModelEntry } from '@gatehouse/models';
import { catalogue, modelEntry, resolveModel } from '@gatehouse/models';
import { readLabels } from './accuracy/labels.ts';
import type { Measured } from './accuracy/measure.ts';
import { measure } from './accuracy/measure.ts';
import { inputSizeFor } from './fit.ts';

/**
 * Measures the catalogue's models of objects against labelled media and prints a Markdown table:
 *
 *   GATEHOUSE_MEDIA_DIR=FOLDER node edge-runtime/vision/detect/evaluate.ts [--nth N] [ID | ID@LONG-SIDE]...
 *
 * `--nth` takes every Nth labelled frame; `yolox-nano-dyn@640` gives a model of free size an input 640 pixels long.
 */
interface Plan {
  readonly entry: ModelEntry;
  readonly longSide?: number;
}

const allPlans = (): Plan[] =>
  catalogue()
    .filter(({ task }) => task === 'objects')
    .flatMap((entry): Plan[] =>
      entry.input.multipleOf === undefined
        ? [{ entry }]
        : [416, 640, 768].map((longSide) => ({ entry, longSide })),
    );

function planOf(argument: string): Plan {
  const [id, longSide] = argument.split('@');
  return { entry: modelEntry(id), ...(longSide ? { longSide: Number(longSide) } : {}) };
}

function row({ entry, longSide }: Plan, { person, vehicle, frames, cpuMs }: Measured): string {
  const { width, height } = inputSizeFor(entry, { width: 16, height: 9 }, longSide);
  const cells = [person, vehicle].flatMap((tally) => {
    const { precision, recall, f1 } = tally.at(entry.threshold);
    return [f1, precision, recall, tally.averagePrecision()].map((value) => value.toFixed(2));
  });
  return `| ${[entry.id, `${width}x${height}`, ...cells, cpuMs.toFixed(1), frames].join(' | ')} |`;
}

async function main(args: readonly string[]): Promise<void> {
  const mediaDir = process.env.GATEHOUSE_MEDIA_DIR;
  if (!mediaDir)
    throw new GatehouseError(
      'MEDIA_MISSING',
      'input',
      'no labelled media are named.',
      'Set GATEHOUSE_MEDIA_DIR to a folder with clips and their labels/objects/*.json.',
    );
  const nthAt = args.indexOf('--nth');
  const nth = nthAt < 0 ? 1 : Number(args[nthAt + 1]);
  const named = args.filter((_, index) => nthAt < 0 || (index !== nthAt && index !== nthAt + 1));
  const media = readdirSync(join(mediaDir, 'labels', 'objects'))
    .filter((name) => name.endsWith('.json'))
    .map((name) => readLabels(mediaDir, name.slice(0, -5), nth));
  const total = media.reduce((sum, { frames }) => sum + frames.length, 0);
  const plans = named.length > 0 ? named.map(planOf) : allPlans();
  process.stdout.write(
    '| model | input at 16:9 | person F1 | precision | recall | AP50 | vehicle F1 | precision | recall | AP50 | CPU ms | frames |\n',
  );
  process.stdout.write(`|---${'|--:'.repeat(11)}|\n`);
  for (const plan of plans) {
    const { file } = await resolveModel(plan.entry.id, { fetch: true });
    const size = (one: { width: number; height: number }) => inputSizeFor(plan.entry, one, plan.longSide);
    const measured = await measure(plan.entry, file, media, size, (frames) => {
      if (frames % 20 === 0) process.stderr.write(`\r${plan.entry.id}: ${frames} of ${total} frames `);
    });
    process.stderr.write('\r\x1b[K');
    process.stdout.write(`${row(plan, measured)}\n`);
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = 1;
}

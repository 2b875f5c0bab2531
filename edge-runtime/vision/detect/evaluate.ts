import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeError, errorOf } from '@gatehouse/kit';
import type { ModelEntry } from '@gatehouse/models';
import { catalogue, modelEntry, resolveModel } from '@gatehouse/models';
import type { LabelledMedia } from './accuracy/labels.ts';
import { readLabels } from './accuracy/labels.ts';
import { measure } from './accuracy/measure.ts';
import { readRendered } from './accuracy/rendered.ts';
import { compareSpeed } from './accuracy/speed.ts';
import {
  detailHead,
  detailRows,
  modelHead,
  modelRow,
  speedHead,
  speedRow,
  thresholdHead,
  thresholdRows,
} from './accuracy/table.ts';
import { inputSizeFor } from './fit.ts';

const usage = `Measures the catalogue's models of objects and prints Markdown tables.

  node edge-runtime/vision/detect/evaluate.ts [options] [ID | ID@LONG-SIDE]...

  --split held-out|train  of the labelled media in GATEHOUSE_MEDIA_DIR only those (models/training/split.json); with held-out,
                          objects of at most 32 px count neither way
  --rendered FOLDER       rendered pictures in place of media; objects less than half seen, or below 16 px where the picture
                          is 512 px long, count neither way
  --nth N                 every Nth labelled frame
  --details               by class and size, too
  --thresholds            what every threshold from 0.1 to 0.75 would give
  --speed ROUNDS          no accuracy: milliseconds of one inference, all models in turn on one thread
  --model FILE            weights to take in place of the file of the one ID that is named

yolox-nano-dyn@640 gives a model of free size an input 640 pixels long.
`;

interface Plan {
  readonly entry: ModelEntry;
  readonly longSide?: number;
}

const allPlans = (): Plan[] =>
  catalogue()
    .filter(({ task }) => task === 'objects')
    .flatMap((entry): Plan[] =>
      entry.family === 'yolox' && entry.input.multipleOf !== undefined
        ? [416, 640, 768].map((longSide) => ({ entry, longSide }))
        : [{ entry }],
    );

function planOf(argument: string): Plan {
  const [id, longSide] = argument.split('@');
  return { entry: modelEntry(id), ...(longSide ? { longSide: Number(longSide) } : {}) };
}

/** Smaller objects of held-out frames count neither way: the labels themselves are unsure of them. */
const heldOutLeastPx = 32;

/** Labelled clips and photographs of GATEHOUSE_MEDIA_DIR, all or those of one side of the split. */
function labelledMedia(split: string | undefined, nth: number): LabelledMedia[] {
  const mediaDir = process.env.GATEHOUSE_MEDIA_DIR;
  if (!mediaDir) throw errorOf('MEDIA_MISSING');
  const names = split
    ? namesOf(split).filter((name) => existsSync(join(mediaDir, name)))
    : readdirSync(join(mediaDir, 'labels', 'objects'))
        .filter((name) => name.endsWith('.json'))
        .map((name) => name.slice(0, -5));
  return names.map((name) => readLabels(mediaDir, name, nth, split === 'held-out' ? heldOutLeastPx : 0));
}

function namesOf(split: string): string[] {
  const file = join(import.meta.dirname, '..', '..', '..', 'models', 'training', 'split.json');
  const { heldOut, train } = JSON.parse(readFileSync(file, 'utf8')) as { heldOut: string[]; train: string[] };
  if (split === 'held-out') return heldOut;
  if (split === 'train') return train;
  throw errorOf('SPLIT_UNKNOWN', { split });
}

/** The model's entry and file; other weights in its place are pinned by their own hash. */
async function resolved(
  { entry }: Plan,
  given: string | undefined,
): Promise<{ readonly entry: ModelEntry; readonly file: string }> {
  if (given === undefined) return { entry, file: (await resolveModel(entry.id, { fetch: true })).file };
  const bytes = readFileSync(given);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { entry: { ...entry, bytes: bytes.length, sha256 }, file: given };
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      split: { type: 'string' },
      rendered: { type: 'string' },
      nth: { type: 'string', default: '1' },
      details: { type: 'boolean', default: false },
      thresholds: { type: 'boolean', default: false },
      speed: { type: 'string' },
      model: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return;
  }
  const plans = positionals.length > 0 ? positionals.map(planOf) : allPlans();
  const print = (line: string) => process.stdout.write(`${line}\n`);
  if (values.speed) {
    const rivals = await Promise.all(
      plans.map(async (plan) => ({ ...plan, ...(await resolved(plan, values.model)) })),
    );
    print(speedHead);
    for (const measured of await compareSpeed(rivals, Number(values.speed))) print(speedRow(measured));
    return;
  }
  const nth = Number(values.nth);
  const media = values.rendered ? readRendered(values.rendered, nth) : labelledMedia(values.split, nth);
  const total = media.reduce((sum, { frames }) => sum + frames.length, 0);
  const details: string[] = [];
  print(modelHead);
  for (const plan of plans) {
    const { entry, file } = await resolved(plan, values.model);
    const size = (one: { width: number; height: number }) => inputSizeFor(entry, one, plan.longSide);
    const measured = await measure(entry, file, media, size, (frames) => {
      if (frames % 20 === 0) process.stderr.write(`\r${entry.id}: ${frames} of ${total} frames `);
    });
    process.stderr.write('\r\x1b[K');
    print(modelRow(entry, plan.longSide, measured));
    if (values.thresholds) print([thresholdHead, ...thresholdRows(measured)].join('\n'));
    details.push(...detailRows(entry, measured));
  }
  if (values.details) print(['', detailHead, ...details].join('\n'));
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = 1;
}

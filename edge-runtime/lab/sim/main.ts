import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { errorOf, GatehouseError } from '@gatehouse/kit';
import { renderClip, requireFfmpeg } from './render/clip.ts';
import { renderDataset } from './render/dataset.ts';
import { playClip } from './render/play.ts';
import { progressBar } from './render/progress.ts';
import { Studio } from './render/studio.ts';
import { committedScenarios, loadScenario, scenarioFile, scenarioNames } from './scenario/index.ts';

const clipsFolder = join(import.meta.dirname, 'clips');

const usage = `Draws the simulated compound.

npm run sim -- list                          the scenarios there are
npm run sim -- render SCENARIO… | --all | --committed [--out DIR]
                                             clip, labels and sidecar of scenarios (names or YAML files)
npm run sim -- label SCENARIO… | --all | --committed [--out DIR]
                                             labels and sidecar alone
npm run sim -- play SCENARIO [--out DIR] [--port 8554]
                                             serves a rendered clip as an RTSP camera
npm run sim -- dataset --count N --out DIR [--seed 1] [--family train|held-out] [--size 640x360]
                                             pictures of random compounds with labels

--out is edge-runtime/lab/sim/clips unless given.
`;

const options = {
  all: { type: 'boolean', default: false },
  committed: { type: 'boolean', default: false },
  out: { type: 'string' },
  port: { type: 'string', default: '8554' },
  count: { type: 'string', default: '' },
  seed: { type: 'string', default: '1' },
  family: { type: 'string', default: 'train' },
  size: { type: 'string', default: '640x360' },
  help: { type: 'boolean', default: false },
} as const;

type Values = ReturnType<typeof parsed>['values'];

function parsed() {
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error));
  }
}

function wrong(message: string): GatehouseError {
  return errorOf('SIM_USAGE', { problem: message });
}

async function main(): Promise<void> {
  const { values, positionals } = parsed();
  const [verb, ...names] = positionals;
  if (values.help || verb === undefined) {
    process.stdout.write(usage);
    return;
  }
  switch (verb) {
    case 'list':
      list();
      return;
    case 'render':
    case 'label':
      await clips(chosen(names, values), values, verb === 'render');
      return;
    case 'play':
      if (names.length !== 1 || names[0] === undefined) throw wrong('play takes one scenario.');
      await playClip(names[0], values.out ? resolve(values.out) : clipsFolder, values.port);
      return;
    case 'dataset':
      await dataset(values);
      return;
    default:
      throw wrong(`there is no command "${verb}".`);
  }
}

function list(): void {
  const lines = scenarioNames().map((name) => {
    const { scenario } = loadScenario(scenarioFile(name));
    const kept = scenario.committed ? 'clip included' : '';
    return `${name.padEnd(24)} ${String(scenario.durationS).padStart(4)} s  ${kept.padEnd(14)} ${scenario.about}\n`;
  });
  process.stdout.write(lines.join(''));
}

function chosen(names: readonly string[], { all, committed }: Values): readonly string[] {
  if (all) return scenarioNames();
  if (committed) return committedScenarios();
  if (names.length === 0) throw wrong('name scenarios, or give --all or --committed.');
  return names;
}

async function clips(names: readonly string[], { out }: Values, video: boolean): Promise<void> {
  // Wrong names are reported before minutes of drawing.
  for (const name of names) loadScenario(scenarioFile(name));
  if (video) requireFfmpeg();
  await using studio = await Studio.open();
  const folder = out ? resolve(out) : clipsFolder;
  for (const name of names) {
    const files = await renderClip(studio, name, { folder, video, progress: progressBar(name) });
    process.stdout.write(`${video ? files.video : files.labels}\n`);
  }
}

async function dataset({ count, seed, family, size, out }: Values): Promise<void> {
  if (!out) throw wrong('dataset needs --out DIR.');
  if (family !== 'train' && family !== 'held-out')
    throw wrong(`--family ${family}: must be train or held-out.`);
  const match = /^(\d{2,4})x(\d{2,4})$/.exec(size);
  if (!match) throw wrong(`--size ${size}: must be WIDTHxHEIGHT.`);
  const wish = {
    count: whole('--count', count),
    seed: whole('--seed', seed),
    family,
    size: [Number(match[1]), Number(match[2])],
    out: resolve(out),
  } as const;
  await renderDataset(wish, progressBar('pictures'));
}

function whole(option: string, text: string): number {
  const value = Number(text);
  if (text !== '' && Number.isInteger(value) && value >= 0 && value < 2 ** 31) return value;
  throw wrong(`${option} ${text}: must be a whole number from 0 to 2147483647.`);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof GatehouseError)) throw error;
  process.stderr.write(`gatehouse: ${error.message} ${error.remedy ?? ''}\n`);
  process.exitCode = 1;
}

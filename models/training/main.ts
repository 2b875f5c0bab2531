import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { describeError, errorOf } from '@gatehouse/kit';
import { quantise } from './quantise.ts';

const usage = `Trains the bundled detector and measures what came out.

  npm run train -- --quick                       a small version in minutes, from the committed clips of the demo compound
  npm run train -- --rendered FOLDER... --held-out FOLDER --media FOLDER --minutes 60

  --rendered FOLDER   rendered pictures to learn from (npm run sim -- dataset makes them); may be repeated
  --held-out FOLDER   rendered pictures to measure on, of other compounds
  --media FOLDER      real clips and photographs with labels/objects; default GATEHOUSE_MEDIA_DIR
  --clips FOLDER      rendered clips for --quick; default edge-runtime/lab/sim/clips
  --out FOLDER        gatehouse_compact.onnx, and what it came from: checkpoint.pt, log.jsonl,
                      float.onnx, calibration.rgb; default .gatehouse/training
  --warm-start FILE   checkpoint.pt of an earlier run to go on from
  --minutes N         how long to learn; default 60, with --quick 1.5
  --seed N            default 1
  --threads N         default 2
`;

const root = join(import.meta.dirname, '..', '..');
/** The Debian packages of `npm run train` belong to Debian's own Python. */
const python = '/usr/bin/python3';
const onnxFile = 'gatehouse_compact.onnx';
/** Of the pictures in calibration.rgb (`INPUT_WIDTH` and `INPUT_HEIGHT` of train.py). */
const calibration = { width: 512, height: 288 };

/** Runs one program with the terminal handed through; throws if it fails. */
async function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<void> {
  const child = spawn(command, args, {
    stdio: 'inherit',
    cwd: import.meta.dirname,
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', ...env },
  });
  const [code, signal] = await once(child, 'exit');
  if (code !== 0)
    throw errorOf('TRAINING_STEP_FAILED', { command: [command, ...args].join(' '), code: code ?? signal });
}

/** Trains in float and quantises the outcome; gives the file. */
async function teach(out: string, args: readonly string[]): Promise<string> {
  await run(python, ['-m', 'gatehouse_detector.train', '--out', out, ...args]);
  const pictures = await readFile(join(out, 'calibration.rgb'));
  const size = 3 * calibration.width * calibration.height;
  const bytes = Array.from({ length: pictures.length / size }, (_, index) =>
    pictures.subarray(index * size, (index + 1) * size),
  );
  const file = join(out, onnxFile);
  await writeFile(file, await quantise(await readFile(join(out, 'float.onnx')), { ...calibration, bytes }));
  return file;
}

function evaluate(args: readonly string[], onnx: string, media?: string): Promise<void> {
  const program = join(root, 'edge-runtime', 'vision', 'detect', 'evaluate.ts');
  const env = media ? { GATEHOUSE_MEDIA_DIR: media } : {};
  return run(process.execPath, [program, ...args, '--details', '--model', onnx, 'gatehouse-compact'], env);
}

/**
 * Learns from some frames of the committed clips, and measures on frames of those clips that were not learnt
 * from.
 */
async function quick(clips: string, out: string, common: readonly string[], minutes: string): Promise<void> {
  const [learnt, kept] = [join(out, 'rendered'), join(out, 'kept')];
  if (!existsSync(clips) || !readdirSync(clips).some((name) => name.endsWith('.mp4')))
    throw errorOf('CLIPS_MISSING', { clips });
  await run(python, ['-m', 'gatehouse_detector.clips', '--clips', clips, '--learnt', learnt, '--kept', kept]);
  const onnx = await teach(out, [...common, '--rendered', learnt, '--minutes', minutes]);
  await evaluate(['--rendered', kept], onnx);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      rendered: { type: 'string', multiple: true, default: [] },
      'held-out': { type: 'string' },
      media: { type: 'string' },
      clips: { type: 'string', default: join(root, 'edge-runtime', 'lab', 'sim', 'clips') },
      out: { type: 'string', default: join(root, '.gatehouse', 'training') },
      'warm-start': { type: 'string' },
      minutes: { type: 'string' },
      seed: { type: 'string', default: '1' },
      threads: { type: 'string', default: '2' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return;
  }
  const out = resolve(values.out);
  mkdirSync(out, { recursive: true });
  const warm = values['warm-start'] ? ['--warm-start', resolve(values['warm-start'])] : [];
  const common = ['--seed', values.seed, '--threads', values.threads, ...warm];
  if (values.quick) return quick(resolve(values.clips), out, common, values.minutes ?? '1.5');
  const media = values.media ?? process.env.GATEHOUSE_MEDIA_DIR;
  const rendered = values.rendered.map((folder) => resolve(folder));
  if (rendered.length === 0) throw errorOf('RENDERED_MISSING');
  const pictures = rendered.flatMap((folder) => ['--rendered', folder]);
  const real = media ? ['--media', resolve(media)] : [];
  const onnx = await teach(out, [...common, ...pictures, ...real, '--minutes', values.minutes ?? '60']);
  if (values['held-out']) await evaluate(['--rendered', resolve(values['held-out'])], onnx);
  if (media) await evaluate(['--split', 'held-out'], onnx, resolve(media));
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = 1;
}

/**
 * Vision bench; each measure beside its floor of the same run.
 *
 * - `overhead-clip`, `overhead-live`: CPU-seconds of the product / (ffmpeg pull + decode + scale alone + a
 *   bare ORT loop for as many inferences). Over a recorded clip (median of interleaved rounds), and of the
 *   whole service on one RTSP camera and on four, at their own pace. With one camera, most code of the
 *   service itself has not been compiled yet.
 * - `adaptive-decode`: a quiet 1080p25 camera, keyframes only / full decode, both services at the same time.
 * - `adaptive-incidents`: a car that stops and leaves, decoded adaptively and in full at the same time: the
 *   same incidents, within 2 s.
 * - `detector-efficiency`: a bare ORT loop / the worker's lane at saturation, wall time for as many pictures,
 *   interleaved.
 * - `recovery`: 95 of 100 outages under 10 s, back -> first analysed frame.
 * - `cameras-a-box`: the number of busy 360p cameras that fit.
 *
 * `npm run bench -- vision [--only NAME,…] [--rounds N] [--live-seconds N] [--outages N] [--most-cameras N]`;
 * the overheads and the detector need GATEHOUSE_MEDIA_DIR and GATEHOUSE_MODEL_MIRROR. One intra-op thread,
 * spinning off.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { compareIncidents, farthestApart } from './vision-incidents.ts';
import { startSimulator, visionFlags } from './vision-live.ts';
import { adaptiveDecode, camerasABox, liveStretch, recoveries } from './vision-measures.ts';

const overheadTarget = 1.15;
const fps = 5;
const clipName = 'person-bicycle-car-detection.mp4';
const modelName = 'yolox_nano_dyn.onnx';
const { GATEHOUSE_MEDIA_DIR: media, GATEHOUSE_MODEL_MIRROR: mirror } = process.env;
if (!media || !mirror) {
  console.error('The vision bench needs GATEHOUSE_MEDIA_DIR and GATEHOUSE_MODEL_MIRROR.');
  process.exit(2);
}
const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    'live-seconds': { type: 'string', default: '30' },
    outages: { type: 'string', default: '10' },
    'most-cameras': { type: 'string', default: '16' },
  },
});
const clip = join(media, clipName);
const model = join(mirror, modelName);
const folder = mkdtempSync(join(tmpdir(), 'gh-vision-'));
const env = { ...process.env, GATEHOUSE_STATE_DIR: folder };

/** Runs one measuring program and returns the JSON it prints. */
async function measure(file: string, ...args: (string | number)[]): Promise<Record<string, number>> {
  const command = [...visionFlags, join(import.meta.dirname, file), ...args.map(String)];
  const { stdout } = await promisify(execFile)(process.execPath, command, { env });
  return JSON.parse(stdout);
}

interface FloorOptions {
  readonly frames: number;
  readonly width: number;
  readonly height: number;
  /** Of a live stream. */
  readonly seconds?: number;
  /** Decoders beside one another. */
  readonly cameras?: number;
}

async function floorOf(input: string, { frames, width, height, seconds, cameras = 1 }: FloorOptions) {
  const more = seconds === undefined ? [] : [seconds];
  const decode = () => measure('floors/vision-floor.ts', 'decode', input, fps, width, height, ...more);
  const decodes = await Promise.all(Array.from({ length: cameras }, decode));
  const infer = await measure('floors/vision-floor.ts', 'infer', model, frames, width, height);
  return [...decodes, infer].reduce((sum, { cpuSeconds = Number.NaN }) => sum + cpuSeconds, 0);
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

interface Line {
  readonly value: number;
  readonly unit: string;
  readonly floor?: number;
  readonly ratio?: number;
  readonly target?: number;
  readonly ok: boolean;
}

function print(measure: string, line: Line) {
  const rounded = Object.fromEntries(
    Object.entries(line).map(([key, value]) => [
      key,
      typeof value === 'number' ? Math.round(value * 1000) / 1000 : value,
    ]),
  );
  console.log(JSON.stringify({ bench: 'vision', measure, ...rounded, cores: availableParallelism() }));
  if (!line.ok) process.exitCode = 1;
}

/** A measure that is to be at most `target` times its floor. */
function report(
  name: string,
  rounds: readonly { value: number; floor: number }[],
  unit: string,
  target: number,
) {
  const ratio = median(rounds.map((round) => round.value / round.floor));
  const [value, floor] = [median(rounds.map((r) => r.value)), median(rounds.map((r) => r.floor))];
  print(name, { value, unit, floor, ratio, target, ok: ratio <= target });
}

async function clipRounds() {
  const rounds = [];
  for (let i = 0; i < Number(values.rounds); i++) {
    const {
      cpuSeconds = 0,
      frames = 0,
      width = 0,
      height = 0,
    } = await measure('vision-product.ts', clip, fps);
    rounds.push({ value: cpuSeconds, floor: await floorOf(clip, { frames, width, height }) });
  }
  report('overhead-clip', rounds, 'cpu-s', overheadTarget);
}

async function liveRound(name: string, seconds: number, cameras: number) {
  const simulator = await startSimulator({ gate: clip });
  try {
    const url = simulator.url('gate');
    const { cpuSeconds, frames } = await liveStretch(folder, { url, fps, seconds, cameras });
    const floor = await floorOf(url, { frames, width: 416, height: 256, seconds, cameras });
    report(name, [{ value: cpuSeconds, floor }], 'cpu-s', overheadTarget);
  } finally {
    await simulator.stop();
  }
}

/** A bare loop's wall seconds against the lane's, for as many pictures: 1 would be no loss at all. */
async function efficiencyRounds() {
  const ratios = [];
  for (let i = 0; i < Number(values.rounds); i++) {
    const {
      wallSeconds = 0,
      inferences = 0,
      width = 0,
      height = 0,
    } = await measure('vision-saturation.ts', 5);
    const bare = await measure('floors/vision-floor.ts', 'infer', model, inferences, width, height);
    ratios.push({ value: inferences / wallSeconds, floor: inferences / (bare.wallSeconds ?? Number.NaN) });
  }
  const ratio = median(ratios.map(({ value, floor }) => value / floor));
  const [value, floor] = [median(ratios.map((r) => r.value)), median(ratios.map((r) => r.floor))];
  print('detector-efficiency', { value, unit: '1/s', floor, ratio, target: 0.95, ok: ratio >= 0.95 });
}

async function recovery() {
  const gopS = 1;
  const seconds = (await recoveries(folder, Number(values.outages))).sort((a, b) => a - b);
  const p95 = seconds[Math.ceil(0.95 * seconds.length) - 1] ?? Number.NaN;
  print('recovery-p95', { value: p95, unit: 's', target: 3 + gopS, ok: p95 <= 3 + gopS });
}

const measures: Readonly<Record<string, () => Promise<void>>> = {
  'overhead-clip': clipRounds,
  'overhead-live': () => liveRound('overhead-live', Number(values['live-seconds']), 1),
  'overhead-live-4': () => liveRound('overhead-live-4', Number(values['live-seconds']), 4),
  'adaptive-decode': async () =>
    report('adaptive-decode', [await adaptiveDecode(folder, Number(values['live-seconds']))], 'cpu-s', 0.2),
  'adaptive-incidents': async () => {
    const compared = await compareIncidents(folder, media ?? '');
    const apartS = farthestApart(compared);
    console.log(JSON.stringify({ bench: 'vision', measure: 'adaptive-incidents', ...compared }));
    const asleep = compared.keyframesPart > 0.1;
    print('adaptive-incidents-apart', { value: apartS, unit: 's', target: 2, ok: apartS <= 2 && asleep });
  },
  'detector-efficiency': efficiencyRounds,
  recovery,
  'cameras-a-box': async () => {
    const value = await camerasABox(folder, Number(values['most-cameras']), 10);
    print('cameras-a-box', { value, unit: 'cameras', ok: value > 0 });
  },
};

/** A measure that cannot be taken is a miss that says why; the others are taken all the same. */
async function run(name: string) {
  try {
    const take = measures[name];
    if (!take) throw new Error(`there is no such measure; there are ${Object.keys(measures).join(', ')}`);
    await take();
  } catch (error) {
    const failed = error instanceof Error ? error.message : String(error);
    console.log(JSON.stringify({ bench: 'vision', measure: name, failed, ok: false }));
    process.exitCode = 1;
  }
}

try {
  for (const name of values.only?.split(',') ?? Object.keys(measures)) await run(name);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

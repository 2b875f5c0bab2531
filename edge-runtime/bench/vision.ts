/**
 * Vision bench: CPU-seconds of the product / (ffmpeg pull + decode + scale alone + a bare ORT loop for as many inferences).
 * `overhead-clip`: decoder, detector and tracker over a recorded clip, median of interleaved rounds. `overhead-live`: the whole
 * running service on an RTSP camera at its own pace. One intra-op thread, spinning off.
 *
 * `npm run bench -- vision [--rounds N] [--live-seconds N]`; needs GATEHOUSE_MEDIA_DIR and GATEHOUSE_MODEL_MIRROR.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs, promisify } from 'node:util';
import { liveRun } from './vision-live.ts';

const target = 1.5;
const fps = 5;
const clipName = 'person-bicycle-car-detection.mp4';
const modelName = 'yolox_nano_dyn.onnx';
const { GATEHOUSE_MEDIA_DIR: media, GATEHOUSE_MODEL_MIRROR: mirror } = process.env;
if (!media || !mirror) {
  console.error('The vision bench needs GATEHOUSE_MEDIA_DIR and GATEHOUSE_MODEL_MIRROR.');
  process.exit(2);
}
const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, 'live-seconds': { type: 'string', default: '30' } },
});
const clip = join(media, clipName);
const model = join(mirror, modelName);
const folder = mkdtempSync(join(tmpdir(), 'gh-vision-'));
const env = { ...process.env, GATEHOUSE_STATE_DIR: folder };

/** Runs one measuring program and returns the JSON it prints. */
async function measure(file: string, ...args: (string | number)[]): Promise<Record<string, number>> {
  const command = [join(import.meta.dirname, file), ...args.map(String)];
  const { stdout } = await promisify(execFile)(process.execPath, command, { env });
  return JSON.parse(stdout);
}

async function floorOf(input: string, frames: number, width: number, height: number, seconds?: number) {
  const more = seconds === undefined ? [] : [seconds];
  const decode = await measure('floors/vision-floor.ts', 'decode', input, fps, width, height, ...more);
  const infer = await measure('floors/vision-floor.ts', 'infer', model, frames, width, height);
  return (decode.cpuSeconds ?? Number.NaN) + (infer.cpuSeconds ?? Number.NaN);
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

function report(name: string, rounds: readonly { value: number; floor: number }[]) {
  const ratio = median(rounds.map((round) => round.value / round.floor));
  const three = (value: number) => Math.round(value * 1000) / 1000;
  const [value, floor] = [median(rounds.map((r) => r.value)), median(rounds.map((r) => r.floor))];
  const line = { value: three(value), unit: 'cpu-s', floor: three(floor), ratio: three(ratio), target };
  console.log(JSON.stringify({ bench: 'vision', measure: name, ...line, ok: ratio <= target }));
  if (!(ratio <= target)) process.exitCode = 1;
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
    rounds.push({ value: cpuSeconds, floor: await floorOf(clip, frames, width, height) });
  }
  report('overhead-clip', rounds);
}

async function liveRound(seconds: number) {
  const simulator = spawn(
    process.execPath,
    [join(import.meta.dirname, '../demo/rtsp/main.ts'), '--port', '0', '--stream', `gate=${clip}`],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  try {
    const url = await addressOf(simulator.stdout);
    const { cpuSeconds, frames } = await liveRun(folder, url, fps, seconds);
    report('overhead-live', [{ value: cpuSeconds, floor: await floorOf(url, frames, 416, 256, seconds) }]);
  } finally {
    simulator.kill('SIGTERM');
    await once(simulator, 'exit');
  }
}

async function addressOf(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: output })) {
    const found = /rtsp:\/\/[^\s"]+\/gate/.exec(line);
    if (found) return found[0];
  }
  throw new Error('the camera simulator printed no address');
}

try {
  await clipRounds();
  await liveRound(Number(values['live-seconds']));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

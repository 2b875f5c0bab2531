/**
 * Floor of the vision bench, the least CPU: one ffmpeg that reads, decodes and scales, and a bare
 * onnxruntime loop. Imports nothing of the product except ONNX Runtime itself, with its telemetry off.
 *
 *   node vision-floor.ts decode INPUT FPS WIDTH HEIGHT [SECONDS] (INPUT: file or rtsp:// address)
 *   node vision-floor.ts infer MODEL COUNT WIDTH HEIGHT
 *
 * Prints {"cpuSeconds":N}: user + system, children included, without loading the model; `infer` also
 * {"wallSeconds":N}.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { InferenceSession, Tensor } from '@gatehouse/onnx';

/**
 * User + system seconds of this process and the children it has waited for; proc(5), clock ticks of 10 ms.
 */
function cpuSeconds(): number {
  const stat = readFileSync('/proc/self/stat', 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
}

async function decode(input: string, fps: number, width: number, height: number, seconds?: string) {
  const rtsp = input.startsWith('rtsp:') ? ['-rtsp_transport', 'tcp'] : [];
  const slot = (time: string) => `floor((${time}-start_t)*${fps}+0.05)`;
  const pick = `select='isnan(prev_selected_t)+gt(${slot('t')}\\,${slot('prev_selected_t')})'`;
  const scale = `scale=${width}:${height}:force_original_aspect_ratio=decrease:flags=bilinear`;
  const filter = `${pick},${scale},pad=${width}:${height}:0:0,format=gbrp`;
  const child = spawn(
    'ffmpeg',
    [
      ...['-v', 'error', '-nostdin', '-threads', '1', ...rtsp, '-i', input, '-an'],
      ...(seconds ? ['-t', seconds] : []),
      ...['-filter_threads', '1', '-vf', filter, '-fps_mode', 'passthrough', '-f', 'null', '-'],
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`ffmpeg ended with ${code}`);
}

async function loadModel(model: string, width: number, height: number) {
  const session = await InferenceSession.create(model, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
  });
  const input = session.inputNames[0] ?? 'images';
  const data = new Float32Array(3 * width * height).fill(114);
  return () => session.run({ [input]: new Tensor('float32', data, [1, 3, height, width]) });
}

const [what, subject = '', number = '0', width = '0', height = '0', seconds] = process.argv.slice(2);
if (what === 'decode') {
  const before = cpuSeconds();
  await decode(subject, Number(number), Number(width), Number(height), seconds);
  console.log(JSON.stringify({ cpuSeconds: cpuSeconds() - before }));
} else {
  const infer = await loadModel(subject, Number(width), Number(height));
  await infer();
  const [before, startMs] = [cpuSeconds(), performance.now()];
  for (let i = 0; i < Number(number); i++) await infer();
  const wallSeconds = (performance.now() - startMs) / 1000;
  console.log(JSON.stringify({ cpuSeconds: cpuSeconds() - before, wallSeconds }));
}

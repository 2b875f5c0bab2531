import { type Clock, systemCode } from '@gatehouse/kit';
import { FfmpegChild } from '../ffmpeg/child.ts';
import { concatScript } from '../puller/concat-script.ts';
import { CameraFault } from '../rtsp/camera-fault.ts';
import type { CameraSource } from '../rtsp/camera-source.ts';
import { CameraRelay } from '../rtsp/relay.ts';
import { ReferenceTimes } from './reference-times.ts';

/** A look takes so long, seconds: cameras send their clock about every 5 s (RFC 3550 6.2). */
const usualLookS = 12;

/**
 * A camera's wall clock minus the box's, milliseconds, read from the RTCP sender reports on a short
 * connection of its own; undefined when it gave no picture. ffmpeg tells of the reports in no other way than
 * as producer reference times in an MP4. It puts its own time on pictures before the first report, so the
 * farthest offset counts, and a camera that sends none counts as right.
 */
export async function readClockOffset(
  source: CameraSource,
  clock: Clock,
  signal: AbortSignal,
  lookS = usualLookS,
): Promise<number | undefined> {
  let relay: CameraRelay;
  try {
    relay = await CameraRelay.open({ source, clock, signal });
  } catch (error) {
    if (error instanceof CameraFault || systemCode(error) !== undefined) return undefined;
    throw error;
  }
  try {
    return await farthestOffset(relay.url, clock, signal, lookS);
  } finally {
    relay.close();
  }
}

async function farthestOffset(
  url: string,
  clock: Clock,
  signal: AbortSignal,
  lookS: number,
): Promise<number | undefined> {
  let farthest: number | undefined;
  const times = new ReferenceTimes();
  const child = new FfmpegChild({ args: clockArgs(lookS) });
  child.stdin.end(concatScript(url));
  child.stdout.on('data', (chunk: Buffer) => {
    for (const atMs of times.push(chunk)) {
      const offsetMs = atMs - clock.epochMs();
      if (farthest === undefined || Math.abs(offsetMs) > Math.abs(farthest)) farthest = offsetMs;
    }
  });
  const end = () => child.kill();
  signal.addEventListener('abort', end, { once: true });
  // A camera that accepts and sends nothing.
  const cancel = clock.after(2 * lookS * 1000, end);
  if (signal.aborted) end();
  await child.exited;
  cancel();
  signal.removeEventListener('abort', end);
  return farthest;
}

function clockArgs(lookS: number): string[] {
  return [
    ...['-loglevel', 'error', '-fpsprobesize', '0', '-analyzeduration', '500000'],
    ...['-f', 'concat', '-safe', '0', '-protocol_whitelist', 'pipe,rtsp,tcp', '-i', 'pipe:0'],
    // Keyframes are enough, and MP4 refuses pictures whose order of decoding is not known yet.
    ...['-map', '0:v:0', '-c', 'copy', '-bsf:v', 'noise=drop=not(key)', '-t', String(lookS)],
    ...['-movflags', 'frag_every_frame+empty_moov+default_base_moof', '-write_prft', 'wallclock'],
    ...['-f', 'mp4', 'pipe:1'],
  ];
}

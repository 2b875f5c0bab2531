import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { errorOf, type GatehouseError } from '@gatehouse/kit';
import { loadScenario, scenarioFile, sidecarOf, worldOf } from '../scenario/index.ts';
import type { LabelFrame } from '../world.ts';
import type { Progress } from './progress.ts';
import type { Studio } from './studio.ts';

/**
 * Quality of the encoder: at 30 a minute of 640x360 takes 1 to 2.5 MB, with the artefacts of a cheap camera's
 * stream.
 */
const crf = 30;

export interface ClipFiles {
  readonly video: string;
  readonly labels: string;
  readonly sidecar: string;
}

/** The files of a scenario's clip in a folder. */
export function clipFiles(name: string, folder: string): ClipFiles {
  return {
    video: join(folder, `${name}.mp4`),
    labels: join(folder, `${name}.labels.jsonl.gz`),
    sidecar: join(folder, `${name}.json`),
  };
}

/** Throws `SIM_NO_FFMPEG` unless ffmpeg is there and encodes H.264. */
export function requireFfmpeg(): void {
  const { error, stdout } = spawnSync('ffmpeg', ['-hide_banner', '-encoders'], { encoding: 'utf8' });
  if (!error && stdout.includes('libx264')) return;
  throw errorOf('SIM_NO_FFMPEG');
}

/**
 * Renders a scenario (a name or a YAML file) into a folder: H.264 with a key frame every 2 s, labels,
 * sidecar. With `video` false only the last two. Files appear under their names when they are whole. Throws
 * as `loadScenario`, and `SIM_ENCODER_FAILED`.
 */
export async function renderClip(
  studio: Studio,
  scenario: string,
  {
    folder,
    video,
    progress,
  }: { readonly folder: string; readonly video: boolean; readonly progress: Progress },
): Promise<ClipFiles> {
  const loaded = loadScenario(scenarioFile(scenario));
  const sidecar = sidecarOf(loaded);
  const { world, momentAt } = worldOf(loaded);
  const { fps, durationS } = loaded.scenario;
  const files = clipFiles(loaded.name, folder);
  mkdirSync(folder, { recursive: true });
  await studio.setWorld(world);
  const frames = Math.round(durationS * fps);
  const lines: string[] = [];
  const part = `${files.video}.part`;
  const encoder = video ? new Encoder(part, world.view.widthPx, world.view.heightPx, fps) : undefined;
  try {
    for (let frame = 0; frame < frames; frame++) {
      const moment = momentAt(frame / fps);
      const shot = encoder ? await studio.draw(moment, world.view, frame) : undefined;
      if (shot) await encoder?.write(shot.pixels);
      const labels = shot ? shot.labels : await studio.label(moment, world.view);
      const line: LabelFrame = { frame, tS: moment.tS, labels };
      lines.push(JSON.stringify(line));
      progress.at(frame + 1, frames);
    }
    await encoder?.end();
  } catch (error) {
    encoder?.kill();
    rmSync(part, { force: true });
    throw error;
  }
  if (encoder) renameSync(part, files.video);
  await writeFile(files.labels, await promisify(gzip)(`${lines.join('\n')}\n`, { level: 9 }));
  await writeFile(files.sidecar, `${JSON.stringify(sidecar, null, 2)}\n`);
  return files;
}

/** ffmpeg that takes raw pictures and writes a clip. */
class Encoder {
  readonly #process: ChildProcess;
  readonly #ended: Promise<number | null>;
  #complaint = '';

  constructor(file: string, width: number, height: number, fps: number) {
    const input = [
      '-f',
      'rawvideo',
      '-pix_fmt',
      'rgba',
      '-s',
      `${width}x${height}`,
      '-r',
      String(fps),
      '-i',
      'pipe:0',
    ];
    const gop = String(Math.max(1, Math.round(2 * fps)));
    const codec = [
      '-c:v',
      'libx264',
      '-preset',
      'medium',
      '-crf',
      String(crf),
      '-pix_fmt',
      'yuv420p',
      '-profile:v',
      'main',
    ];
    // No B-frames and fixed key frames, as cameras send; one thread, so that the same pictures make the same
    // file.
    const stream = ['-bf', '0', '-g', gop, '-keyint_min', gop, '-sc_threshold', '0', '-threads', '1'];
    const output = ['-fflags', '+bitexact', '-movflags', '+faststart', '-f', 'mp4', '-y', file];
    this.#process = spawn('ffmpeg', ['-loglevel', 'error', ...input, ...codec, ...stream, ...output], {
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    this.#process.stderr?.on('data', (text: Buffer) => {
      this.#complaint = `${this.#complaint}${text.toString()}`.slice(-500);
    });
    // The exit status tells the fault; a pipe that breaks first would hide it.
    this.#process.stdin?.on('error', (error) => {
      this.#complaint ||= error.message;
    });
    this.#ended = once(this.#process, 'exit').then(([code]) => code as number | null);
  }

  async write(pixels: Buffer): Promise<void> {
    const { stdin } = this.#process;
    if (stdin?.writable && !stdin.write(pixels)) await Promise.race([once(stdin, 'drain'), this.#ended]);
    if (this.#process.exitCode !== null) throw this.#failed();
  }

  async end(): Promise<void> {
    this.#process.stdin?.end();
    if ((await this.#ended) !== 0) throw this.#failed();
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }

  #failed(): GatehouseError {
    return errorOf('SIM_ENCODER_FAILED', {
      reason: this.#complaint.trim().split('\n').at(-1) ?? 'no reason given',
    });
  }
}

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Runs ffmpeg or ffprobe and returns its output; a missing program fails the test with one clear line. */
export function tool(name: 'ffmpeg' | 'ffprobe', args: readonly string[]): string {
  try {
    return execFileSync(name, ['-v', 'error', ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 64 * 1024 * 1024,
    });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw new Error(`${name} is missing: apt-get install ffmpeg`);
    throw error;
  }
}

export interface DrawOptions {
  readonly encoder?: 'libx264' | 'libx265';
  readonly source?: string;
  readonly args?: readonly string[];
}

/**
 * A folder of small clips drawn by ffmpeg: 25 frames a second, a keyframe every 10 frames, B-frames in
 * between.
 */
export class ClipFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'rtsp-test-'));
  draw(name: string, options: DrawOptions = {}): string {
    const { encoder = 'libx264', source = 'testsrc2=size=160x120:rate=25:duration=1.2', args = [] } = options;
    const file = join(this.path, name);
    const gop =
      encoder === 'libx265'
        ? ['-x265-params', 'log-level=error:keyint=10:min-keyint=10:bframes=2:open-gop=0:pools=1']
        : ['-g', '10', '-bf', '2'];
    const input = ['-y', '-f', 'lavfi', '-i', source];
    tool('ffmpeg', [...input, '-c:v', encoder, '-pix_fmt', 'yuv420p', ...gop, ...args, file]);
    return file;
  }
  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** MD5 of each decoded picture, by ffmpeg. `input` holds the options that belong before `-i`. */
export function pictures(input: readonly string[], limit?: number): string[] {
  const frames = limit === undefined ? [] : ['-frames:v', String(limit)];
  const out = tool('ffmpeg', [...input, ...frames, '-fps_mode', 'passthrough', '-f', 'framemd5', '-']);
  return out.split('\n').flatMap((line) => (/^\d/.test(line) ? [line.split(',').at(-1)?.trim() ?? ''] : []));
}

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface ClipOptions {
  readonly codec?: 'libx264' | 'libx265';
  readonly size?: string;
  readonly seconds?: number;
  readonly fps?: number;
  readonly gop?: number;
  readonly extra?: readonly string[];
}

/** Writes a small test clip with ffmpeg's test picture; the name's ending says the container. */
export function makeClip(file: string, options: ClipOptions = {}): string {
  const { codec = 'libx264', size = '320x180', seconds = 4, fps = 10, gop = fps, extra = [] } = options;
  const keyframes =
    codec === 'libx264'
      ? ['-g', `${gop}`, '-keyint_min', `${gop}`, '-sc_threshold', '0', '-bf', '0']
      : ['-x265-params', `log-level=error:keyint=${gop}:min-keyint=${gop}:bframes=0`];
  execFileSync(
    'ffmpeg',
    [
      ...['-v', 'error', '-y', '-f', 'lavfi', '-i', `testsrc=size=${size}:rate=${fps}`, '-t', `${seconds}`],
      ...['-c:v', codec, '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', ...keyframes, ...extra, file],
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  return file;
}

/** The bytes of a test clip as MPEG-TS. */
export function makeTransportStream(folder: string, options: ClipOptions = {}): Buffer {
  return readFileSync(makeClip(join(folder, 'clip.ts'), options));
}

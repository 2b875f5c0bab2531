import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import type { InputShape } from '../detector.ts';
import type { LabelledMedia } from './labels.ts';

/**
 * Decodes a clip or photograph at its labels' times, scaled for a model as the service's decoder scales.
 * Yields one `gbrp` frame a label until either runs out; the buffer is used again for the next. Throws when
 * ffmpeg fails.
 */
export async function* labelledFrames(media: LabelledMedia, input: InputShape): AsyncGenerator<Uint8Array> {
  const bytes = input.width * input.height * 3;
  const child = spawn('ffmpeg', ffmpegArguments(media, input), { stdio: ['pipe', 'pipe', 'pipe'] });
  // A list of pictures is read from standard input; ffmpeg may end before it has read all of it, and then
  // says why itself.
  child.stdin.on('error', () => undefined);
  child.stdin.end((media.pictures ?? []).map(listLine).join(''));
  let complaint = '';
  child.stderr.on('data', (chunk) => {
    complaint = `${complaint}${chunk}`.slice(-500);
  });
  const ended = once(child, 'close');
  const frame = Buffer.alloc(bytes);
  let filled = 0;
  try {
    for await (const chunk of child.stdout) {
      for (let at = 0; at < chunk.length; ) {
        const copied = chunk.copy(frame, filled, at, at + bytes - filled);
        at += copied;
        filled += copied;
        if (filled < bytes) continue;
        yield frame;
        filled = 0;
      }
    }
    const [code] = await ended;
    if (code !== 0) throw new Error(`ffmpeg could not decode ${media.file}: ${complaint.trim()}`);
  } finally {
    child.kill();
  }
}

/**
 * A line of an ffconcat script; without the protocol ffmpeg looks for the file behind the pipe that the
 * script comes from.
 */
function listLine(file: string): string {
  return `file 'file:${resolve(file).replaceAll("'", "'\\''")}'\n`;
}

function ffmpegArguments(
  { file, pictures, stepS, frames }: LabelledMedia,
  { width, height, fit, pad }: InputShape,
): string[] {
  const grey = pad.toString(16).padStart(2, '0').repeat(3);
  const filters = [
    // The frame shown at the label's time: half a frame of 30 fps early, because timestamps are rounded to
    // milliseconds.
    ...(pictures ? [] : ['setpts=PTS-STARTPTS', `select='gte(t\\,selected_n*${stepS}-0.017)'`]),
    ...(fit === 'letterbox'
      ? [
          `scale=${width}:${height}:force_original_aspect_ratio=decrease:flags=bilinear`,
          `pad=${width}:${height}:0:0:color=0x${grey}`,
        ]
      : [`scale=${width}:${height}:flags=bilinear`]),
    'format=gbrp',
  ];
  const output = ['-frames:v', String(frames.length), '-fps_mode', 'passthrough', '-f', 'rawvideo', 'pipe:1'];
  const list = ['-f', 'concat', '-safe', '0', '-protocol_whitelist', 'file,pipe', '-i', 'pipe:0'];
  const source = pictures ? list : ['-nostdin', '-i', file];
  return ['-v', 'error', ...source, '-an', '-vf', filters.join(','), ...output];
}

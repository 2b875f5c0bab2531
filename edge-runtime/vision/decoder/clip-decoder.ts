import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { errorOf, GatehouseError, systemCode } from '@gatehouse/kit';
import type { DetectorFrame, InputShape } from '../detect/detector.ts';
import { FfmpegChild } from '../ffmpeg/child.ts';
import { parseVideoInfo, pictureLimit, type VideoInfo } from '../ffmpeg/video-info.ts';
import { analysisFilter, frameBytes, rawOutput, ticksPerSecond } from './filter.ts';
import { FrameOutput, readFrames } from './frame-reader.ts';
import type { DecodeAttempt, StreamDecode } from './hardware-decode.ts';

/** A frame of a recorded clip at the detector's input shape. `planes` is used again for the next frame. */
export interface ClipFrame extends DetectorFrame {
  /** Milliseconds from the clip's start. */
  readonly atMs: number;
}

export interface DecodeClipOptions {
  readonly file: string;
  readonly input: InputShape;
  /** Most frames a second of clip time. */
  readonly fps: number;
  /** In hardware, where the site wants it and it works; in software if absent. */
  readonly hardware?: StreamDecode | undefined;
  readonly signal?: AbortSignal;
}

/**
 * Decodes a recorded clip as fast as its consumer takes the frames, on the clip's own timestamps. Throws
 * `CLIP_MISSING` or `CLIP_UNREADABLE`. Stopping the iteration ends ffmpeg.
 */
export async function* decodeClip(options: DecodeClipOptions): AsyncGenerator<ClipFrame> {
  const { hardware, signal } = options;
  const path = existingFile(options.file);
  const first = hardware?.attempt();
  try {
    yield* decodeOnce(path, options, first);
  } catch (error) {
    if (signal?.aborted || !first?.ended()) throw error;
    yield* decodeOnce(path, options, hardware?.attempt());
  }
}

async function* decodeOnce(
  path: string,
  { file, input, fps, signal }: DecodeClipOptions,
  attempt: DecodeAttempt | undefined,
): AsyncGenerator<ClipFrame> {
  const found = Promise.withResolvers<VideoInfo | undefined>();
  const output = await FrameOutput.open(frameBytes(input));
  const child = new FfmpegChild({
    args: [
      // Nothing but files: a playlist in disguise must not make ffmpeg call out.
      ...['-nostdin', '-loglevel', 'info', '-protocol_whitelist', 'file', '-noautorotate', '-threads', '1'],
      ...pictureLimit,
      ...(attempt?.args ?? []),
      ...['-i', `file:${path}`, '-map', '0:v:0', '-an', '-sn', '-dn', '-filter_threads', '1'],
      ...['-vf', analysisFilter(input, fps), ...rawOutput],
    ],
    output: output.inlet,
    sideChannel: true,
    onLine: (line) => {
      attempt?.heard(line);
      const info = parseVideoInfo(line);
      if (info) found.resolve(info);
    },
  });
  void child.exited.then(() => found.resolve(undefined));
  const abort = () => child.kill();
  signal?.addEventListener('abort', abort, { once: true });
  let frames = 0;
  try {
    signal?.throwIfAborted();
    if (!child.sideChannel) throw new TypeError('ffmpeg was started without its side channel');
    for await (const frame of readFrames(output, child.sideChannel)) {
      const source = await found.promise;
      if (!source) break;
      frames++;
      attempt?.gaveFrame();
      yield {
        atMs: Math.max(0, (frame.ticks * 1000) / ticksPerSecond),
        planes: frame.planes,
        sourceWidth: source.width,
        sourceHeight: source.height,
      };
    }
    const { code } = await child.exited;
    signal?.throwIfAborted();
    if (code !== 0 || frames === 0) throw child.failure ?? unreadable(file, child.tail);
  } finally {
    signal?.removeEventListener('abort', abort);
    child.kill();
    await child.exited;
  }
}

function existingFile(file: string): string {
  const path = resolve(file);
  const problem = (what: string, cause?: unknown) => errorOf('CLIP_MISSING', { file, what }, { cause });
  try {
    if (!statSync(path).isFile()) throw problem('not a file');
  } catch (cause) {
    if (cause instanceof GatehouseError) throw cause;
    throw problem(systemCode(cause) ?? 'error', cause);
  }
  return path;
}

function unreadable(file: string, stderr: string): GatehouseError {
  const last = stderr.trim().split('\n').at(-1) ?? '';
  return errorOf('CLIP_UNREADABLE', { file, reason: last ? ` (ffmpeg: ${last.slice(0, 200)})` : '' });
}

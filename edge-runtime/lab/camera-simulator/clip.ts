import { execFile } from 'node:child_process';
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Codec, DecoderConfig } from './nal.ts';
import { parseAvcC, parseHvcC, splitSample, withParameterSets } from './nal.ts';

const run = promisify(execFile);

/** The report of ffprobe about the first video stream of a file. */
export interface VideoInfo {
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  readonly container: string;
  readonly extradata: Buffer;
}

/** One sample of the file. Times are seconds; the first picture shown is at `ptsS` 0. */
export interface ClipUnit {
  readonly ptsS: number;
  readonly dtsS: number;
  readonly key: boolean;
  readonly offset: number;
  readonly size: number;
}

/** An MP4 file of H.264 or H.265, indexed by ffprobe and read by byte ranges; nothing is decoded. */
export class Clip {
  readonly file: string;
  readonly config: DecoderConfig;
  readonly info: VideoInfo;
  readonly units: readonly ClipUnit[];
  readonly durationS: number;
  readonly #handle: FileHandle;
  private constructor(file: string, info: VideoInfo, handle: FileHandle, index: ClipIndex) {
    this.file = file;
    this.info = info;
    this.config = decoderConfig(info);
    this.units = index.units;
    this.durationS = index.durationS;
    this.#handle = handle;
  }

  /** Opens and indexes a file that `probe` found fit; throws naming the file if it has no keyframe. */
  static async open(file: string, info: VideoInfo): Promise<Clip> {
    const index = await indexOf(file);
    if (!index.units.some((unit) => unit.key)) throw new Error(`${file} holds no keyframe`);
    return new Clip(file, info, await open(file, 'r'), index);
  }

  /** Reads one access unit as the NAL units to send. */
  async read(unit: ClipUnit): Promise<Buffer[]> {
    const sample = Buffer.alloc(unit.size);
    const { bytesRead } = await this.#handle.read(sample, 0, unit.size, unit.offset);
    if (bytesRead !== unit.size) throw new Error(`${this.file} ends inside a sample at byte ${unit.offset}`);
    return withParameterSets(this.config, splitSample(sample, this.config.lengthSize), unit.key);
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

export function codecOf(info: VideoInfo): Codec | undefined {
  if (info.codec === 'h264') return 'h264';
  return info.codec === 'hevc' ? 'h265' : undefined;
}

function decoderConfig(info: VideoInfo): DecoderConfig {
  return codecOf(info) === 'h265' ? parseHvcC(info.extradata) : parseAvcC(info.extradata);
}

/** Looks at a file with ffprobe. Throws one line that names the file. */
export async function probe(file: string): Promise<VideoInfo> {
  const fields = 'stream=codec_name,width,height,extradata:format=format_name';
  const json = await ffprobe(file, ['-show_entries', fields, '-show_data', '-of', 'json']);
  const { streams, format } = JSON.parse(json);
  const stream = streams?.[0];
  if (!stream) throw new Error(`${file} has no video stream`);
  return {
    codec: stream.codec_name,
    width: stream.width,
    height: stream.height,
    container: format.format_name,
    extradata: parseHexDump(stream.extradata ?? ''),
  };
}

interface ClipIndex {
  readonly units: readonly ClipUnit[];
  readonly durationS: number;
}

async function indexOf(file: string): Promise<ClipIndex> {
  const entries = 'stream=time_base:packet=pts,dts,duration,pos,size,flags';
  const { streams, packets } = JSON.parse(await ffprobe(file, ['-show_entries', entries, '-of', 'json']));
  const [numerator, denominator] = String(streams[0].time_base).split('/').map(Number);
  const tickS = (numerator ?? 1) / (denominator ?? 1);
  const first = Math.min(...packets.map((p: { pts: number }) => p.pts));
  const end = Math.max(...packets.map((p: { pts: number; duration?: number }) => p.pts + (p.duration ?? 0)));
  const units = packets.map((p: Record<string, string | number>) => ({
    ptsS: (Number(p.pts) - first) * tickS,
    dtsS: (Number(p.dts) - first) * tickS,
    key: String(p.flags).startsWith('K'),
    offset: Number(p.pos),
    size: Number(p.size),
  }));
  return { units, durationS: (end - first) * tickS };
}

async function ffprobe(file: string, args: readonly string[]): Promise<string> {
  const quiet = ['-v', 'error', '-select_streams', 'v:0'];
  try {
    const { stdout } = await run('ffprobe', [...quiet, ...args, '--', file], {
      maxBuffer: 256 * 1024 * 1024,
    });
    return stdout;
  } catch (cause) {
    throw new Error(`ffprobe cannot read ${file}: ${firstLine(cause)}`, { cause });
  }
}

/** The last line that a failed program wrote, or why it did not run. */
export function firstLine(cause: unknown): string {
  const stderr = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : '';
  const text = stderr || (cause instanceof Error ? cause.message : String(cause));
  return text.split('\n').at(-1) ?? text;
}

/** `00000000: 0164 0016 ffe1  .d....` (ffprobe -show_data) to bytes. */
function parseHexDump(dump: string): Buffer {
  const hex = dump
    .split('\n')
    .map((line) => /^[0-9a-f]{8}: ((?:[0-9a-f]{2,4} )+)/.exec(line)?.[1]?.replaceAll(' ', '') ?? '')
    .join('');
  return Buffer.from(hex, 'hex');
}

import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { VideoInfo } from './clip.ts';
import { Clip, codecOf, firstLine, probe } from './clip.ts';

const run = promisify(execFile);

/** Clips that can follow one another in one stream, and the folder of those that had to be converted. */
export interface PreparedClips {
  readonly clips: readonly Clip[];
  close(): Promise<void>;
}

/**
 * Opens a playlist. A file that is no MP4 is repackaged without re-encoding. A file whose codec or size is
 * not the first clip's is transcoded to that, and `say` reports it. Throws one line that names the file.
 */
export async function prepareClips(
  files: readonly string[],
  say: (line: string) => void,
): Promise<PreparedClips> {
  const clips: Clip[] = [];
  let workDir: string | undefined;
  const makeTarget = async (name: string) => {
    workDir ??= await mkdtemp(join(tmpdir(), 'camera-simulator-'));
    return join(workDir, name);
  };
  const close = async () => {
    for (const clip of clips) await clip.close();
    if (workDir) await rm(workDir, { recursive: true, force: true });
  };
  try {
    for (const [i, file] of files.entries()) {
      const ready = await convert(file, () => makeTarget(`${i}.mp4`), clips[0]?.info, say);
      clips.push(await Clip.open(ready, await probe(ready)));
    }
    return { clips, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function convert(
  file: string,
  makeTarget: () => Promise<string>,
  like: VideoInfo | undefined,
  say: (line: string) => void,
): Promise<string> {
  const info = await probe(file);
  const wanted = like ?? info;
  const fits =
    codecOf(info) !== undefined &&
    info.codec === wanted.codec &&
    info.width === wanted.width &&
    info.height === wanted.height;
  if (fits && info.container.includes('mp4')) return file;
  const target = await makeTarget();
  if (fits) {
    await ffmpeg(file, ['-c', 'copy', target]);
    return target;
  }
  const h265 = wanted.codec === 'hevc';
  say(
    `${file} is ${info.codec} ${info.width}x${info.height}: transcoding to ${h265 ? 'H.265' : 'H.264'} ${wanted.width}x${wanted.height} (once, at load)`,
  );
  const encoder = h265 ? ['libx265', '-x265-params', 'log-level=error:pools=1'] : ['libx264'];
  const scale = `scale=${wanted.width}:${wanted.height},format=yuv420p`;
  await ffmpeg(file, ['-vf', scale, '-c:v', ...encoder, '-preset', 'veryfast', '-g', '48', target]);
  return target;
}

async function ffmpeg(file: string, args: readonly string[]): Promise<void> {
  try {
    await run('ffmpeg', ['-v', 'error', '-nostdin', '-i', file, '-map', '0:v:0', '-an', ...args]);
  } catch (cause) {
    throw new Error(`ffmpeg cannot convert ${file}: ${firstLine(cause)}`, { cause });
  }
}

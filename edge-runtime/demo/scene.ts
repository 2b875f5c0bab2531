import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { access, rename } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { GatehouseError } from '@gatehouse/kit';

const run = promisify(execFile);

/** The real clips of the demo, in playing order: a car stands for 75 s, then the same place stays empty for 60 s. */
const realClips = ['car_stop_75s.mp4', 'empty_lot_60s.mp4'];

export interface Scene {
  readonly clips: readonly string[];
  /** False: a drawing, in which no model finds a vehicle. */
  readonly real: boolean;
}

/**
 * What the demo camera plays: the real clips of `GATEHOUSE_MEDIA_DIR`, else a scene drawn by ffmpeg into
 * `drawnFile`. Throws `DEMO_CLIP_MISSING` if the folder is named but holds no such clip, `DEMO_SCENE_FAILED`.
 */
export async function chooseScene(mediaDir: string | undefined, drawnFile: string): Promise<Scene> {
  if (mediaDir) return { clips: await findClips(resolve(mediaDir)), real: true };
  if (!existsSync(drawnFile)) await drawScene(drawnFile);
  return { clips: [drawnFile], real: false };
}

async function findClips(folder: string): Promise<string[]> {
  const files = realClips.map((name) => join(folder, name));
  for (const file of files)
    await access(file).catch((cause) => {
      throw new GatehouseError(
        'DEMO_CLIP_MISSING',
        'input',
        `the demo clip ${file} cannot be read.`,
        'Set GATEHOUSE_MEDIA_DIR to the folder that holds it, or unset it to see a drawn scene.',
        { cause },
      );
    });
  return files;
}

/** A grey yard with a lane, and a box that drives in, stands and drives off; 40 s, 12 frames a second, 2 s GOP. */
async function drawScene(file: string): Promise<void> {
  const yard = 'color=c=0x6b705c:size=640x360:rate=12:duration=40';
  const car = 'color=c=0xb23a48:size=120x60:rate=12:duration=40';
  const x = "'if(lt(t,5),640-100*t,if(lt(t,30),140,140-100*(t-30)))'";
  const filter = `[0]drawbox=x=0:y=60:w=iw:h=140:color=0x3d405b:t=fill[yard];[yard][1]overlay=x=${x}:y=100`;
  const drawn = `${file}.new.mp4`;
  const inputs = ['-f', 'lavfi', '-i', yard, '-f', 'lavfi', '-i', car];
  const output = ['-c:v', 'libx264', '-preset', 'veryfast', '-g', '24', '-pix_fmt', 'yuv420p', drawn];
  try {
    await run('ffmpeg', ['-v', 'error', '-nostdin', '-y', ...inputs, '-filter_complex', filter, ...output]);
    await rename(drawn, file);
  } catch (cause) {
    throw new GatehouseError(
      'DEMO_SCENE_FAILED',
      'environment',
      `ffmpeg cannot draw the demo scene ${file}.`,
      'Install the Debian package ffmpeg, or set GATEHOUSE_MEDIA_DIR to a folder of real clips.',
      { cause },
    );
  }
}

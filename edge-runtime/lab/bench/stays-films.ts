import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { seededRandom } from '@gatehouse/kit';
import type { QuietClip } from './stays-clips.ts';

const run = promisify(execFile);

/** Brightness, gamma and contrast as ffmpeg's filter `eq` takes them. */
interface Light {
  readonly brightness: number;
  readonly gamma: number;
  readonly contrast: number;
}

/** One pass of a clip, and how its picture is disturbed. Times are seconds of the pass. */
export interface Pass {
  /** The light changes evenly from the one to the other; the next pass begins where this one ends. */
  readonly from: Light;
  readonly to: Light;
  /** A slow wave of the exposure: brightness, and whole waves a pass. */
  readonly wave: { readonly height: number; readonly count: number };
  /** A lamp, a headlight or a cloud: added brightness from its first to its last second. */
  readonly lamp: { readonly height: number; readonly fromS: number; readonly toS: number };
  /** Strength of the sensor's noise, in levels of 255. */
  readonly noise: number;
  readonly noiseSeed: number;
  /** The camera shakes: part of the picture's width, and shakes a second. */
  readonly shake: { readonly reach: number; readonly aSecond: number };
}

export interface Film {
  readonly clip: QuietClip;
  readonly passes: readonly Pass[];
  readonly lengthS: number;
}

/**
 * A film of at least `leastS` seconds: whole passes of a clip. The same seed, clip and number give the same
 * film, and a longer one begins with the shorter one.
 */
export function filmOf(clip: QuietClip, seed: number, number: number, leastS: number): Film {
  const random = seededRandom(seedOf(`${seed}/${clip.file}/${number}`));
  const between = (low: number, high: number) => low + random() * (high - low);
  const light = (): Light => ({
    brightness: between(-0.08, 0.08),
    gamma: between(0.7, 1.4),
    contrast: between(0.85, 1.15),
  });
  let from = light();
  const passes = Array.from({ length: Math.ceil(leastS / clip.lengthS) }, (): Pass => {
    const to = light();
    const lampFromS = between(0, 0.9) * clip.lengthS;
    const pass: Pass = {
      from,
      to,
      wave: { height: between(0, 0.04), count: Math.ceil(between(0, clip.lengthS / 15)) },
      lamp: { height: between(-0.06, 0.12), fromS: lampFromS, toS: lampFromS + between(1, 40) },
      noise: Math.round(between(2, 14)),
      noiseSeed: Math.round(between(0, 1e6)),
      shake: { reach: between(0, 0.004), aSecond: between(0.1, 2) },
    };
    from = to;
    return pass;
  });
  return { clip, passes, lengthS: passes.length * clip.lengthS };
}

/** FNV-1a: short names of films give seeds that have nothing to do with each other. */
function seedOf(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(name)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** The filters of a pass; sizes in pixels. */
export function filtersOf(
  pass: Pass,
  { lengthS }: QuietClip,
  size: { width: number; height: number },
): string {
  const { from, to, wave, lamp, noise, noiseSeed, shake } = pass;
  const ramp = (name: keyof Light) => {
    const slope = (to[name] - from[name]) / lengthS;
    return `${from[name].toFixed(5)}+(${slope.toFixed(7)})*t`;
  };
  const waves = `${wave.height.toFixed(5)}*sin(${((wave.count * 2 * Math.PI) / lengthS).toFixed(5)}*t)`;
  const shone = `(${lamp.height.toFixed(5)})*gte(t,${lamp.fromS.toFixed(2)})*lt(t,${lamp.toS.toFixed(2)})`;
  const brightness = `${ramp('brightness')}+${waves}+${shone}`;
  const reach = Math.max(1, Math.round(shake.reach * size.width));
  const sway = (perSecond: number) => `${reach}+${reach}*sin(${(perSecond * 2 * Math.PI).toFixed(4)}*t)`;
  return [
    `fps=${filmFps}`,
    `eq=eval=frame:brightness='${brightness}':gamma='${ramp('gamma')}':contrast='${ramp('contrast')}'`,
    // Two frequencies without a common measure: the picture never comes back to the same place.
    `crop=w=iw-${2 * reach}:h=ih-${2 * reach}:x='${sway(shake.aSecond)}':y='${sway(shake.aSecond * 1.37)}':exact=1`,
    `scale=${size.width}:${size.height}`,
    `noise=alls=${noise}:allf=t:all_seed=${noiseSeed}`,
  ].join(',');
}

/** Pictures a second of a film, as a slow camera sends them. */
const filmFps = 12;

/** Encodes a film as a camera would, a keyframe every 2 s; returns its file in `folder`. */
export async function drawFilm(
  { clip, passes }: Film,
  media: string,
  size: { width: number; height: number },
  folder: string,
): Promise<string> {
  const lines: string[] = [];
  for (const [n, pass] of passes.entries()) {
    const file = join(folder, `pass-${n}.mp4`);
    await run('ffmpeg', [
      ...['-nostdin', '-v', 'error', '-y', '-i', join(media, clip.file), '-an'],
      ...['-vf', filtersOf(pass, clip, size), '-pix_fmt', 'yuv420p'],
      ...[
        '-c:v',
        'libx264',
        '-preset',
        'veryfast',
        '-crf',
        '27',
        '-bf',
        '0',
        '-g',
        String(2 * filmFps),
        file,
      ],
    ]);
    lines.push(`file '${file}'\n`);
  }
  const list = join(folder, 'passes.txt');
  await writeFile(list, lines.join(''));
  const film = join(folder, 'film.mp4');
  const joined = ['-f', 'concat', '-safe', '0', '-i', list, '-c', 'copy', film];
  await run('ffmpeg', ['-nostdin', '-v', 'error', '-y', ...joined]);
  return film;
}

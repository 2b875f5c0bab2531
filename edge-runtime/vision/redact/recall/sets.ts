import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '@gatehouse/kit';
import sharp from 'sharp';

/** Pictures of one kind. */
export interface StillSet {
  readonly name: string;
  readonly stills: readonly Buffer[];
  /** All stills were turned clockwise by so many degrees; upright if absent. */
  readonly turn?: number;
}

/** Real footage with people in it, by what is hard about it; `everyS`: seconds between two frames. */
const sources = [
  { name: 'group', files: /^nasa_group\.jpg$/, everyS: 0 },
  { name: 'turning heads', files: /^head-pose-face-detection-.*\.mp4$/, everyS: 1 },
  { name: 'walking', files: /^face-demographics-walking.*\.mp4$/, everyS: 1 },
  { name: 'one face', files: /^asl_.*\.mkv$/, everyS: 0.5 },
  { name: 'at a table, from above', files: /^one-by-one-person-detection\.mp4$/, everyS: 6 },
  { name: 'shop', files: /^store-aisle-detection_pingpong_60s\.mp4$/, everyS: 4 },
  { name: 'worker', files: /^worker-zone-detection_pingpong\.mp4$/, everyS: 1 },
  { name: 'street', files: /^(person-bicycle-car-detection|car_stop_75s)\.mp4$/, everyS: 4 },
];

export interface SetChoice {
  /** Keeps every n-th frame of a set; all of them if absent. */
  readonly thin?: number;
  /** Names of the sets; all of them if absent. */
  readonly only?: readonly string[];
}

/** The sets whose files lie in `folder`, as JPEGs. */
export function stillSets(folder: string, { thin = 1, only }: SetChoice = {}): StillSet[] {
  const there = existsSync(folder) ? readdirSync(folder) : [];
  return sources
    .filter(({ name }) => only?.includes(name) ?? true)
    .flatMap(({ name, files, everyS }) => {
      const stills = there
        .filter((file) => files.test(file))
        .flatMap((file) => stillsOf(join(folder, file), everyS));
      return stills.length > 0 ? [{ name, stills: stills.filter((_, i) => i % thin === 0) }] : [];
    });
}

function stillsOf(file: string, everyS: number): Buffer[] {
  if (everyS === 0) return [readFileSync(file)];
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-stills-'));
  try {
    const frames = ['-vf', `fps=1/${everyS}`, '-q:v', '2', join(folder, '%04d.jpg')];
    execFileSync('ffmpeg', ['-nostdin', '-v', 'error', '-i', file, ...frames]);
    return readdirSync(folder)
      .sort()
      .map((name) => readFileSync(join(folder, name)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * The set as a camera that hangs on its side, upside down or askew would give it; what comes in at the
 * corners is grey.
 */
export async function turnedSet({ name, stills }: StillSet, turn: number): Promise<StillSet> {
  const turned = (still: Buffer) =>
    sharp(still).rotate(turn, { background: '#808080' }).jpeg({ quality: 95 }).toBuffer();
  return { name: `${name}, turned by ${turn}°`, stills: await Promise.all(stills.map(turned)), turn };
}

/** The set as a camera in corridor mode would give it: the middle of each picture, 9:16. */
export async function portraitSet({ name, stills }: StillSet): Promise<StillSet> {
  const cut = async (still: Buffer) => {
    const { width, height } = await sharp(still).metadata();
    const size = { width: Math.min(width, Math.round((height * 9) / 16)), height };
    return sharp(still)
      .resize({ ...size, fit: 'cover' })
      .jpeg({ quality: 95 })
      .toBuffer();
  };
  return { name: `${name}, portrait`, stills: await Promise.all(stills.map(cut)) };
}

/**
 * The same picture as a camera in the dark would give it: a quarter of the light, noise, hardly any colour.
 * Always the same noise.
 */
export async function atNight(jpeg: Buffer): Promise<Buffer> {
  const { data, info } = await sharp(jpeg)
    .modulate({ saturation: 0.3 })
    .linear(0.25, 4)
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const random = seededRandom(20261126);
  // A sum of three is near enough to what a sensor's noise looks like; deviation 4 of 255.
  const noise = () => (random() + random() + random() - 1.5) * 8;
  const dark = Uint8Array.from(data, (value) => Math.min(255, Math.max(0, Math.round(value + noise()))));
  const { width, height } = info;
  return sharp(dark, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 90 })
    .toBuffer();
}

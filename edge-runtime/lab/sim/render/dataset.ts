import { createReadStream, createWriteStream, existsSync, mkdirSync } from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { seededRandom } from '@gatehouse/kit';
import sharp from 'sharp';
import { randomWorld } from '../layout/random.ts';
import type { Label, Light, View } from '../world.ts';
import type { Progress } from './progress.ts';
import { Studio } from './studio.ts';

/** One line of a data set's `labels.jsonl`. */
export interface DatasetLine {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly light: Light['time'];
  readonly labels: readonly Label[];
}

export interface DatasetWish {
  readonly count: number;
  readonly seed: number;
  readonly family: 'train' | 'held-out';
  readonly size: readonly [width: number, height: number];
  readonly out: string;
}

/**
 * Renders pictures of random compounds with their labels into a folder: `NNNNNN.jpg` and `labels.jsonl`.
 * Pictures of the same wish that are there already are kept: a run that was broken off goes on where it
 * stopped.
 */
export async function renderDataset(wish: DatasetWish, progress: Progress): Promise<void> {
  mkdirSync(wish.out, { recursive: true });
  const linesFile = join(wish.out, 'labels.jsonl');
  const done = await finishedLines(linesFile);
  const lines = createWriteStream(linesFile, { flags: 'a' });
  await using studio = await Studio.open();
  let number = 0;
  for (let world = 0; number < wish.count; world++) {
    const random = randomWorld(wish.seed + world, wish.family);
    const wanted = random.moments.slice(0, wish.count - number);
    if (number + wanted.length > done) await studio.setWorld(random.world);
    for (const [i, moment] of wanted.entries()) {
      if (number >= done) {
        const view = sized(random.views[i] ?? random.world.view, wish.size);
        const { pixels, labels } = await studio.draw(moment, view, i);
        const file = `${String(number).padStart(6, '0')}.jpg`;
        await writeFile(join(wish.out, file), await jpeg(pixels, view, random.world.seed + i));
        const line: DatasetLine = {
          file,
          width: view.widthPx,
          height: view.heightPx,
          light: random.world.light.time,
          labels,
        };
        lines.write(`${JSON.stringify(line)}\n`);
      }
      number++;
      progress.at(number, wish.count);
    }
  }
  await new Promise<void>((resolve, reject) => {
    lines.on('error', reject);
    lines.end(resolve);
  });
}

function sized(view: View, [widthPx, heightPx]: DatasetWish['size']): View {
  return { ...view, widthPx, heightPx };
}

/** As cameras and their recorders compress: quality 50 to 95. */
function jpeg(pixels: Buffer, { widthPx, heightPx }: View, seed: number): Promise<Buffer> {
  const quality = 50 + Math.floor(46 * seededRandom(seed)());
  return sharp(pixels, { raw: { width: widthPx, height: heightPx, channels: 4 } })
    .removeAlpha()
    .jpeg({ quality })
    .toBuffer();
}

/** Number of whole lines that a broken-off run left; a torn last line is cut off. */
async function finishedLines(file: string): Promise<number> {
  if (!existsSync(file)) return 0;
  let [count, bytes] = [0, 0];
  for await (const line of createInterface({ input: createReadStream(file) })) {
    if (!line.endsWith('}')) break;
    count++;
    bytes += Buffer.byteLength(line) + 1;
  }
  const handle = await open(file, 'r+');
  await handle.truncate(bytes);
  await handle.close();
  return count;
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Box } from '@gatehouse/contracts';
import { ObjectClass } from '@gatehouse/contracts';
import { errorOf } from '@gatehouse/kit';
import type { LabelledMedia, TrueObject } from './labels.ts';
import { longestSide } from './score.ts';

/** One line of `labels.jsonl` of a folder of rendered pictures; boxes in pixels, of what is seen. */
interface RenderedPicture {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly labels: readonly {
    /** `clutter` is what no detector is taught. */
    readonly class: string;
    readonly box: Box;
    readonly visible: number;
  }[];
}

/** Objects less seen, or smaller in pixels of a picture 512 long, count neither for nor against a model. */
const sureVisible = 0.5;
const sureLongestPx = 16;

/** Reads every `nth` picture of a folder of rendered pictures, as one medium for each size of picture. */
export function readRendered(folder: string, nth = 1): LabelledMedia[] {
  const pictures = labelLines(join(folder, 'labels.jsonl')).filter((_, index) => index % nth === 0);
  const bySize = Map.groupBy(pictures, ({ width, height }) => `${width}x${height}`);
  return [...bySize.values()].map((alike) => {
    const { width, height } = alike[0] as RenderedPicture;
    return {
      file: folder,
      pictures: alike.map(({ file }) => join(folder, file)),
      width,
      height,
      stepS: 0,
      frames: alike.map((picture) => ({ timeS: 0, objects: objectsOf(picture) })),
    };
  });
}

function objectsOf({ width, height, labels }: RenderedPicture): TrueObject[] {
  return labels.flatMap(({ class: name, box: { x1, y1, x2, y2 }, visible }) => {
    if (name === 'clutter') return [];
    const box = { x1: x1 / width, y1: y1 / height, x2: x2 / width, y2: y2 / height };
    const sure = visible >= sureVisible && longestSide(box, { width, height }) >= sureLongestPx;
    return [{ class: ObjectClass.parse(name), box, sure }];
  });
}

function labelLines(file: string): RenderedPicture[] {
  try {
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    return lines.map((line) => JSON.parse(line) as RenderedPicture);
  } catch (cause) {
    throw errorOf('RENDERED_UNREADABLE', { file }, { cause });
  }
}

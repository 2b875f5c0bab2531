import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Box, ObjectClass } from '@gatehouse/contracts';
import { ObjectClass as ObjectClassSchema } from '@gatehouse/contracts';

/** A labelled object; `sure` objects must be found, the others neither count for nor against a model. */
export interface TrueObject {
  readonly class: ObjectClass;
  readonly box: Box;
  readonly sure: boolean;
}

/** Labels of a clip or photograph `timeS` seconds from its start. */
export interface LabelledFrame {
  readonly timeS: number;
  readonly objects: readonly TrueObject[];
}

export interface LabelledMedia {
  readonly file: string;
  /** Picture files of one size, one for each frame, in place of the clip `file`. */
  readonly pictures?: readonly string[];
  readonly width: number;
  readonly height: number;
  /** Seconds from one frame to the next; 0 for a photograph. */
  readonly stepS: number;
  readonly frames: readonly LabelledFrame[];
}

/** Labels of an ensemble: from 0.5 taken as true, from 0.3 to 0.5 as unsure. */
const sureFrom = 0.5;

interface LabelFile {
  readonly width: number;
  readonly height: number;
  readonly sampled_fps?: number | null;
  readonly frames: readonly {
    readonly t: number;
    readonly boxes: readonly {
      readonly box: readonly number[];
      readonly class: string;
      readonly score: number;
    }[];
  }[];
}

/**
 * Reads `labels/objects/<name>.json` of a media folder and keeps every `nth` frame. Objects whose longer side
 * has at most `unsurePx` pixels count as unsure.
 */
export function readLabels(mediaDir: string, name: string, nth = 1, unsurePx = 0): LabelledMedia {
  const text = readFileSync(join(mediaDir, 'labels', 'objects', `${name}.json`), 'utf8');
  const { width, height, sampled_fps, frames } = JSON.parse(text) as LabelFile;
  return {
    file: join(mediaDir, name),
    width,
    height,
    stepS: sampled_fps ? nth / sampled_fps : 0,
    frames: frames
      .filter((_, index) => index % nth === 0)
      .map(({ t, boxes }) => ({
        timeS: t,
        objects: boxes.map(({ box: [x1 = 0, y1 = 0, x2 = 0, y2 = 0], class: name, score }) => ({
          class: ObjectClassSchema.parse(name),
          box: { x1: x1 / width, y1: y1 / height, x2: x2 / width, y2: y2 / height },
          sure: score >= sureFrom && Math.max(x2 - x1, y2 - y1) > unsurePx,
        })),
      })),
  };
}

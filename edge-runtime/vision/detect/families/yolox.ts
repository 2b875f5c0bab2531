import type { Candidate } from '../candidate.ts';
import type { Size } from '../fit.ts';
import type { Family, OutputTensor } from './family.ts';
import { floats } from './family.ts';

const strides = [8, 16, 32] as const;
const classes = 80;
const values = 5 + classes;

/**
 * YOLOX (Ge et al. 2021, Megvii): one output [1, N, 85] over the grids of strides 8, 16 and 32, row by row. A
 * cell (gx, gy) of stride s with values o has its centre at ((o0 + gx) s, (o1 + gy) s), is e^o2 s wide and
 * e^o3 s high, and scores o4 (something is there) times the best of o5.. (what it is); the sigmoids are in
 * the model.
 */
export function decodeYolox(
  outputs: readonly OutputTensor[],
  { width, height }: Size,
  threshold: number,
): Candidate[] {
  const anchors = strides.reduce((sum, stride) => sum + (width / stride) * (height / stride), 0);
  const data = floats(outputs[0], anchors * values, 'the YOLOX output');
  const found: Candidate[] = [];
  let at = 0;
  for (const stride of strides)
    for (let gy = 0; gy < height / stride; gy++)
      for (let gx = 0; gx < width / stride; gx++, at += values) {
        const there = data[at + 4] as number;
        if (!(there >= threshold)) continue;
        const label = bestOf(data, at + 5, classes);
        const score = there * (data[at + 5 + label] as number);
        if (!(score >= threshold)) continue;
        const cx = ((data[at] as number) + gx) * stride;
        const cy = ((data[at + 1] as number) + gy) * stride;
        const halfWidth = (Math.exp(data[at + 2] as number) * stride) / 2;
        const halfHeight = (Math.exp(data[at + 3] as number) * stride) / 2;
        found.push({
          label,
          score,
          x1: (cx - halfWidth) / width,
          y1: (cy - halfHeight) / height,
          x2: (cx + halfWidth) / width,
          y2: (cy + halfHeight) / height,
        });
      }
  return found;
}

/** Index of the greatest of `count` values from `start` on, `step` apart. */
export function bestOf(data: Float32Array, start: number, count: number, step = 1): number {
  let best = 0;
  for (let i = 1; i < count; i++)
    if ((data[start + i * step] as number) > (data[start + best * step] as number)) best = i;
  return best;
}

export const yolox: Family = {
  picture: 'images',
  constants: () => ({}),
  outputs: ['output'],
  decode: decodeYolox,
};

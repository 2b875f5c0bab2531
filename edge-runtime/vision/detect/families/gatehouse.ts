import type { Candidate } from '../candidate.ts';
import type { Size } from '../fit.ts';
import type { Family, OutputTensor } from './family.ts';
import { floats } from './family.ts';
import { bestOf } from './yolox.ts';

const strides = [8, 16, 32] as const;
const classes = 4;

/**
 * The project's own detector (`models/training`): over the cells of the grids of strides 8, 16 and 32,
 * `boxes` [1, 4, N] are corners in pixels of the input and `scores` [1, 4, N] go from 0 to 1; normalisation,
 * box decoding and sigmoid are in the model.
 */
export function decodeGatehouse(
  outputs: readonly OutputTensor[],
  { width, height }: Size,
  threshold: number,
): Candidate[] {
  const cells = strides.reduce((sum, stride) => sum + (width / stride) * (height / stride), 0);
  const corners = floats(outputs[0], 4 * cells, "the detector's boxes");
  const scores = floats(outputs[1], classes * cells, "the detector's scores");
  const corner = (side: number, cell: number) => corners[side * cells + cell] as number;
  const found: Candidate[] = [];
  for (let cell = 0; cell < cells; cell++) {
    const label = bestOf(scores, cell, classes, cells);
    const score = scores[label * cells + cell] as number;
    if (!(score >= threshold)) continue;
    found.push({
      label,
      score,
      x1: corner(0, cell) / width,
      y1: corner(1, cell) / height,
      x2: corner(2, cell) / width,
      y2: corner(3, cell) / height,
    });
  }
  return found;
}

export const gatehouse: Family = {
  picture: 'picture',
  constants: () => ({}),
  outputs: ['boxes', 'scores'],
  decode: decodeGatehouse,
};

import type { Candidate } from '../candidate.ts';
import type { Size } from '../fit.ts';
import type { Family, OutputTensor } from './family.ts';
import { floats } from './family.ts';

const strides = [8, 16, 32] as const;
/** Place of "face" in the catalogue's label set `face`. */
export const faceLabel = 1;

/**
 * YuNet (Wu, Peng and Yu 2023): for each stride s outputs cls, obj [1, N, 1] and bbox [1, N, 4] over its
 * grid, row by row. The cell (gx, gy) has its centre at ((gx + b0) s, (gy + b1) s), is e^b2 s wide and e^b3 s
 * high, and scores the square root of cls times obj, each held to 0..1. Landmarks are not read.
 */
export function decodeYunet(
  outputs: readonly OutputTensor[],
  { width, height }: Size,
  threshold: number,
): Candidate[] {
  return strides.flatMap((stride, i) => {
    const [columns, rows] = [width / stride, height / stride];
    const cells = columns * rows;
    const cls = floats(outputs[i], cells, `YuNet's cls_${stride}`);
    const obj = floats(outputs[strides.length + i], cells, `YuNet's obj_${stride}`);
    const bbox = floats(outputs[2 * strides.length + i], 4 * cells, `YuNet's bbox_${stride}`);
    const found: Candidate[] = [];
    for (let cell = 0; cell < cells; cell++) {
      const score = Math.sqrt(unit(cls[cell] as number) * unit(obj[cell] as number));
      if (!(score >= threshold)) continue;
      const value = (n: number) => bbox[4 * cell + n] as number;
      const cx = ((cell % columns) + value(0)) * stride;
      const cy = (Math.floor(cell / columns) + value(1)) * stride;
      const halfWidth = (Math.exp(value(2)) * stride) / 2;
      const halfHeight = (Math.exp(value(3)) * stride) / 2;
      found.push({
        label: faceLabel,
        score,
        x1: (cx - halfWidth) / width,
        y1: (cy - halfHeight) / height,
        x2: (cx + halfWidth) / width,
        y2: (cy + halfHeight) / height,
      });
    }
    return found;
  });
}

function unit(value: number): number {
  return Math.min(1, Math.max(0, value));
}

export const yunet: Family = {
  picture: 'input',
  constants: () => ({}),
  outputs: strides
    .flatMap((stride) => [`cls_${stride}`])
    .concat(
      strides.map((stride) => `obj_${stride}`),
      strides.map((stride) => `bbox_${stride}`),
    ),
  decode: decodeYunet,
};

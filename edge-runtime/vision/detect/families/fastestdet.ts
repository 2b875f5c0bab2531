import type { Candidate } from '../candidate.ts';
import type { Size } from '../fit.ts';
import type { Family, OutputTensor } from './family.ts';
import { floats } from './family.ts';
import { bestOf } from './yolox.ts';

const stride = 16;
const classes = 80;

/**
 * FastestDet (xuehao.ma 2022): one output [1, 85, H/16, W/16], a plane for each value c. The cell (gx, gy) of
 * a grid of w x h cells has its centre at ((gx + tanh c1) / w, (gy + tanh c2) / h), is sigmoid(c3) wide and
 * sigmoid(c4) high, all in fractions, and scores c0^0.6 (something is there) times the best of c5.. to the
 * 0.4 (what it is).
 */
export function decodeFastestdet(
  outputs: readonly OutputTensor[],
  { width, height }: Size,
  threshold: number,
): Candidate[] {
  const [w, h] = [width / stride, height / stride];
  const cells = w * h;
  const data = floats(outputs[0], (5 + classes) * cells, 'the FastestDet output');
  const value = (plane: number, cell: number) => data[plane * cells + cell] as number;
  const found: Candidate[] = [];
  for (let cell = 0; cell < cells; cell++) {
    const there = value(0, cell) ** 0.6;
    if (!(there >= threshold)) continue;
    const label = bestOf(data, 5 * cells + cell, classes, cells);
    const score = there * value(5 + label, cell) ** 0.4;
    if (!(score >= threshold)) continue;
    const cx = ((cell % w) + Math.tanh(value(1, cell))) / w;
    const cy = (Math.floor(cell / w) + Math.tanh(value(2, cell))) / h;
    const halfWidth = sigmoid(value(3, cell)) / 2;
    const halfHeight = sigmoid(value(4, cell)) / 2;
    found.push({
      label,
      score,
      x1: cx - halfWidth,
      y1: cy - halfHeight,
      x2: cx + halfWidth,
      y2: cy + halfHeight,
    });
  }
  return found;
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

export const fastestdet: Family = {
  picture: 'input.1',
  constants: () => ({}),
  outputs: ['758'],
  decode: decodeFastestdet,
};

import { Tensor } from '@gatehouse/onnx';
import type { Candidate } from '../candidate.ts';
import type { Size } from '../fit.ts';
import type { Family, OutputTensor } from './family.ts';
import { floats } from './family.ts';

/**
 * DEIMv2 (Huang et al. 2025), a DETR: a set of labelled boxes, best first. The model multiplies its boxes,
 * corners as fractions, by the picture's size that it is given; given a size of 1x1 it answers in fractions.
 */
export function decodeDeimv2(
  [labels, boxes, scores]: readonly OutputTensor[],
  _input: Size,
  threshold: number,
): Candidate[] {
  if (!(labels?.data instanceof BigInt64Array)) throw new RangeError('the DEIMv2 labels must be int64');
  const queries = labels.data.length;
  const corners = floats(boxes, queries * 4, 'the DEIMv2 boxes');
  const score = floats(scores, queries, 'the DEIMv2 scores');
  const found: Candidate[] = [];
  for (let i = 0; i < queries; i++)
    if ((score[i] as number) >= threshold)
      found.push({
        label: Number(labels.data[i]),
        score: score[i] as number,
        x1: corners[i * 4] as number,
        y1: corners[i * 4 + 1] as number,
        x2: corners[i * 4 + 2] as number,
        y2: corners[i * 4 + 3] as number,
      });
  return found;
}

export const deimv2: Family = {
  picture: 'images',
  constants: () => ({ orig_target_sizes: new Tensor('int64', BigInt64Array.of(1n, 1n), [1, 2]) }),
  outputs: ['labels', 'boxes', 'scores'],
  decode: decodeDeimv2,
};

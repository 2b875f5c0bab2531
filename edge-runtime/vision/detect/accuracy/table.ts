import type { ModelEntry } from '@gatehouse/models';
import { inputSizeFor } from '../fit.ts';
import type { Measured } from './measure.ts';
import type { Speed } from './speed.ts';

const head = (...columns: string[]) =>
  `| ${columns.join(' | ')} |\n|---${'|--:'.repeat(columns.length - 1)}|`;
const row = (...cells: (string | number)[]) => `| ${cells.join(' | ')} |`;
const share = (value: number) => value.toFixed(2);
const inputText = ({ width, height }: { width: number; height: number }) => `${width}x${height}`;

export const modelHead = head(
  'model',
  'input at 16:9',
  'person F1',
  'precision',
  'recall',
  'AP50',
  'vehicle F1',
  'precision',
  'recall',
  'AP50',
  'CPU ms',
  'frames',
);

/** One model's accuracy at its threshold, which is what the rules see. */
export function modelRow(entry: ModelEntry, longSide: number | undefined, measured: Measured): string {
  const cells = [measured.person, measured.vehicle].flatMap((tally) => {
    const { precision, recall, f1 } = tally.at(entry.threshold);
    return [f1, precision, recall, tally.averagePrecision()].map(share);
  });
  const input = inputText(inputSizeFor(entry, { width: 16, height: 9 }, longSide));
  return row(entry.id, input, ...cells, measured.cpuMs.toFixed(1), measured.frames);
}

export const detailHead = head('model', 'class', 'longer side, px', 'objects', 'precision', 'recall', 'AP50');

/** One row for each class and range of sizes of which there were objects. */
export function detailRows(entry: ModelEntry, { details }: Measured): string[] {
  return details
    .filter(({ tally }) => tally.objects > 0)
    .map(({ group, size, tally }) => {
      const { precision, recall } = tally.at(entry.threshold);
      const shares = [precision, recall, tally.averagePrecision()].map(share);
      return row(entry.id, group, size, tally.objects, ...shares);
    });
}

export const thresholdHead = head(
  'threshold',
  'person F1',
  'precision',
  'recall',
  'vehicle F1',
  'precision',
  'recall',
);

const thresholds = Array.from({ length: 14 }, (_, i) => 0.1 + 0.05 * i);

/**
 * Results at other thresholds than its own. The threshold itself is chosen on pictures of the training kind.
 */
export function thresholdRows({ person, vehicle }: Measured): string[] {
  return thresholds.map((threshold) => {
    const cells = [person, vehicle].flatMap((tally) => {
      const { precision, recall, f1 } = tally.at(threshold);
      return [f1, precision, recall].map(share);
    });
    return row(share(threshold), ...cells);
  });
}

export const speedHead = head('model', 'input', 'median ms', 'fastest ms', 'rounds');

export function speedRow({ entry, input, medianMs, fastestMs, rounds }: Speed): string {
  return row(entry.id, inputText(input), medianMs.toFixed(2), fastestMs.toFixed(2), rounds);
}

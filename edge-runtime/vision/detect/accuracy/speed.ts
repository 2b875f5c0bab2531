import { systemClock } from '@gatehouse/kit';
import type { ModelEntry } from '@gatehouse/models';
import type { Size } from '../fit.ts';
import { createDetector, inputSizeFor } from '../index.ts';

/** A model, and the file and input length to run it with. */
export interface Rival {
  readonly entry: ModelEntry;
  readonly file: string;
  readonly longSide?: number;
}

/** Milliseconds from the picture's bytes to detections, on one thread. */
export interface Speed {
  readonly entry: ModelEntry;
  readonly input: Size;
  readonly medianMs: number;
  readonly fastestMs: number;
  readonly rounds: number;
}

const warmUpRounds = 5;

/**
 * Times models in turn, round by round, so that whatever else the machine does falls on all of them alike.
 */
export async function compareSpeed(rivals: readonly Rival[], rounds: number): Promise<Speed[]> {
  const picture = { sourceWidth: 1920, sourceHeight: 1080 };
  const runs = [];
  for (const { entry, file, longSide } of rivals) {
    const input = inputSizeFor(entry, { width: 16, height: 9 }, longSide);
    const detector = await createDetector(entry, file, input);
    const planes = new Uint8Array(3 * input.width * input.height).fill(114);
    runs.push({ entry, input, detector, planes, ms: [] as number[] });
  }
  for (let round = -warmUpRounds; round < rounds; round++)
    for (const { detector, planes, ms } of runs) {
      const before = systemClock.monotonicMs();
      await detector.detect({ planes, ...picture });
      if (round >= 0) ms.push(systemClock.monotonicMs() - before);
    }
  for (const { detector } of runs) await detector.close();
  return runs.map(({ entry, input, ms }) => {
    const sorted = ms.toSorted((a, b) => a - b);
    const at = (index: number) => sorted[index] ?? Number.NaN;
    return { entry, input, medianMs: at(Math.floor(rounds / 2)), fastestMs: at(0), rounds };
  });
}

import type { ModelEntry } from '@gatehouse/models';
import type { Detector } from '../detector.ts';
import type { Size } from '../fit.ts';
import { createDetector } from '../index.ts';
import { labelledFrames } from './frames.ts';
import type { LabelledMedia } from './labels.ts';
import type { Group } from './score.ts';
import { groups, sizes, Tally } from './score.ts';

type SizeName = keyof typeof sizes;

/** Results of a model on labelled media. */
export interface Measured {
  readonly person: Tally;
  readonly vehicle: Tally;
  /** Every group at every range of sizes. */
  readonly details: readonly { readonly group: Group; readonly size: SizeName; readonly tally: Tally }[];
  readonly frames: number;
  /**
   * CPU milliseconds of this process for one frame: filling the tensor, inference with one thread, decoding.
   */
  readonly cpuMs: number;
}

/** Low enough that the curve of precision over recall is whole. */
const lowestThreshold = 0.05;

/**
 * Runs a model over labelled media. It gives its detections from a score of 0.05 on; `Tally.at` applies a
 * threshold afterwards, which comes to the same, because suppression lets higher scores choose first.
 */
export async function measure(
  entry: ModelEntry,
  file: string,
  media: readonly LabelledMedia[],
  inputFor: (media: LabelledMedia) => Size,
  progress: (frames: number) => void = () => undefined,
): Promise<Measured> {
  const details = (Object.keys(groups) as Group[]).flatMap((group) =>
    (Object.keys(sizes) as SizeName[]).map((size) => ({ group, size, tally: new Tally(group, sizes[size]) })),
  );
  const whole = (wanted: Group) =>
    details.find(({ group, size }) => group === wanted && size === 'all')?.tally ?? new Tally(wanted);
  const detectors = new Map<string, Detector>();
  let frames = 0;
  let cpuUs = 0;
  for (const one of media) {
    const size = inputFor(one);
    const key = `${size.width}x${size.height}`;
    const detector =
      detectors.get(key) ?? (await createDetector({ ...entry, threshold: lowestThreshold }, file, size));
    detectors.set(key, detector);
    let index = 0;
    for await (const planes of labelledFrames(one, detector.input)) {
      const before = process.cpuUsage();
      const detections = await detector.detect({ planes, sourceWidth: one.width, sourceHeight: one.height });
      const { user, system } = process.cpuUsage(before);
      cpuUs += user + system;
      const objects = one.frames[index++]?.objects ?? [];
      for (const { tally } of details) tally.add(detections, objects, one);
      progress(++frames);
    }
    // The last label may stand after the last frame.
    if (index < one.frames.length - 1)
      throw new Error(`${one.file} gave ${index} frames for ${one.frames.length} labels`);
  }
  for (const detector of detectors.values()) await detector.close();
  const cpuMs = cpuUs / 1000 / Math.max(1, frames);
  return { person: whole('person'), vehicle: whole('vehicle'), details, frames, cpuMs };
}

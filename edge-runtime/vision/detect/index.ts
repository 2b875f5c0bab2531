import { errorOf } from '@gatehouse/kit';
import type { ModelEntry, ModelFamily } from '@gatehouse/models';
import type { Detector, InputShape } from './detector.ts';
import type { ExecutionProvider } from './execution-provider.ts';
import { deimv2 } from './families/deimv2.ts';
import type { Family } from './families/family.ts';
import { fastestdet } from './families/fastestdet.ts';
import { gatehouse } from './families/gatehouse.ts';
import { yolox } from './families/yolox.ts';
import type { Size } from './fit.ts';
import { OnnxDetector } from './onnx-detector.ts';

export * from './detector.ts';
export { type ExecutionProvider, providerUnavailable } from './execution-provider.ts';
export { fittedSize, inputSizeFor, type Size } from './fit.ts';

const families: Partial<Record<ModelFamily, Family>> = { yolox, deimv2, fastestdet, gatehouse };

export interface DetectorOptions {
  /**
   * Where the model runs, the CPU if absent; one that cannot be used is `providerFault` of a detector on the
   * CPU.
   */
  readonly executionProvider?: ExecutionProvider;
  /** Threads within one inference; 1 by default, so that cameras share cores by worker. */
  readonly threads?: number;
  /**
   * Input size in pixels for a model whose size is free (see `inputSizeFor`); the catalogue's size if absent.
   */
  readonly width?: number;
  readonly height?: number;
  /** Doubtful detections are given out, too, from this score on; none if absent. */
  readonly doubtfulFrom?: number;
}

/**
 * Loads a catalogue model of objects from a file that `resolveModel` found. Throws `MODEL_TASK` for a model
 * that finds no objects, `MODEL_INPUT_SIZE` for a size it does not take, `MODEL_CORRUPT`, `MODEL_MISSING` or
 * `MODEL_UNLOADABLE`.
 */
export async function createDetector(
  entry: ModelEntry,
  file: string,
  options: DetectorOptions = {},
): Promise<Detector> {
  const family = entry.task === 'objects' ? families[entry.family] : undefined;
  if (!family) throw errorOf('MODEL_TASK', { model: entry.id, task: entry.task });
  return OnnxDetector.load(entry, file, family, inputShape(entry, options), options);
}

/** The input that a detector of this model and these options will have; throws `MODEL_INPUT_SIZE`. */
export function inputShape(entry: ModelEntry, { width, height }: Partial<Size> = {}): InputShape {
  const { multipleOf, fit, pad } = entry.input;
  const size = { width: width ?? entry.input.width, height: height ?? entry.input.height };
  const asked = { model: entry.id, ...size };
  if (multipleOf === undefined) {
    if (size.width !== entry.input.width || size.height !== entry.input.height)
      throw errorOf('MODEL_INPUT_SIZE/fixed', {
        ...asked,
        onlyWidth: entry.input.width,
        onlyHeight: entry.input.height,
      });
  } else if (
    ![size.width, size.height].every((side) => side % multipleOf === 0 && side >= multipleOf && side <= 2048)
  )
    throw errorOf('MODEL_INPUT_SIZE', { ...asked, multiple: multipleOf });
  return { ...size, fit, pad };
}

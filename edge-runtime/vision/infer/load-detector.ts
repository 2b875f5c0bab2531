import { chooseModel, type ModelEntry, type ResolveOptions, resolveModel } from '@gatehouse/models';
import type { Detector } from '../detect/detector.ts';
import { createDetector, type ExecutionProvider, inputSizeFor, type Size } from '../detect/index.ts';
import { trackedFrom } from '../track/index.ts';

/** The shape of nearly every camera's picture; others are letterboxed into the input that fits it. */
const usualPicture: Size = { width: 1920, height: 1080 };

/** The input that a model has for the usual picture, pixels; `longSidePx` as the site may ask for it. */
export function usualInputSize(entry: ModelEntry, longSidePx?: number): Size {
  return inputSizeFor(entry, usualPicture, longSidePx);
}

/** A detector in this thread, and which model it is. */
export interface LoadedDetector extends Detector {
  readonly model: string;
}

export interface LoadDetectorOptions extends ResolveOptions {
  /** The picture that the input fits; the usual one, as of every live camera, if absent. */
  readonly picture?: Size;
  /** Longer side of the input, pixels; the model's own if absent. */
  readonly longSidePx?: number | undefined;
  /** The CPU if absent. */
  readonly executionProvider?: ExecutionProvider;
}

/**
 * Loads a catalogue model in this thread; without an id the one that a box would choose here. It gives out
 * doubtful detections, too, for a tracker. Never another one than was meant: throws what `resolveModel` and
 * `createDetector` throw (each names the model and the remedy), also for a default that a box at work would
 * pass over.
 */
export async function loadDetector(
  modelId?: string,
  options: LoadDetectorOptions = {},
): Promise<LoadedDetector> {
  const { picture = usualPicture, longSidePx, executionProvider } = options;
  const { entry, file } = await (modelId === undefined ? chosen(options) : resolveModel(modelId, options));
  const detector = await createDetector(entry, file, {
    ...inputSizeFor(entry, picture, longSidePx),
    doubtfulFrom: trackedFrom,
    ...(executionProvider ? { executionProvider } : {}),
  });
  return {
    model: entry.id,
    input: detector.input,
    providerFault: detector.providerFault,
    detect: (frame) => detector.detect(frame),
    close: () => detector.close(),
  };
}

async function chosen(options: ResolveOptions) {
  const choice = await chooseModel(undefined, options);
  if (choice.why === 'fallback' && choice.instead) throw choice.instead.failure;
  return choice;
}

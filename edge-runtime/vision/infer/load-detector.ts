import { type ResolveOptions, resolveModel } from '@gatehouse/models';
import type { Detector } from '../detect/detector.ts';
import { createDetector, inputSizeFor, type Size } from '../detect/index.ts';
import type { DetectorRecipe } from './protocol.ts';

/** The shape of nearly every camera's picture; others are letterboxed into the input that fits it. */
const usualPicture: Size = { width: 1920, height: 1080 };

/**
 * Loads a catalogue model (the default without an id) in this thread, with the input size that fits `picture`. Throws what
 * `resolveModel` and `createDetector` throw: each names the model and the remedy.
 */
export async function loadDetector(
  modelId?: string,
  picture: Size = usualPicture,
  options: ResolveOptions = {},
): Promise<Detector> {
  const { entry, file } = await resolveModel(modelId, options);
  return createDetector(entry, file, inputSizeFor(entry, picture));
}

/** The same for a worker thread: what to import there and with what to call it. */
export async function detectorRecipe(
  modelId?: string,
  options: ResolveOptions = {},
): Promise<DetectorRecipe> {
  const { entry, file } = await resolveModel(modelId, options);
  const { width, height } = inputSizeFor(entry, usualPicture);
  return {
    module: new URL('../detect/index.ts', import.meta.url).href,
    args: [entry, file, { width, height, threads: 1 }],
  };
}

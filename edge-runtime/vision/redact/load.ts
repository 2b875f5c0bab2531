import { chooseModel, type ResolveOptions, resolveModel } from '@gatehouse/models';
import { createDetector } from '../detect/index.ts';
import { usualInputSize } from '../infer/load-detector.ts';
import { FaceFinder } from './faces.ts';
import type { Faces, People } from './redact-still.ts';

/** Covers faces; a picture that it has not looked at does not leave the box. */
export const redactionModel = 'yunet-n';
/** People are looked for in a larger picture than a live camera's: one still has the time. */
const peopleLongSidePx = 640;
/** Lowest score that the detector of people gives out. */
const doubtfulFrom = 0.1;

/**
 * The two models of redaction, in this thread. People are found by the model that a box without a named one would run, the bundled one
 * in the last resort; there is no such spare for faces. Throws what `resolveModel` and loading throw.
 */
export async function loadRedactionModels(
  options: ResolveOptions = {},
): Promise<{ readonly faces: Faces; readonly people: People }> {
  const faces = await FaceFinder.load(await resolveModel(redactionModel, options));
  const { entry, file } = await chooseModel(undefined, options);
  const size = usualInputSize(entry, peopleLongSidePx);
  const detector = await createDetector(entry, file, { ...size, doubtfulFrom });
  return {
    faces,
    people: { model: entry.id, input: detector.input, detect: (frame) => detector.detect(frame) },
  };
}

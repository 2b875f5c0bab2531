import { type ResolveOptions, resolveModel } from '@gatehouse/models';
import { FaceFinder } from './faces.ts';
import { PeopleFinder } from './people.ts';
import type { Faces, People } from './redact-still.ts';

/** Covers faces; a picture that it has not looked at does not leave the box. */
export const redactionModel = 'yunet-n';

/**
 * The two models of redaction, in this thread. There is a spare for people, the bundled model, and none for
 * faces. Throws what `resolveModel` and loading throw.
 */
export async function loadRedactionModels(
  options: ResolveOptions = {},
): Promise<{ readonly faces: Faces; readonly people: People }> {
  const faces = await FaceFinder.load(await resolveModel(redactionModel, options));
  return { faces, people: await PeopleFinder.load(options) };
}

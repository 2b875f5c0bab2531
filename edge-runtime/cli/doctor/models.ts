import type { ModelInUse, Site } from '@gatehouse/contracts';
import { type ChooseOptions, choiceText, chooseModel, resolveModel } from '@gatehouse/models';
import { redactionModel } from '@gatehouse/vision';
import { type Check, fail, failed, ok, warn } from './check.ts';

/**
 * The models that cameras are to be watched with, each once: catalogue ids that the site names, `undefined`
 * for the default.
 */
export function modelsOf(site: Site | undefined): (string | undefined)[] {
  const named = site?.cameras.map(({ analysis }) => analysis.model) ?? [];
  return [...new Set(named.length > 0 ? named : [undefined])];
}

/**
 * Checks the models that the site's cameras would run with here: each is found, and its SHA-256 is right.
 * Says what that means. Asks no service.
 */
export async function checkModels(site: Site | undefined, options: ChooseOptions = {}): Promise<Check[]> {
  return Promise.all(modelsOf(site).map((named) => checkModel(named, options)));
}

async function checkModel(named: string | undefined, options: ChooseOptions): Promise<Check> {
  try {
    const choice = await chooseModel(named, options);
    const { detail, remedy } = choiceText(choice);
    const { entry, file, why } = choice;
    if (remedy === undefined) return ok('model', `${detail}; ${entry.licence}, ${file}, SHA-256 right`);
    return why === 'fallback' ? fail('model', detail, remedy) : warn('model', detail, remedy);
  } catch (error) {
    return failed('model', error, 'npm run gatehouse -- models list shows what there is.');
  }
}

/**
 * Checks that pictures which the site lets go to the platform can be redacted here. Without the face model no
 * picture goes.
 */
export async function checkRedaction(site: Site | undefined, options: ChooseOptions = {}): Promise<Check[]> {
  if ((site?.uplink?.media?.kinds.length ?? 0) === 0) return [];
  try {
    const { entry } = await resolveModel(redactionModel, options);
    return [ok('pictures upstream', `${entry.id} covers faces; ${entry.licence}, SHA-256 right`)];
  } catch (error) {
    return [failed('pictures upstream', error, `npm run gatehouse -- models fetch ${redactionModel}`)];
  }
}

/** The models that the running service says it detects with. */
export function modelsInUse(models: readonly ModelInUse[]): Check[] {
  return models.map(({ id, why, width, height, cameras, instead }) => {
    const detail = `${id} at ${width}x${height} for ${cameras.join(', ')}`;
    if (why !== 'fallback' || !instead) return ok('model in use', detail);
    const remedy = 'See "model" above; then start the vision service again.';
    return fail('model in use', `${detail} instead of ${instead.id} (${instead.code})`, remedy);
  });
}

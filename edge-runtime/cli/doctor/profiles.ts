import type { Language } from '@gatehouse/contracts';
import { readCatalogue, siteProfiles } from '@gatehouse/drivers/profiles';
import { type Check, fail, ok } from './check.ts';

/**
 * The device profiles that the drivers would load with a site file: each that cannot be used, or their
 * number.
 */
export function checkProfiles(siteFile: string, language: Language): Check[] {
  const { boards, sensors, broken } = readCatalogue(undefined, siteProfiles(siteFile));
  const ids = [...boards.keys(), ...sensors.keys()];
  const ofSite = ids.filter((id) => id.startsWith('site-')).length;
  if (broken.size === 0) return [ok('profiles', `${ids.length}, ${ofSite} of them of the site`)];
  return [...broken].map(([id, error]) => {
    const { message, remedy } = error.told(language);
    return fail(`profile ${id}`, message, remedy);
  });
}

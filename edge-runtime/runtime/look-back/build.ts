import type { RuntimeOptions } from '../options.ts';
import type { Storage } from '../storage/build.ts';
import { DryRuns } from './dry-runs.ts';
import { LookBack } from './look-back.ts';

/**
 * Questions about the tracks of the last day: the rules' view of a moment, and the incidents of edited zones.
 */
export function buildLookBack({ site, clock, log }: RuntimeOptions, { store, tracks }: Storage) {
  const calendar = { timezone: site.site.timezone, holidays: site.site.holidays };
  return {
    lookBack: new LookBack({ tracks, calendar, clock }),
    dryRuns: new DryRuns({
      tracks,
      calendar,
      clock,
      log,
      really: (camera, fromMs, toMs) =>
        store.incidentsOpened(camera, new Date(fromMs).toISOString(), new Date(toMs).toISOString()),
    }),
  };
}

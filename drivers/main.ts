/**
 * The drivers service: field buses, doors and barriers, drivers.db. Depends on nothing else being up.
 * GATEHOUSE_SITE names the site file; GATEHOUSE_STATE_DIR and GATEHOUSE_RUN_DIR say where drivers.db and the socket are.
 */
import { join } from 'node:path';
import { loadSite } from '@gatehouse/contracts';
import { GatehouseError, jsonLog, runService, socketPath, stateDir, systemClock } from '@gatehouse/kit';
import { buildDrivers } from './drivers.ts';
import { profileChecks, readCatalogue, siteProfiles } from './profiles/index.ts';

/** No box was built before this; a clock that shows less has lost its time (dead RTC battery). */
const earliestEpochMs = Date.UTC(2026, 0, 1);

const log = jsonLog('drivers');

await runService(log, () => {
  const file = process.env.GATEHOUSE_SITE;
  if (!file)
    throw new GatehouseError(
      'SITE_FILE_MISSING',
      'input',
      'GATEHOUSE_SITE is not set.',
      'Set it to the site file.',
    );
  const profiles = siteProfiles(file);
  return buildDrivers({
    site: loadSite(file, profileChecks(readCatalogue(undefined, profiles))),
    clock: systemClock,
    log,
    database: join(stateDir(), 'drivers.db'),
    socket: socketPath('drivers', 'runtime'),
    siteProfiles: profiles,
    clockTrusted: () => systemClock.epochMs() >= earliestEpochMs,
  });
});

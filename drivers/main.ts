/**
 * The drivers service: field buses, doors and barriers, drivers.db. Depends on nothing else being up.
 * GATEHOUSE_SITE names the site file; GATEHOUSE_STATE_DIR and GATEHOUSE_RUN_DIR say where drivers.db and the socket are.
 */
import { join } from 'node:path';
import { loadSite } from '@gatehouse/contracts';
import {
  ClockSync,
  GatehouseError,
  jsonLog,
  runService,
  socketPath,
  stateDir,
  systemClock,
} from '@gatehouse/kit';
import { clockTrust } from './commands/clock-trust.ts';
import { buildDrivers } from './drivers.ts';
import { siteProfiles } from './profiles/index.ts';

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
  const site = loadSite(file);
  const clockSync = new ClockSync({ clock: systemClock, log });
  const service = buildDrivers({
    site,
    clock: systemClock,
    log,
    database: join(stateDir(), 'drivers.db'),
    socket: socketPath('drivers', 'runtime'),
    siteProfiles: siteProfiles(file),
    cliSocket: socketPath('drivers', 'cli'),
    clockTrusted: clockTrust(site, clockSync),
  });
  return [['clock sync', clockSync], ...service];
});

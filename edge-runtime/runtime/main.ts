/**
 * gatehouse-runtime: rules, incidents, events.db, the console. Opens no camera and no serial port.
 * Environment: GATEHOUSE_SITE names the site file, GATEHOUSE_STATE_DIR and GATEHOUSE_RUN_DIR say where
 * events.db and the sockets are, GATEHOUSE_CONSOLE_PORT and GATEHOUSE_EDITOR_PORT where the console
 * listens.
 */
import { loadSite, siteFileSet } from '@gatehouse/contracts';
import { jsonLog, LocalClient, runService, socketPath, stateDir, systemClock } from '@gatehouse/kit';
import { buildRuntime } from './build.ts';
import { consoleListeners } from './console/console-listeners.ts';

const log = jsonLog('runtime');

await runService(log, () => {
  const siteFile = siteFileSet();
  return buildRuntime({
    site: loadSite(siteFile),
    siteFile,
    stateDir: stateDir(),
    clock: systemClock,
    log,
    random: Math.random,
    clients: {
      vision: (limitMs) => new LocalClient('vision', socketPath('vision', 'runtime'), limitMs),
      drivers: new LocalClient('drivers', socketPath('drivers', 'runtime')),
      flows: new LocalClient('flows', socketPath('flows', 'runtime')),
    },
    sockets: {
      sync: socketPath('runtime', 'sync'),
      flows: socketPath('runtime', 'flows'),
      cli: socketPath('runtime', 'cli'),
    },
    listeners: consoleListeners(),
  });
});

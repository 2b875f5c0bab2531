/**
 * gatehouse-runtime: rules, incidents, events.db, the console. Opens no camera and no serial port.
 * Environment: GATEHOUSE_SITE names the site file, GATEHOUSE_STATE_DIR and GATEHOUSE_RUN_DIR say where
 * events.db and the sockets are, GATEHOUSE_CONSOLE_PORT and GATEHOUSE_EDITOR_PORT where the console
 * listens.
 */
import {
  driversForRuntime,
  flowsForRuntime,
  loadSite,
  siteFileSet,
  visionForRuntime,
} from '@gatehouse/contracts';
import { jsonLog, runService, socketPath, stateDir, systemClock } from '@gatehouse/kit';
import { apiClient } from '@gatehouse/local-api';
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
      vision: (limitMs) => apiClient(visionForRuntime, { limitMs }),
      drivers: apiClient(driversForRuntime),
      flows: apiClient(flowsForRuntime),
    },
    sockets: {
      sync: socketPath('runtime', 'sync'),
      flows: socketPath('runtime', 'flows'),
      cli: socketPath('runtime', 'cli'),
    },
    listeners: consoleListeners(),
  });
});

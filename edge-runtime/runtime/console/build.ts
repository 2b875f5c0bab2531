import { join } from 'node:path';
import { ConsoleServer } from '@gatehouse/console';
import { socketPath } from '@gatehouse/kit';
import type { CameraStates } from '../cameras/camera-states.ts';
import type { DeviceStates } from '../devices/device-states.ts';
import type { Peers } from '../health/build.ts';
import type { ServiceHealths } from '../health/service-healths.ts';
import type { Incidents } from '../incidents/build.ts';
import type { DryRuns } from '../look-back/dry-runs.ts';
import type { LookBack } from '../look-back/look-back.ts';
import type { RuntimeOptions } from '../options.ts';
import type { CurrentSite } from '../site/current-site.ts';
import type { FlowsAudit } from '../site/flows-audit.ts';
import type { Storage } from '../storage/build.ts';
import type { UplinkState } from '../upstream/uplink-state.ts';
import { incidentsPort, tuningPort, visionPictures, watchingPort } from './console-ports.ts';
import { deviceKey } from './device-key.ts';

export interface ConsoleNeeds {
  readonly storage: Storage;
  readonly peers: Peers;
  readonly cameras: CameraStates;
  readonly devices: DeviceStates;
  readonly incidents: Incidents;
  readonly lookBack: LookBack;
  readonly dryRuns: DryRuns;
  readonly currentSite: CurrentSite;
  readonly flowsAudit: FlowsAudit;
  readonly uplink: UplinkState;
  readonly health: ServiceHealths;
}

/** The guards' console, on parts of the runtime. */
export function buildConsole(
  { site, stateDir, clock, log, listeners }: RuntimeOptions,
  { storage, peers, incidents, lookBack, dryRuns, currentSite, ...parts }: ConsoleNeeds,
): ConsoleServer {
  const { store, stills, clips } = storage;
  const { records, changes, rules } = incidents;
  return new ConsoleServer(
    {
      ...parts,
      store,
      site: currentSite,
      incidents: incidentsPort({ store, records, changes, stills, clips }),
      watching: watchingPort({ currentSite, rules, lookBack }),
      tuning: tuningPort({ currentSite, dryRuns, store, clock }),
      pictures: visionPictures(peers.vision),
    },
    {
      clock,
      log,
      deviceKey: deviceKey(join(stateDir, 'console-device-key'), log),
      editorSocket: socketPath('flows', 'editor'),
      ...site.console,
      ...listeners,
    },
  );
}

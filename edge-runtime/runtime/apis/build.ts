import type { ConsoleServer } from '@gatehouse/console';
import type { AuditVerification } from '@gatehouse/contracts';
import type { CameraStates } from '../cameras/camera-states.ts';
import type { DesiredState } from '../desired-state/desired-state.ts';
import type { DeviceStates } from '../devices/device-states.ts';
import type { Peers } from '../health/build.ts';
import type { ServiceHealths } from '../health/service-healths.ts';
import type { Incidents } from '../incidents/build.ts';
import type { MediaOutbox } from '../media/media-outbox.ts';
import type { RuntimeOptions } from '../options.ts';
import type { CurrentSite } from '../site/current-site.ts';
import type { FlowsAudit } from '../site/flows-audit.ts';
import type { Storage } from '../storage/build.ts';
import type { PlatformForwarder } from '../upstream/platform-forwarder.ts';
import type { UplinkState } from '../upstream/uplink-state.ts';
import { cliApi } from './cli-api.ts';
import { flowsApi } from './flows-api.ts';
import { syncApi } from './sync-api.ts';

export interface ApiNeeds {
  readonly storage: Storage;
  readonly peers: Peers;
  readonly cameras: CameraStates;
  readonly devices: DeviceStates;
  readonly incidents: Incidents;
  readonly mediaOutbox: MediaOutbox;
  readonly currentSite: CurrentSite;
  readonly flowsAudit: FlowsAudit;
  readonly uplink: UplinkState;
  readonly platform: PlatformForwarder;
  readonly desired: DesiredState;
  readonly healths: ServiceHealths;
  readonly console: ConsoleServer;
}

/** The runtime's local APIs, each on the socket of its one caller. */
export function buildApis({ clock, log, sockets }: RuntimeOptions, needs: ApiNeeds) {
  const { storage, peers, cameras, devices, incidents, healths, console } = needs;
  const { uplink, platform, desired, mediaOutbox, currentSite, flowsAudit } = needs;
  const { store, tracks } = storage;
  const sync = syncApi({
    store,
    uplink,
    platform,
    desired,
    media: mediaOutbox,
    clock,
    log,
    socket: sockets.sync,
  });
  const flows = flowsApi({
    store,
    devices,
    changes: incidents.changes,
    prompts: incidents.prompts,
    clock,
    log,
    socket: sockets.flows,
    health: peers.healths,
    site: () => currentSite.view(),
    onReport: () => void flowsAudit.look(),
    verifyEditorToken: (token) => console.console.verifyEditorToken(token),
  });
  const cli = cliApi({
    store,
    tracks,
    health: healths,
    log,
    socket: sockets.cli,
    cameras: () => cameras.list(),
    devices: () => devices.list(),
    inputs: () => devices.inputs(),
    sensors: () => devices.sensors.list(),
    fire: () => devices.fire,
    verifyAudit: (given) => verifyAudit(needs, given),
    setupCode: () => console.console.setupCode(),
  });
  return { sync, flows, cli };
}

/**
 * The drivers compare their chain with the head that the caller has noted, and with the one that the platform
 * has.
 */
function verifyAudit({ storage, peers }: ApiNeeds, given: string | undefined): Promise<AuditVerification> {
  const head = storage.store.acknowledgedAuditHead();
  const known = {
    ...(given ? { given } : {}),
    ...(head ? { acknowledged: `${head.sequence}:${head.hash}` } : {}),
  };
  return peers.drivers.call('verifyAudit', { query: known, timeoutMs: 60_000 });
}

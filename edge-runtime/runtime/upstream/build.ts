import { join } from 'node:path';
import type { CameraStates } from '../cameras/camera-states.ts';
import { boxFaults } from '../desired-state/box-faults.ts';
import { DesiredState } from '../desired-state/desired-state.ts';
import { FlowsPart } from '../desired-state/flows-part.ts';
import { unquiet } from '../desired-state/quiet.ts';
import { StateFile } from '../desired-state/state-file.ts';
import { ZonesPart } from '../desired-state/zones-part.ts';
import type { DeviceStates } from '../devices/device-states.ts';
import type { Peers } from '../health/build.ts';
import type { Incidents } from '../incidents/build.ts';
import type { RuntimeOptions } from '../options.ts';
import type { CurrentSite } from '../site/current-site.ts';
import type { FlowsAudit } from '../site/flows-audit.ts';
import type { Storage } from '../storage/build.ts';
import { AuditHeadForwarder } from './audit-head-forwarder.ts';
import { PlatformForwarder } from './platform-forwarder.ts';
import { UplinkState } from './uplink-state.ts';

export interface UpstreamNeeds {
  readonly storage: Storage;
  readonly peers: Peers;
  readonly cameras: CameraStates;
  readonly devices: DeviceStates;
  readonly incidents: Incidents;
  readonly currentSite: CurrentSite;
  readonly flowsAudit: FlowsAudit;
}

/** The traffic with the platform: its commands, its configuration, and the state of the link. */
export function buildUpstream(options: RuntimeOptions, needs: UpstreamNeeds) {
  const { site, clock, log } = options;
  const { store } = needs.storage;
  const { drivers, healths, processor } = needs.peers;
  const desired = buildDesiredState(options, needs);
  return {
    desired,
    uplink: new UplinkState(store, healths, clock, log, () => desired.view(), processor.clock),
    platform: new PlatformForwarder({
      drivers,
      store,
      clock,
      log,
      box: site.box.id,
      keys: site.uplink?.commands?.keys ?? [],
    }),
    auditHead: new AuditHeadForwarder({ store, drivers, clock, log }),
  };
}

function buildDesiredState(
  { site, stateDir, clock, log }: RuntimeOptions,
  { storage, peers, cameras, devices, incidents, currentSite, flowsAudit }: UpstreamNeeds,
): DesiredState {
  const { store } = storage;
  const services = () => peers.healths.services();
  const startedMs = clock.monotonicMs();
  const upMs = () => clock.monotonicMs() - startedMs;
  return new DesiredState({
    box: site.box.id,
    keys: site.uplink?.commands?.keys ?? [],
    store,
    clock,
    log,
    allowed: site.permissions.upstream.configure,
    file: new StateFile(join(stateDir, 'desired'), log),
    parts: { zones: new ZonesPart(currentSite), flows: new FlowsPart(peers.flows, flowsAudit) },
    unquiet: () => unquiet({ devices, store, services, cameras, upMs }),
    faults: () => boxFaults({ cameras, rules: incidents.rules, services }),
  });
}

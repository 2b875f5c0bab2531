import { join } from 'node:path';
import type { PartTable } from '@gatehouse/kit';
import { buildApis } from './apis/build.ts';
import { CameraStates } from './cameras/camera-states.ts';
import { NearDecisions } from './cameras/near-decisions.ts';
import { buildConsole } from './console/build.ts';
import { DeviceStates } from './devices/device-states.ts';
import { buildEvidence } from './evidence/build.ts';
import { buildHealth, buildPeers } from './health/build.ts';
import { buildIncidents } from './incidents/build.ts';
import { buildLookBack } from './look-back/build.ts';
import { buildMedia } from './media/build.ts';
import type { RuntimeOptions } from './options.ts';
import { CurrentSite } from './site/current-site.ts';
import { FlowsAudit } from './site/flows-audit.ts';
import { buildStorage } from './storage/build.ts';
import { buildUpstream } from './upstream/build.ts';

/**
 * The whole runtime as a table of parts in start order. Only the key of the console's device cookies is read
 * here. The parts open files, ask services and listen when they start.
 */
export function buildRuntime(options: RuntimeOptions): PartTable {
  const { site, siteFile, stateDir, clock, log } = options;
  const storage = buildStorage(options);
  const peers = buildPeers(options);
  const watchClock = peers.processor.clock;
  const cameras = new CameraStates({ site, vision: peers.vision, clock, watchClock, log });
  const devices = new DeviceStates({ site, drivers: peers.drivers, clock, watchClock, log });
  const incidents = buildIncidents(options, { storage, peers, cameras, devices });
  const { rules, cameraHealth, deviceEvents } = incidents;
  const evidence = buildEvidence(options, { storage, peers, cameras, incidents });
  const media = buildMedia(options, { storage, peers, incidents });
  const decisions = new NearDecisions({
    cameras: site.cameras.map(({ id }) => id),
    watched: (camera) => rules.view(camera).watched,
    vision: peers.vision,
    clock,
    log,
  });
  const currentSite = new CurrentSite({
    file: siteFile,
    history: join(stateDir, 'site-history'),
    apply: (edited) => rules.reload(edited),
    site,
    clock,
    log,
  });
  const flowsAudit = new FlowsAudit({ flows: peers.flows, store: storage.store, clock, log });
  const { lookBack, dryRuns } = buildLookBack(options, storage);
  const upstream = buildUpstream(options, {
    storage,
    peers,
    cameras,
    devices,
    incidents,
    currentSite,
    flowsAudit,
  });
  const { store, tracks, retention, verifier } = storage;
  const health = buildHealth({
    clock,
    log,
    peers,
    store,
    retention,
    // Of two equally grave faults the one of the earlier part is reported first.
    parts: {
      'device events': deviceEvents,
      incidents: rules,
      'camera health': cameraHealth,
      store,
      'store verifier': verifier,
      disk: evidence.disk,
      tracks,
      retention,
      media: media.redaction,
      'desired state': upstream.desired,
    },
  });
  const console = buildConsole(options, {
    storage,
    peers,
    cameras,
    devices,
    incidents,
    lookBack,
    dryRuns,
    currentSite,
    flowsAudit,
    uplink: upstream.uplink,
    health: health.healths,
  });
  const apis = buildApis(options, {
    storage,
    peers,
    cameras,
    devices,
    incidents,
    currentSite,
    flowsAudit,
    console,
    ...upstream,
    mediaOutbox: media.outbox,
    healths: health.healths,
  });

  return [
    ['processor', peers.processor],
    ['store', store],
    ['disk', evidence.disk],
    ['tracks', tracks],
    ['look back', lookBack],
    ['dry runs', dryRuns],
    ['incidents', rules],
    ['desired state', upstream.desired],
    ['evidence', evidence.collector],
    ['media', media.redaction],
    ['camera health', cameraHealth],
    ['cameras', cameras],
    ['decisions', decisions],
    ['devices', devices],
    ['device events', deviceEvents],
    ['audit head', upstream.auditHead],
    ['retention', retention],
    ['clock sync', health.clockSync],
    ['clock watch', health.clockSteps],
    ['store verifier', verifier],
    ['health', peers.healths],
    ['uplink', upstream.uplink],
    ['sync api', apis.sync],
    ['flows api', apis.flows],
    ['cli api', apis.cli],
    ['console', console],
  ];
}

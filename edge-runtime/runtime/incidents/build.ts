import type { IncidentChange, Prompt } from '@gatehouse/contracts';
import type { CameraStates } from '../cameras/camera-states.ts';
import { DeviceEventIngest } from '../devices/device-event-ingest.ts';
import type { DeviceStates } from '../devices/device-states.ts';
import type { Peers } from '../health/build.ts';
import { Hub } from '../hub.ts';
import type { RuntimeOptions } from '../options.ts';
import type { Storage } from '../storage/build.ts';
import { CameraHealthIncidents } from './camera-health-incidents.ts';
import { IncidentRecords } from './incident-records.ts';
import { RuleIncidents } from './rule-incidents.ts';

export interface IncidentNeeds {
  readonly storage: Storage;
  readonly peers: Peers;
  readonly cameras: CameraStates;
  readonly devices: DeviceStates;
}

/**
 * Incidents on record, and the parts that open and clear them: the rules, the cameras' health and the
 * devices.
 */
export function buildIncidents(
  { site, clock, log }: RuntimeOptions,
  { storage, peers, cameras, devices }: IncidentNeeds,
) {
  const { store, tracks } = storage;
  const changes = new Hub<IncidentChange>((error) => log.error('incident-listener-failed', { error }));
  const prompts = new Hub<Prompt>((error) => log.error('prompt-listener-failed', { error }));
  const records = new IncidentRecords(store, changes);
  const rules = new RuleIncidents({
    site,
    tracks,
    store,
    records,
    prompts,
    clock,
    log,
    frames: cameras.frames,
  });
  devices.fireChanges.subscribe(({ latched }) => {
    rules.fireAlarm = latched;
  });
  return {
    changes,
    prompts,
    records,
    rules,
    cameraHealth: new CameraHealthIncidents({
      store,
      records,
      clock,
      log,
      cameras: site.cameras.map(({ id }) => id),
      statuses: cameras.changes,
    }),
    deviceEvents: new DeviceEventIngest({ store, drivers: peers.drivers, records, clock, log }),
  };
}

export type Incidents = ReturnType<typeof buildIncidents>;

import type { IncidentChange, Prompt } from '@gatehouse/contracts';
import type { CameraStates } from '../cameras/camera-states.ts';
import { DeviceEventIngest } from '../devices/device-event-ingest.ts';
import type { DeviceStates } from '../devices/device-states.ts';
import type { Peers } from '../health/build.ts';
import { Hub } from '../hub.ts';
import type { RuntimeOptions } from '../options.ts';
import type { Storage } from '../storage/build.ts';
import { CameraHealthIncidents } from './camera-health-incidents.ts';
import { IncidentHandling } from './incident-handling.ts';
import { RuleIncidents } from './rule-incidents.ts';

export interface IncidentNeeds {
  readonly storage: Storage;
  readonly peers: Peers;
  readonly cameras: CameraStates;
  readonly devices: DeviceStates;
}

/** Who opens and clears incidents: the rules, the cameras' health and the devices; and the people who handle them. */
export function buildIncidents(
  { site, clock, log }: RuntimeOptions,
  { storage, peers, cameras, devices }: IncidentNeeds,
) {
  const { store, tracks } = storage;
  const changes = new Hub<IncidentChange>((error) => log.error('incident-listener-failed', { error }));
  const prompts = new Hub<Prompt>((error) => log.error('prompt-listener-failed', { error }));
  const rules = new RuleIncidents({
    ...{ site, tracks, store, changes, prompts, clock, log },
    frames: cameras.frames,
  });
  devices.fireChanges.subscribe(({ latched }) => {
    rules.fireAlarm = latched;
  });
  return {
    ...{ changes, prompts, rules },
    cameraHealth: new CameraHealthIncidents({
      ...{ store, changes, clock, log },
      cameras: site.cameras.map(({ id }) => id),
      statuses: cameras.changes,
    }),
    deviceEvents: new DeviceEventIngest({ store, drivers: peers.drivers, changes, clock, log }),
    handling: new IncidentHandling(store, changes),
  };
}

export type Incidents = ReturnType<typeof buildIncidents>;

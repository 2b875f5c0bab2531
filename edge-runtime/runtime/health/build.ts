import { type Clock, ClockSync, type Log, ProcessorMonitor } from '@gatehouse/kit';
import type { DriversClient, FlowsClient, VisionClient } from '@gatehouse/local-api';
import type { EventStore } from '@gatehouse/store';
import type { RuntimeOptions } from '../options.ts';
import type { RetentionJob } from '../storage/retention-job.ts';
import { ClockSteps } from './clock-steps.ts';
import { PeerHealths } from './peer-healths.ts';
import { ServiceHealths, type ServiceHealthsOptions } from './service-healths.ts';

/** The other services and their health, and the load of the box's processors. */
export interface Peers {
  readonly processor: ProcessorMonitor;
  readonly healths: PeerHealths;
  readonly vision: VisionClient;
  readonly drivers: DriversClient;
  readonly flows: FlowsClient;
}

export function buildPeers({ clock, log, clients }: RuntimeOptions): Peers {
  const { drivers, flows } = clients;
  // The one pair that needs each other: vision says when it is short of processor, and then it is given
  // longer to answer.
  const told = () => healths.services().vision?.processor;
  const processor = new ProcessorMonitor({ clock, log, told });
  const vision = clients.vision((ms) => processor.limitMs(ms));
  const healths = new PeerHealths({ clock, polled: { vision, drivers }, processor });
  return { processor, healths, vision, drivers, flows };
}

export interface HealthNeeds {
  readonly clock: Clock;
  readonly log: Log;
  readonly peers: Peers;
  readonly parts: ServiceHealthsOptions['parts'];
  readonly store: EventStore;
  readonly retention: RetentionJob;
}

export function buildHealth({ clock, log, peers, parts, store, retention }: HealthNeeds) {
  const clockSync = new ClockSync({ clock, log });
  return {
    clockSync,
    clockSteps: new ClockSteps({
      store,
      clock,
      log,
      synchronised: () => clockSync.synchronised(),
      onStep: (stepMs) => retention.clockStepped(stepMs),
    }),
    healths: new ServiceHealths({ peers: peers.healths, parts, clockSync, processor: peers.processor }),
  };
}

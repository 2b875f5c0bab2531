import type { CameraStates } from '../cameras/camera-states.ts';
import type { Peers } from '../health/build.ts';
import type { Incidents } from '../incidents/build.ts';
import type { RuntimeOptions } from '../options.ts';
import type { Storage } from '../storage/build.ts';
import { DiskPressure } from './disk-pressure.ts';
import { EvidenceCollector, fetchClip } from './evidence-collector.ts';

export interface EvidenceNeeds {
  readonly storage: Storage;
  readonly peers: Peers;
  readonly cameras: CameraStates;
  readonly incidents: Incidents;
}

/** Stills and clips of incidents, as far as the disk has room for them. */
export function buildEvidence(
  { site, stateDir, clock, log }: RuntimeOptions,
  { storage, peers, cameras, incidents }: EvidenceNeeds,
) {
  const { store, stills, clips } = storage;
  const { vision } = peers;
  const disk = new DiskPressure({ folder: stateDir, bounds: site.store.pauseMedia, clock, log });
  const collector = new EvidenceCollector({
    store,
    stills,
    clips,
    clock,
    log,
    changes: incidents.changes,
    records: incidents.records,
    frames: cameras.frames,
    allows: (what) => disk.allows(what),
    view: (camera) => incidents.rules.view(camera),
    takeStill: async (camera, atMs) =>
      (await vision.bytes('still', { params: { id: camera }, query: { atMs }, timeoutMs: 15_000 })).bytes,
    takeClip: (camera, fromMs, toMs) => fetchClip(vision, camera, fromMs, toMs),
  });
  return { disk, collector };
}

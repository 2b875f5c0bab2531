import { join } from 'node:path';
import { EventStore, TrackStore } from '@gatehouse/store';
import { ClipFiles } from '../evidence/clip-files.ts';
import { StillFiles } from '../evidence/still-files.ts';
import { RedactedFiles } from '../media/redacted-files.ts';
import type { RuntimeOptions } from '../options.ts';
import { RetentionJob } from './retention-job.ts';
import { StoreVerifier } from './store-verifier.ts';

export type Storage = ReturnType<typeof buildStorage>;

/**
 * Everything on the disk: events.db, the tracks, the evidence files, and the jobs that delete and check them.
 */
export function buildStorage({ site, stateDir, clock, log }: RuntimeOptions) {
  const settings = site.store;
  const store = new EventStore({
    file: join(stateDir, 'events.db'),
    box: site.box.id,
    settings,
    clock,
    log,
  });
  const stills = new StillFiles(join(stateDir, 'stills'));
  const clips = new ClipFiles(join(stateDir, 'clips'), { maxBytes: settings.evidenceGiB * 1024 ** 3 });
  const redacted = new RedactedFiles(join(stateDir, 'redacted'));
  return {
    store,
    stills,
    clips,
    redacted,
    tracks: new TrackStore({ folder: join(stateDir, 'tracks'), clock, log }),
    retention: new RetentionJob({
      store,
      clock,
      log,
      evidence: [stills, clips, redacted],
      evidenceDays: settings.retentionDays.alarms,
    }),
    verifier: new StoreVerifier({ verify: () => store.verify(), clock, log }),
  };
}

import type { Peers } from '../health/build.ts';
import type { Incidents } from '../incidents/build.ts';
import type { RuntimeOptions } from '../options.ts';
import type { Storage } from '../storage/build.ts';
import { MediaOutbox } from './media-outbox.ts';
import { MediaRedaction } from './media-redaction.ts';

export interface MediaNeeds {
  readonly storage: Storage;
  readonly peers: Peers;
  readonly incidents: Incidents;
}

/** Redacted pictures on their way to the platform. */
export function buildMedia(
  { site, clock, log, random }: RuntimeOptions,
  { storage, peers, incidents }: MediaNeeds,
) {
  const { store, stills, redacted } = storage;
  const settings = site.uplink?.media;
  const outbox = new MediaOutbox({
    box: site.box.id,
    media: settings,
    files: redacted,
    store,
    clock,
    log,
  });
  const redaction = new MediaRedaction({
    outbox,
    store,
    stills,
    vision: peers.vision,
    clock,
    log,
    random,
    changes: incidents.changes,
    maxPeople: settings?.maxPeople ?? 0,
  });
  return { outbox, redaction };
}

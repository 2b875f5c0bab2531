import { createHash, randomUUID } from 'node:crypto';
import {
  type Incident,
  type MediaJob,
  type MediaUplink,
  type MediaWithheldReason,
  mediaUrl,
  type RedactedFacts,
} from '@gatehouse/contracts';
import { type Clock, errorOf, type GatehouseError, type Log } from '@gatehouse/kit';
import type { EventStore, MediaFacts, PendingMedia } from '@gatehouse/store';
import { storedEntry, withheldEntry } from './media-events.ts';
import type { RedactedFiles } from './redacted-files.ts';

export interface MediaOutboxOptions {
  readonly box: string;
  /** The site's setting. Without it nothing leaves, and pictures that waited from before are withheld. */
  readonly media: MediaUplink | undefined;
  readonly store: EventStore;
  readonly files: RedactedFiles;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Pictures that may wait. Past it the oldest is dropped, and the platform gets an event of it (drop policy:
 * drop-oldest). 13 MB of files.
 */
export const maxPending = 64;
/**
 * A picture that has waited for longer helps nobody, and an unsent picture need not be kept, milliseconds.
 */
const tooOldMs = 24 * 3_600_000;

/**
 * Pictures on their way to the platform: rows in events.db, redacted ones with a file, so that a restart
 * loses none and sends none twice. Every end of a picture is an event in the transaction that ends it.
 */
export class MediaOutbox {
  readonly #options: MediaOutboxOptions;
  constructor(options: MediaOutboxOptions) {
    this.#options = options;
  }

  /** Deletes files without a row. */
  start(): void {
    const { store, files } = this.#options;
    files.keepOnly(new Set(store.media.pending().map(({ incident }) => incident)));
  }

  /** Queues an incident's picture, if it may go and has not been queued before. Throws `STORE_FULL`. */
  offer(incident: Incident): boolean {
    if (!this.#mayGo(incident) || !incident.stills.includes('opened')) return false;
    return this.#options.store.media.queue(randomUUID(), incident.id);
  }

  /** Waiting pictures that may still go, oldest first. */
  pending(): PendingMedia[] {
    return this.#judged().flatMap(({ one, reason }) => (reason === undefined ? [one] : []));
  }

  /** Withholds pictures that may no longer go. Throws `STORE_FULL`; the rest is withheld the next time. */
  sweep(): void {
    for (const { one, reason } of this.#judged()) if (reason) this.withhold(one, reason);
  }

  /** Age of the oldest picture that has not ended, in milliseconds, whether it may still go or not. */
  waitedMs(): number {
    const { store, clock } = this.#options;
    const [oldest] = store.media.pending();
    return oldest ? clock.epochMs() - oldest.queuedMs : 0;
  }

  /** Keeps the redacted picture until it is sent. Durable when it returns. */
  ready({ id, incident }: PendingMedia, jpeg: Buffer, facts: RedactedFacts): void {
    const { files, store, log } = this.#options;
    files.write(incident, jpeg);
    store.media.ready(id, { ...facts, sha256: sha256Of(jpeg), bytes: jpeg.length });
    log.info('picture-redacted', { incident, ...facts.redaction, bytes: jpeg.length });
  }

  /** Ends it here; the platform gets the reason. */
  withhold({ id, incident }: PendingMedia, reason: MediaWithheldReason): void {
    const { store, files, clock } = this.#options;
    const entry = withheldEntry({ media: id, incident, reason }, clock.epochMs());
    if (store.media.end(id, 'withheld', entry)) files.remove(incident);
  }

  /** The oldest redacted picture. */
  next(): MediaJob | undefined {
    const [job] = this.pending().flatMap(({ id, facts }) =>
      facts ? [{ id, sha256: facts.sha256, bytes: facts.bytes }] : [],
    );
    return job;
  }

  /**
   * The bytes of a picture that `next` named. The record that it leaves the box is on the disk when this
   * returns. Throws `MEDIA_UNKNOWN`; `STORE_FULL`: a picture that cannot be recorded does not leave.
   */
  content(id: string): Buffer {
    const one = this.pending().find((pending) => pending.id === id);
    if (!one?.facts) throw unknown(id);
    const jpeg = this.#options.files.read(one.incident);
    if (!jpeg || sha256Of(jpeg) !== one.facts.sha256) {
      this.withhold(one, 'still-lost');
      throw unknown(id);
    }
    this.#record(one, one.facts);
    return jpeg;
  }

  /** The transfer ended; a repeat changes nothing. Throws `STORE_FULL`; then call it again. */
  ended(id: string, outcome: 'stored' | 'refused'): void {
    const { store, box, media, clock, files, log } = this.#options;
    const one = store.media.byId(id);
    if (!one?.facts) return;
    if (outcome === 'refused' || !media) {
      this.withhold(one, 'refused-by-platform');
      return;
    }
    const { incident, facts } = one;
    const url = mediaUrl(media.url, box, facts.sha256);
    const entry = storedEntry({ media: id, incident, facts, url }, clock.epochMs());
    if (!store.media.end(id, 'stored', entry)) return;
    files.remove(incident);
    log.info('picture-sent', { incident, sha256: facts.sha256, bytes: facts.bytes });
  }

  /** Every waiting picture, oldest first, with the reason why it may no longer go. */
  #judged(): { readonly one: PendingMedia; readonly reason: MediaWithheldReason | undefined }[] {
    const { store, clock } = this.#options;
    const all = store.media.pending();
    return all.map((one, i) => ({
      one,
      reason: this.#mayGo(store.incident(one.incident))
        ? overdue(one, all.length - i, clock.epochMs())
        : 'switched-off',
    }));
  }

  #mayGo(incident: Incident | undefined): boolean {
    return this.#options.media?.kinds.some((allowed) => allowed === incident?.kind) ?? false;
  }

  #record({ id, incident }: PendingMedia, { sha256, bytes, redaction }: MediaFacts): void {
    const { store, media } = this.#options;
    const kind = store.incident(incident)?.kind ?? 'unknown';
    store.media.hand(id, {
      recipient: media?.url ?? '',
      purpose: `redacted picture of an incident for the platform (${kind})`,
      who: 'site file, uplink.media.kinds',
      what: { incident, media: id, still: 'opened', sha256, bytes, ...redaction },
    });
  }
}

/**
 * True if a picture is to be dropped; `newer`: the number that wait from it on. A transfer that has begun is
 * completed.
 */
function overdue(
  { handed, queuedMs }: PendingMedia,
  newer: number,
  nowMs: number,
): MediaWithheldReason | undefined {
  if (handed) return undefined;
  if (newer > maxPending) return 'queue-full';
  return nowMs - queuedMs > tooOldMs ? 'too-old' : undefined;
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function unknown(id: string): GatehouseError {
  return errorOf('MEDIA_UNKNOWN', { id });
}

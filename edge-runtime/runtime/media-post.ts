import { createHash, randomUUID } from 'node:crypto';
import {
  type Incident,
  type IncidentChange,
  type MediaJob,
  type MediaUplink,
  type MediaWithheldReason,
  mediaLimits,
  mediaUrl,
  RedactedFacts,
  type ServiceHealth,
} from '@gatehouse/contracts';
import {
  Backoff,
  type Clock,
  every,
  GatehouseError,
  type LocalClient,
  type Log,
  type Part,
  type Random,
  sleep,
} from '@gatehouse/kit';
import type { EventStore, MediaFacts, PendingMedia } from '@gatehouse/store';
import type { Hub } from './hub.ts';
import { storedEntry, withheldEntry } from './media-events.ts';
import { ofOnePicture, outcomeOf } from './media-outcome.ts';
import type { RedactedFiles } from './redacted-files.ts';
import type { StillFiles } from './still-files.ts';

export interface MediaPostOptions {
  readonly box: string;
  /** What the site says; without it nothing leaves, and what waited from before is withheld. */
  readonly media: MediaUplink | undefined;
  readonly store: EventStore;
  readonly stills: StillFiles;
  readonly files: RedactedFiles;
  readonly changes: Hub<IncidentChange>;
  readonly vision: Pick<LocalClient, 'callRaw'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** Pictures that may wait; past it the oldest gives way and the platform is told (drop policy: drop-oldest). 13 MB of files. */
const maxPending = 64;
/** A picture that has waited for longer helps nobody, and what is not sent need not be kept, milliseconds. */
const tooOldMs = 24 * 3_600_000;
/** A little more than vision takes to give up. */
const redactWithinMs = 75_000;
/** What waits is looked through this often: what has grown too old goes, and what a full disk stopped goes on, milliseconds. */
const lookMs = 60_000;
/** From so long a wait on health says so, milliseconds. */
const waitsLongMs = 3_600_000;

/**
 * The one way of pictures out of the box: the still of an incident whose kind the site names is redacted by vision, kept as a file, and
 * handed to sync-agent. What cannot be redacted is withheld, and the platform is told that, never sent the still.
 */
export class MediaPost implements Part {
  readonly #options: MediaPostOptions;
  readonly #backoff: Backoff;
  readonly #abort = new AbortController();
  #working: Promise<void> | undefined;
  #stop: () => void = () => undefined;
  /** Why the last picture was not redacted, until one is. */
  #trouble: GatehouseError | undefined;

  constructor(options: MediaPostOptions) {
    this.#options = options;
    this.#backoff = new Backoff({ firstMs: 1_000, capMs: 60_000 }, options.random);
  }

  start(): void {
    const { store, files, changes, clock } = this.#options;
    files.keepOnly(new Set(store.media.pending().map(({ incident }) => incident)));
    const unsubscribe = changes.subscribe(({ incident }) => this.#consider(incident));
    const stopLooking = every(clock, lookMs, () => this.#wake());
    this.#stop = () => {
      unsubscribe();
      stopLooking();
    };
    // A stop between a still and its queueing.
    if (this.#options.media)
      for (const { incident } of store.incidents({ open: true, limit: maxPending })) this.#consider(incident);
    this.#wake();
  }

  async stop(): Promise<void> {
    this.#stop();
    this.#abort.abort();
    await this.#working;
  }

  /** The oldest redacted picture that waits. What may no longer go is withheld on the way. */
  next(): MediaJob | undefined {
    for (const one of this.#pending()) {
      if (!one.facts) continue;
      const { sha256, bytes } = one.facts;
      return { id: one.id, sha256, bytes };
    }
    return undefined;
  }

  /**
   * The bytes of a picture that `next` named. The record that it leaves the box is on the disk when this returns. Throws
   * `MEDIA_UNKNOWN`; `STORE_FULL`: what cannot be recorded does not leave.
   */
  content(id: string): Buffer {
    const one = this.#pending().find((pending) => pending.id === id);
    if (!one?.facts) throw unknown(id);
    const jpeg = this.#options.files.read(one.incident);
    if (!jpeg || sha256Of(jpeg) !== one.facts.sha256) {
      this.#withhold(one, 'still-lost');
      throw unknown(id);
    }
    this.#record(one, one.facts);
    return jpeg;
  }

  /** The transfer ended; a repeat changes nothing. Throws `STORE_FULL`, after which it is to be said again. */
  ended(id: string, outcome: 'stored' | 'refused'): void {
    const { store, box, media, clock, files, log } = this.#options;
    const one = store.media.byId(id);
    if (!one?.facts) return;
    if (outcome === 'refused' || !media) {
      this.#withhold(one, 'refused-by-platform');
      return;
    }
    const url = mediaUrl(media.url, box, one.facts.sha256);
    const entry = storedEntry({ media: id, incident: one.incident, facts: one.facts, url }, clock.epochMs());
    if (!store.media.end(id, 'stored', entry)) return;
    files.remove(one.incident);
    log.info('picture-sent', { incident: one.incident, sha256: one.facts.sha256, bytes: one.facts.bytes });
  }

  health(): ServiceHealth {
    if (this.#trouble) {
      const { code, message, remedy } = this.#trouble;
      const detail = `No picture goes to the platform: ${code}: ${message} ${remedy}`;
      return { status: 'degraded', detail: detail.slice(0, 300) };
    }
    const [oldest] = this.#options.store.media.pending();
    const waitedMs = oldest ? this.#options.clock.epochMs() - oldest.queuedMs : 0;
    if (waitedMs < waitsLongMs) return { status: 'ok' };
    const hours = Math.round(waitedMs / 3_600_000);
    return {
      status: 'degraded',
      detail: `A redacted picture has waited for ${hours} h to be sent; see the log of the sync service.`,
    };
  }

  #consider(incident: Incident): void {
    const { store, log } = this.#options;
    if (!this.#mayGo(incident) || !incident.stills.includes('opened')) return;
    try {
      if (store.media.queue(randomUUID(), incident.id)) this.#wake();
    } catch (error) {
      // A full disk: the incident stands, its picture stays on the box.
      if (!(error instanceof GatehouseError)) throw error;
      log.warn('picture-not-queued', { incident: incident.id, error });
    }
  }

  #mayGo(incident: Incident | undefined): boolean {
    return this.#options.media?.kinds.some((allowed) => allowed === incident?.kind) ?? false;
  }

  /** What waits and may still go, oldest first; the rest is withheld. */
  #pending(): PendingMedia[] {
    const { store, clock } = this.#options;
    const all = store.media.pending();
    return all.filter((one, i) => {
      const reason = this.#mayGo(store.incident(one.incident))
        ? overdue(one, all.length - i, clock.epochMs())
        : 'switched-off';
      if (reason) this.#withhold(one, reason);
      return reason === undefined;
    });
  }

  #wake(): void {
    if (this.#working || this.#abort.signal.aborted) return;
    this.#working = this.#work().finally(() => {
      this.#working = undefined;
      // Queued in the very last turn.
      if (this.#nextToRedact()) this.#wake();
    });
  }

  /** Redacts one picture after the other until none waits. */
  async #work(): Promise<void> {
    const { clock, log } = this.#options;
    const { signal } = this.#abort;
    // Not in the turn of whoever published the change.
    await Promise.resolve();
    for (let one = this.#nextToRedact(); one; one = this.#nextToRedact()) {
      try {
        await this.#redact(one);
        this.#backoff.reset();
      } catch (error) {
        if (signal.aborted) return;
        log.warn('picture-waits', { incident: one.incident, error });
        await sleep(clock, this.#backoff.nextMs(), signal);
      }
    }
  }

  #nextToRedact(): PendingMedia | undefined {
    if (this.#abort.signal.aborted) return undefined;
    try {
      return this.#pending().find(({ state }) => state === 'waiting');
    } catch (error) {
      if (!(error instanceof GatehouseError)) throw error;
      this.#options.log.warn('pictures-not-read', { error });
      return undefined;
    }
  }

  /** Throws what may be over by itself: vision is away or busy, the disk is full. */
  async #redact(one: PendingMedia): Promise<void> {
    const { stills, files, store, vision, media, log } = this.#options;
    const still = stills.read(one.incident, 'opened');
    if (!still) {
      this.#withhold(one, 'still-lost');
      return;
    }
    try {
      const answer = await vision.callRaw('POST', `/redactions?maxPeople=${media?.maxPeople ?? 0}`, {
        raw: { type: 'image/jpeg', bytes: still },
        timeoutMs: redactWithinMs,
        signal: this.#abort.signal,
      });
      const facts = factsOf(answer.bytes, answer.headers['x-redacted']);
      files.write(one.incident, answer.bytes);
      store.media.ready(one.id, facts);
      this.#trouble = undefined;
      log.info('picture-redacted', { incident: one.incident, ...facts.redaction, bytes: facts.bytes });
    } catch (error) {
      const reason = outcomeOf(error);
      if (reason === undefined) throw error;
      if (error instanceof GatehouseError && !ofOnePicture(error)) this.#trouble = error;
      log.warn('picture-withheld', { incident: one.incident, reason, error });
      this.#withhold(one, reason);
    }
  }

  #withhold({ id, incident }: PendingMedia, reason: MediaWithheldReason): void {
    const { store, files, clock } = this.#options;
    const entry = withheldEntry({ media: id, incident, reason }, clock.epochMs());
    if (store.media.end(id, 'withheld', entry)) files.remove(incident);
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

/** Whether a picture gives way; `newer`: how many wait from it on. One whose transfer has begun is seen through. */
function overdue(
  { handed, queuedMs }: PendingMedia,
  newer: number,
  nowMs: number,
): MediaWithheldReason | undefined {
  if (handed) return undefined;
  if (newer > maxPending) return 'queue-full';
  return nowMs - queuedMs > tooOldMs ? 'too-old' : undefined;
}

function factsOf(jpeg: Buffer, header: string | string[] | undefined): MediaFacts {
  const facts = RedactedFacts.safeParse(parsed(String(header)));
  if (!facts.success || jpeg.length === 0 || jpeg.length > mediaLimits.bytes)
    throw new GatehouseError(
      'REDACTION_ANSWER',
      'peer',
      'vision answered a redaction with something that is none.',
      'Check that vision and runtime are of one version.',
    );
  return { ...facts.data, sha256: sha256Of(jpeg), bytes: jpeg.length };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function unknown(id: string): GatehouseError {
  return new GatehouseError('MEDIA_UNKNOWN', 'input', `no picture ${id} waits.`, 'Ask for the next one.');
}

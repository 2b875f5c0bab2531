import {
  faultBy,
  type HealthFault,
  healthFault,
  type Incident,
  type IncidentChange,
  mediaLimits,
  RedactedFacts,
} from '@gatehouse/contracts';
import {
  Backoff,
  type Clock,
  errorOf,
  every,
  GatehouseError,
  type Log,
  type Part,
  type Random,
  sleep,
} from '@gatehouse/kit';
import type { VisionClient } from '@gatehouse/local-api';
import type { EventStore, PendingMedia } from '@gatehouse/store';
import type { StillFiles } from '../evidence/still-files.ts';
import type { Hub } from '../hub.ts';
import { type MediaOutbox, maxPending } from './media-outbox.ts';
import { ofOnePicture, outcomeOf } from './media-outcome.ts';

export interface MediaRedactionOptions {
  readonly outbox: MediaOutbox;
  /** A picture with more faces or people stays here. */
  readonly maxPeople: number;
  readonly store: Pick<EventStore, 'incidents'>;
  readonly stills: StillFiles;
  readonly changes: Hub<IncidentChange>;
  readonly vision: Pick<VisionClient, 'bytes'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** A little longer than vision's own limit. */
const redactWithinMs = 75_000;
/**
 * Interval of the looks at waiting pictures, milliseconds. Those that are too old are withheld, and those
 * that a full disk stopped go on.
 */
const lookMs = 60_000;
/** After a wait of this long health reports it, milliseconds. */
const waitsLongMs = 3_600_000;

/**
 * The one way of pictures out of the box: the still of an incident whose kind the site names is redacted by
 * vision and queued for sync-agent. A still that cannot be redacted is withheld: the platform gets an event
 * of that, never the still.
 */
export class MediaRedaction implements Part {
  readonly #options: MediaRedactionOptions;
  readonly #backoff: Backoff;
  readonly #abort = new AbortController();
  #working: Promise<void> | undefined;
  #stop: () => void = () => undefined;
  /** The reason why the last picture was not redacted, until one is. */
  #trouble: GatehouseError | undefined;

  constructor(options: MediaRedactionOptions) {
    this.#options = options;
    this.#backoff = new Backoff({ firstMs: 1_000, capMs: 60_000 }, options.random);
  }

  start(): void {
    const { outbox, store, changes, clock } = this.#options;
    outbox.start();
    const unsubscribe = changes.subscribe(({ incident }) => this.#consider(incident));
    const stopLooking = every(clock, lookMs, () => this.#wake());
    this.#stop = () => {
      unsubscribe();
      stopLooking();
    };
    // A stop between a still and its queueing.
    for (const { incident } of store.incidents({ open: true, limit: maxPending })) this.#consider(incident);
    this.#wake();
  }

  async stop(): Promise<void> {
    this.#stop();
    this.#abort.abort();
    await this.#working;
  }

  /**
   * The trouble that keeps pictures from the platform. Changes nothing: `#sweep` withholds those that are too
   * old.
   */
  health(): HealthFault[] {
    const faults: HealthFault[] = [];
    if (this.#trouble) faults.push(faultBy('platform', 'PICTURES_HELD_BACK', this.#trouble));
    const waitedMs = this.#options.outbox.waitedMs();
    if (waitedMs >= waitsLongMs) {
      const hours = Math.round(waitedMs / 3_600_000);
      faults.push(healthFault('platform', 'PICTURES_WAIT', { hours }));
    }
    return faults;
  }

  #consider(incident: Incident): void {
    try {
      if (this.#options.outbox.offer(incident)) this.#wake();
    } catch (error) {
      // On a full disk the incident is kept, and its picture stays on the box.
      if (!(error instanceof GatehouseError)) throw error;
      this.#options.log.warn('picture-not-queued', { incident: incident.id, error });
    }
  }

  #wake(): void {
    if (this.#abort.signal.aborted) return;
    this.#sweep();
    if (this.#working) return;
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
    // Not in the turn of the publisher of the change.
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
    return this.#options.outbox.pending().find(({ state }) => state === 'waiting');
  }

  /**
   * On a full disk nothing can be withheld. The next look tries again, and nothing too old is sent meanwhile.
   */
  #sweep(): void {
    try {
      this.#options.outbox.sweep();
    } catch (error) {
      if (!(error instanceof GatehouseError)) throw error;
      this.#options.log.warn('pictures-not-withheld', { error });
    }
  }

  /** Throws errors that may pass by themselves: vision is away or busy, the disk is full. */
  async #redact(one: PendingMedia): Promise<void> {
    const { outbox, stills, vision, maxPeople, log } = this.#options;
    const still = stills.read(one.incident, 'opened');
    if (!still) {
      outbox.withhold(one, 'still-lost');
      return;
    }
    try {
      const { bytes, headers } = await vision.bytes('redact', {
        query: { maxPeople },
        bytes: still,
        timeoutMs: redactWithinMs,
        signal: this.#abort.signal,
      });
      outbox.ready(one, bytes, factsOf(bytes, headers['x-redacted']));
      this.#trouble = undefined;
    } catch (error) {
      const reason = outcomeOf(error);
      if (reason === undefined) throw error;
      if (error instanceof GatehouseError && !ofOnePicture(error)) this.#trouble = error;
      log.warn('picture-withheld', { incident: one.incident, reason, error });
      outbox.withhold(one, reason);
    }
  }
}

function factsOf(jpeg: Buffer, header: string | string[] | undefined): RedactedFacts {
  const facts = RedactedFacts.safeParse(parsed(String(header)));
  if (facts.success && jpeg.length > 0 && jpeg.length <= mediaLimits.bytes) return facts.data;
  throw errorOf('REDACTION_ANSWER');
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

import { createHash } from 'node:crypto';
import {
  errorFault,
  type HealthFault,
  type MediaJob,
  type MediaResult,
  mediaLimits,
  mediaUrl,
} from '@gatehouse/contracts';
import {
  Backoff,
  type Clock,
  errorOf,
  GatehouseError,
  type Log,
  type Part,
  type Random,
  sleep,
} from '@gatehouse/kit';
import type { Beside } from '../uplink/status-reporter.ts';
import type { MediaSource } from './media-source.ts';
import { plainJpegFault } from './plain-jpeg.ts';
import type { Uploader } from './upload.ts';

export interface MediaSenderOptions {
  readonly box: string;
  readonly url: string;
  readonly source: MediaSource;
  readonly uploader: Uploader;
  /**
   * How often the runtime is asked whether a picture waits, milliseconds; 5 s if absent: pictures are rare
   * and can wait.
   */
  readonly askEveryMs?: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

const defaultAskEveryMs = 5_000;
/**
 * A server may have lost bytes or mind once; a picture that it refuses so often, with pauses in between, it
 * will never take.
 */
const maxRefusals = 3;

/**
 * The way of redacted pictures to the platform's media server, one after the other, behind everything else on
 * the link. What is not a plain JPEG of the announced hash and size is not sent, whoever says that it was
 * redacted.
 */
export class MediaSender implements Part, Beside {
  readonly #options: MediaSenderOptions;
  readonly #backoff: Backoff;
  readonly #abort = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #refused = { id: '', count: 0 };
  #trouble: GatehouseError | undefined;
  #told: () => void = () => undefined;

  constructor(options: MediaSenderOptions) {
    this.#options = options;
    this.#backoff = new Backoff({ firstMs: 1_000, capMs: 300_000, jitter: 'full' }, options.random);
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#running;
    this.#options.uploader.close();
  }

  onChange(listener: () => void): void {
    this.#told = listener;
  }

  /** The fault that keeps pictures from the platform. */
  health(): HealthFault[] {
    return this.#trouble ? [errorFault('platform', this.#trouble)] : [];
  }

  async #run(): Promise<void> {
    const { clock, source, askEveryMs = defaultAskEveryMs } = this.#options;
    const { signal } = this.#abort;
    while (!signal.aborted) {
      try {
        const job = await source.next(signal);
        if (job) await this.#send(job, signal);
        else await sleep(clock, askEveryMs, signal);
      } catch (error) {
        await this.#wait(error, 0);
      }
    }
  }

  async #send(job: MediaJob, signal: AbortSignal): Promise<void> {
    const { box, url, source, uploader, log } = this.#options;
    const jpeg = await source.content(job, signal);
    const fault = faultOf(jpeg, job);
    if (fault) {
      // Neither the runtime nor vision is believed: the bytes are looked at here, at the last door.
      log.error('picture-refused', { id: job.id, fault });
      await this.#end(job, 'refused', signal);
      return;
    }
    const { sha256, bytes } = job;
    const end = await uploader.put({ url: mediaUrl(url, box, sha256), sha256, bytes }, jpeg, signal);
    if (signal.aborted) return;
    if (end.outcome === 'later') await this.#wait(end.reason, end.waitMs);
    else if (end.outcome === 'refused' && !this.#isFinal(job)) await this.#wait(refusedOnce(url), 0);
    else await this.#end(job, end.outcome, signal);
  }

  #isFinal({ id }: MediaJob): boolean {
    this.#refused = { id, count: this.#refused.id === id ? this.#refused.count + 1 : 1 };
    return this.#refused.count >= maxRefusals;
  }

  /**
   * Until the runtime has written it down: a reference that is lost would leave a picture that nobody knows
   * of.
   */
  async #end(job: MediaJob, outcome: MediaResult['outcome'], signal: AbortSignal): Promise<void> {
    const { source, log, clock } = this.#options;
    while (!signal.aborted) {
      try {
        await source.ended(job, outcome, signal);
        break;
      } catch (error) {
        log.warn('picture-end-not-told', { id: job.id, outcome, error });
        await sleep(clock, this.#backoff.nextMs(), signal);
      }
    }
    this.#backoff.reset();
    this.#turn(undefined);
    log.info('picture-ended', { id: job.id, outcome });
  }

  async #wait(error: unknown, waitMs: number): Promise<void> {
    const { clock, log } = this.#options;
    const { signal } = this.#abort;
    if (signal.aborted) return;
    const reason = error instanceof GatehouseError ? error : invalidJob(error);
    if (reason.code !== this.#trouble?.code) log.warn('pictures-wait', { error: reason });
    // That the runtime is away is told elsewhere, and a picture that it took back is no trouble.
    this.#turn(reason.code === 'PEER_DOWN' || reason.code === 'MEDIA_UNKNOWN' ? undefined : reason);
    await sleep(clock, Math.max(waitMs, this.#backoff.nextMs()), signal);
  }

  #turn(trouble: GatehouseError | undefined): void {
    const known = trouble?.code === this.#trouble?.code;
    this.#trouble = trouble;
    if (!known) this.#told();
  }
}

/** The reason to keep bytes on the box, or `undefined`. */
export function faultOf(jpeg: Uint8Array, { sha256, bytes }: Omit<MediaJob, 'id'>): string | undefined {
  if (jpeg.length !== bytes || bytes > mediaLimits.bytes) return `${jpeg.length} bytes, not ${bytes}`;
  if (createHash('sha256').update(jpeg).digest('hex') !== sha256) return 'another hash';
  return plainJpegFault(jpeg);
}

function refusedOnce(url: string): GatehouseError {
  return errorOf('MEDIA_CONTENT_REFUSED', { url });
}

function invalidJob(cause: unknown): GatehouseError {
  return errorOf('MEDIA_JOB_INVALID', {}, { cause });
}

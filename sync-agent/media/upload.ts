import { type Clock, GatehouseError, sleep, systemCode } from '@gatehouse/kit';
import { HttpsPeer, type PeerAnswer, type PeerRequest } from '../https/https-peer.ts';
import type { ClientTls } from '../tls/client-tls.ts';
import { tlsError } from '../tls/tls-error.ts';
import type { Throttle } from '../uplink/throttle.ts';
import { judgeHead, judgePut, type MediaAnswer, type Wanted } from './judge.ts';

export interface UploaderOptions {
  /** The media server's address, below which pictures lie. */
  readonly url: string;
  readonly token?: string | undefined;
  readonly tls?: (() => ClientTls) | undefined;
  /** What is left of the link by everything else. */
  readonly throttle: Throttle;
  readonly timeoutMs?: number | undefined;
  readonly clock: Clock;
}

export type UploadEnd =
  | { readonly outcome: 'stored' | 'refused' }
  | { readonly outcome: 'later'; readonly reason: GatehouseError; readonly waitMs: number };

/** From the last bytes that went to the answer: that a server is silent is told within 30 s. */
const defaultTimeoutMs = 20_000;
/** What a cut link may cost at most where the server keeps only whole parts. */
const partBytes = 64 * 1024;
/** The line, the headers and the answer of a request, about. */
const headBytes = 600;
/** Answers that move nothing, in a row; more is a server that goes in circles. */
const maxStalls = 4;

/** Puts one picture to the media server: asks what is there, sends what is missing in parts, and asks again. */
export class Uploader {
  readonly #options: UploaderOptions;
  readonly #peer: HttpsPeer;

  constructor(options: UploaderOptions) {
    this.#options = options;
    const { url, tls, timeoutMs = defaultTimeoutMs, clock } = options;
    const silent = { code: 'MEDIA_SILENT', remedy: 'Check the media server and the link.' };
    this.#peer = new HttpsPeer({ url, tls, timeoutMs, clock, silent });
  }

  close(): void {
    this.#peer.close();
  }

  /** Until it is stored, refused, or something is in the way; then where it stopped is where it goes on. */
  async put(wanted: Wanted, jpeg: Uint8Array, signal: AbortSignal): Promise<UploadEnd> {
    try {
      this.#peer.open();
      return await this.#put(wanted, jpeg, signal);
    } catch (error) {
      return { outcome: 'later', reason: uploadError(wanted.url, error), waitMs: 0 };
    }
  }

  async #put(wanted: Wanted, jpeg: Uint8Array, signal: AbortSignal): Promise<UploadEnd> {
    let told = await this.#ask(wanted, signal);
    let [most, stalls] = [-1, 0];
    for (;;) {
      if (told.kind === 'stored' || told.kind === 'refused') return { outcome: told.kind };
      if (told.kind === 'later') {
        const { reason, waitMs } = told;
        return { outcome: 'later', reason, waitMs };
      }
      const has = told.kind === 'has' ? told.bytes : undefined;
      if (has !== undefined && has > most) {
        most = has;
        stalls = 0;
      } else if (++stalls > maxStalls)
        return { outcome: 'later', reason: goesInCircles(wanted.url), waitMs: 0 };
      if (told.kind === 'ask' || has === wanted.bytes) told = await this.#ask(wanted, signal);
      else told = await this.#send(wanted, jpeg, has, signal);
    }
  }

  async #ask(wanted: Wanted, signal: AbortSignal): Promise<MediaAnswer> {
    const answer = await this.#exchange(wanted, { method: 'HEAD', headers: {} }, signal);
    return judgeHead(answer, wanted, this.#options.clock.epochMs());
  }

  /** The next part from `from` on; all of it where the server knows of no parts. */
  async #send(
    wanted: Wanted,
    jpeg: Uint8Array,
    from: number | undefined,
    signal: AbortSignal,
  ): Promise<MediaAnswer> {
    const body = from === undefined ? jpeg : jpeg.subarray(from, from + partBytes);
    const range = from === undefined ? undefined : `bytes ${from}-${from + body.length - 1}/${jpeg.length}`;
    const headers = {
      'content-type': 'image/jpeg',
      'content-length': String(body.length),
      ...(range === undefined ? {} : { 'content-range': range }),
    };
    const answer = await this.#exchange(wanted, { method: 'PUT', headers, body }, signal);
    const told = judgePut(answer, wanted, this.#options.clock.epochMs());
    // Whole pictures are confirmed by a HEAD; an offset from one who was sent no part means nothing.
    return from === undefined && told.kind === 'has' ? { kind: 'ask' } : told;
  }

  /** In its turn: after all events, within what is left of the link. */
  async #exchange({ url }: Wanted, request: PeerRequest, signal: AbortSignal): Promise<PeerAnswer> {
    const { token } = this.#options;
    const pace = (bytes: number, over: AbortSignal) => this.#turn(bytes, over);
    await pace(headBytes, signal);
    const headers = {
      ...request.headers,
      'user-agent': 'gatehouse-sync',
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    };
    return this.#peer.exchange({ ...request, url, headers, pace }, signal);
  }

  async #turn(bytes: number, signal: AbortSignal): Promise<void> {
    const { throttle, clock } = this.#options;
    for (let waitMs = throttle.takeSpare(bytes); waitMs > 0; waitMs = throttle.takeSpare(bytes)) {
      await sleep(clock, waitMs, signal);
      if (signal.aborted) throw stopped();
    }
  }
}

function stopped(): GatehouseError {
  return new GatehouseError('MEDIA_STOPPED', 'environment', 'the service stops.', '');
}

function goesInCircles(url: string): GatehouseError {
  return new GatehouseError(
    'MEDIA_STUCK',
    'peer',
    `${url} takes parts of a picture and never has more of it.`,
    'Check the media server: its Upload-Offset must grow, and its Repr-Digest must follow.',
  );
}

function uploadError(url: string, cause: unknown): GatehouseError {
  if (cause instanceof GatehouseError) return cause;
  return (
    tlsError(url, cause) ??
    new GatehouseError(
      'MEDIA_UNREACHABLE',
      'environment',
      `cannot reach ${url} (${systemCode(cause) ?? 'broken answer'}).`,
      'Check the network, "uplink.media.url" and that the media server runs.',
      { cause },
    )
  );
}

import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { TLSSocket } from 'node:tls';
import { type Clock, errorOf, readBounded } from '@gatehouse/kit';
import type { ClientTls } from '../tls/client-tls.ts';

/** Bytes of a paced body that go at a time. */
const pieceBytes = 4096;
/** An answer holds one acknowledgement of 120 bytes a class; anything longer is none, compressed or not. */
export const maxAnswerBytes = 16 * 1024;

export interface PeerOptions {
  readonly url: string;
  readonly tls?: (() => ClientTls) | undefined;
  /**
   * For one exchange, from its first byte to the answer's last; of a paced body, from its last byte that
   * went.
   */
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** The error when that time is over. */
  readonly silent: 'MEDIA_SILENT' | 'WEBHOOK_SILENT';
}

export interface PeerRequest {
  readonly method: 'POST' | 'PUT' | 'HEAD';
  /** The peer's own address if absent. */
  readonly url?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Waits until so many bytes of the body may go; all at once if absent. */
  readonly pace?: (bytes: number, signal: AbortSignal) => Promise<void>;
}

export interface PeerAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** As it came: `decoded` undoes its content coding. */
  readonly body: Buffer;
  /** When the server's certificate ends, epoch milliseconds. */
  readonly certEndsMs: number | undefined;
}

/**
 * One HTTP server, over connections of its own: no proxy, no redirect, each exchange bounded in time and
 * bytes.
 */
export class HttpsPeer {
  readonly #options: PeerOptions;
  #agent: HttpAgent | undefined;
  certEndsMs: number | undefined;

  constructor(options: PeerOptions) {
    this.#options = options;
  }

  /** Reads the TLS files anew; throws `GatehouseError`. */
  open(): void {
    this.close();
    const { url, tls } = this.#options;
    if (url.startsWith('http:')) this.#agent = new HttpAgent({ keepAlive: true, maxSockets: 4 });
    else {
      const { ca, cert, key, certEndsMs } = tls?.() ?? {};
      this.certEndsMs = certEndsMs;
      this.#agent = new HttpsAgent({ keepAlive: true, maxSockets: 4, ca, cert, key, minVersion: 'TLSv1.2' });
    }
  }

  close(): void {
    this.#agent?.destroy();
    this.#agent = undefined;
  }

  /** Throws what Node throws, `BODY_TOO_LARGE`, or the code for silence. */
  async exchange(request: PeerRequest, signal: AbortSignal): Promise<PeerAnswer> {
    const { url, clock, timeoutMs, silent } = this.#options;
    const late = new AbortController();
    let cancel: () => void = () => undefined;
    const watch = () => {
      cancel();
      cancel = clock.after(timeoutMs, () => late.abort());
    };
    watch();
    let call: ClientRequest | undefined;
    try {
      const sent = this.#send(request, AbortSignal.any([signal, late.signal]), watch);
      call = sent.call;
      const response = await sent.response;
      const { socket } = response;
      const certEndsMs =
        socket instanceof TLSSocket ? Date.parse(socket.getPeerCertificate().valid_to) : undefined;
      const body = await readBounded(response, maxAnswerBytes);
      return { status: response.statusCode ?? 0, headers: response.headers, body, certEndsMs };
    } catch (cause) {
      if (!late.signal.aborted) throw cause;
      throw errorOf(silent, { url, seconds: timeoutMs / 1000 }, { cause });
    } finally {
      cancel();
      // An answer that came before the body was out: the rest is not poured into nothing.
      if (call && !call.writableFinished) call.destroy();
    }
  }

  #send(
    { method, url, headers, body, pace }: PeerRequest,
    signal: AbortSignal,
    onWritten: () => void,
  ): { readonly call: ClientRequest; readonly response: Promise<IncomingMessage> } {
    const to = url ?? this.#options.url;
    const request = to.startsWith('http:') ? httpRequest : httpsRequest;
    const call = request(to, { method, agent: this.#agent, headers, signal });
    const response = new Promise<IncomingMessage>((resolve, reject) => {
      call.once('response', resolve).on('error', reject);
    });
    if (!body || !pace) call.end(body);
    else pour(call, body, (bytes) => pace(bytes, signal), onWritten).catch((error) => call.destroy(error));
    return { call, response };
  }
}

async function pour(
  call: ClientRequest,
  body: Uint8Array,
  pace: (bytes: number) => Promise<void>,
  onWritten: () => void,
): Promise<void> {
  for (let at = 0; at < body.length && !call.destroyed; at += pieceBytes) {
    const piece = body.subarray(at, at + pieceBytes);
    await pace(piece.length);
    if (call.destroyed) return;
    call.write(piece);
    onWritten();
  }
  call.end();
}

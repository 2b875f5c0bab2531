import { createHash, createHmac } from 'node:crypto';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { TLSSocket } from 'node:tls';
import { type Clock, GatehouseError, readBounded } from '@gatehouse/kit';
import type { ClientTls } from '../tls/client-tls.ts';

/** An answer holds one acknowledgement of 120 bytes a class; anything longer is none. */
export const maxAnswerBytes = 16 * 1024;

export interface WebhookAddress {
  readonly url: string;
  readonly token?: string | undefined;
  readonly signingSecret?: string | undefined;
  readonly tls?: (() => ClientTls) | undefined;
  readonly timeoutMs: number;
  readonly clock: Clock;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: Buffer;
  readonly retryAfter: string | undefined;
  /** When the server's certificate ends, epoch milliseconds. */
  readonly certEndsMs: number | undefined;
}

/**
 * POSTs a batch of CloudEvents (HTTP binding 1.0.2, 3.3) over connections of its own: no proxy, no redirect, the whole
 * exchange within `timeoutMs`. Throws what Node throws, or `WEBHOOK_SILENT`.
 */
export class WebhookRequests {
  readonly #address: WebhookAddress;
  #agent: HttpAgent | undefined;
  certEndsMs: number | undefined;

  constructor(address: WebhookAddress) {
    this.#address = address;
  }

  /** Reads the TLS files anew; throws `GatehouseError`. */
  open(): void {
    this.close();
    const { url, tls } = this.#address;
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

  async post(body: Buffer, signal: AbortSignal): Promise<HttpAnswer> {
    const { url, clock, timeoutMs } = this.#address;
    const late = new AbortController();
    const cancel = clock.after(timeoutMs, () => late.abort());
    try {
      const response = await this.#send(body, AbortSignal.any([signal, late.signal]));
      const { socket } = response;
      const certEndsMs =
        socket instanceof TLSSocket ? Date.parse(socket.getPeerCertificate().valid_to) : undefined;
      const answer = await readBounded(response, maxAnswerBytes);
      const retryAfter = response.headers['retry-after'];
      return { status: response.statusCode ?? 0, body: answer, retryAfter, certEndsMs };
    } catch (cause) {
      if (!late.signal.aborted) throw cause;
      throw new GatehouseError(
        'WEBHOOK_SILENT',
        'peer',
        `${url} did not answer within ${timeoutMs / 1000} s.`,
        'Check the platform, or raise "uplink.ackTimeoutS".',
        { cause },
      );
    } finally {
      cancel();
    }
  }

  #send(body: Buffer, signal: AbortSignal): Promise<IncomingMessage> {
    const { url } = this.#address;
    const request = url.startsWith('http:') ? httpRequest : httpsRequest;
    return new Promise((resolve, reject) => {
      const headers = this.#headers(body);
      request(url, { method: 'POST', agent: this.#agent, headers, signal })
        .once('response', resolve)
        .on('error', reject)
        .end(body);
    });
  }

  /** The key is the content's hash: the same batch sent again has the same key, a batch that changed has another. */
  #headers(body: Buffer): Record<string, string> {
    const { token, signingSecret, clock } = this.#address;
    const id = createHash('sha256').update(body).digest('hex').slice(0, 32);
    const timestamp = String(Math.floor(clock.epochMs() / 1000));
    return {
      'content-type': 'application/cloudevents-batch+json; charset=utf-8',
      'content-length': String(body.length),
      accept: 'application/json',
      'user-agent': 'gatehouse-sync',
      // draft-ietf-httpapi-idempotency-key-header-07, 2.1: a structured-field string.
      'idempotency-key': `"${id}"`,
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(signingSecret
        ? {
            'webhook-id': id,
            'webhook-timestamp': timestamp,
            'webhook-signature': sign(signingSecret, id, timestamp, body),
          }
        : {}),
    };
  }
}

/** Standard Webhooks 1.0: `v1,` + base64 of HMAC-SHA256 over `id.timestamp.body`; a secret `whsec_…` is base64. */
function sign(secret: string, id: string, timestamp: string, body: Buffer): string {
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret);
  const mac = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64');
  return `v1,${mac}`;
}

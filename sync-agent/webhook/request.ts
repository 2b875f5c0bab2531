import { createHash, createHmac } from 'node:crypto';
import type { Clock } from '@gatehouse/kit';
import { decoded } from '../https/content-coding.ts';
import { HttpsPeer, maxAnswerBytes } from '../https/https-peer.ts';
import type { ClientTls } from '../tls/client-tls.ts';

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
  /** Without its content coding; only of a 2xx, since nothing else is read. */
  readonly body: Buffer;
  readonly retryAfter: string | undefined;
  /** When the server's certificate ends, epoch milliseconds. */
  readonly certEndsMs: number | undefined;
}

/**
 * POSTs a batch of CloudEvents (HTTP binding 1.0.2, 3.3). Throws what `HttpsPeer` throws, with
 * `WEBHOOK_SILENT`, and what `decoded` throws.
 */
export class WebhookRequests {
  readonly #address: WebhookAddress;
  readonly #peer: HttpsPeer;

  constructor(address: WebhookAddress) {
    this.#address = address;
    const { url, tls, timeoutMs, clock } = address;
    this.#peer = new HttpsPeer({ url, tls, timeoutMs, clock, silent: 'WEBHOOK_SILENT' });
  }

  get certEndsMs(): number | undefined {
    return this.#peer.certEndsMs;
  }

  /** Reads the TLS files anew; throws `GatehouseError`. */
  open(): void {
    this.#peer.open();
  }

  close(): void {
    this.#peer.close();
  }

  async post(body: Buffer, signal: AbortSignal): Promise<HttpAnswer> {
    const request = { method: 'POST', headers: this.#headers(body), body } as const;
    const { status, headers, certEndsMs, body: coded } = await this.#peer.exchange(request, signal);
    const isRead = status >= 200 && status < 300;
    const plain = isRead ? decoded(coded, headers['content-encoding'], maxAnswerBytes) : Buffer.alloc(0);
    return { status, body: plain, retryAfter: headers['retry-after'], certEndsMs };
  }

  /**
   * The key is the content's hash: the same batch sent again has the same key, a batch that changed has
   * another.
   */
  #headers(body: Buffer): Record<string, string> {
    const { token, signingSecret, clock } = this.#address;
    const id = createHash('sha256').update(body).digest('hex').slice(0, 32);
    const timestamp = String(Math.floor(clock.epochMs() / 1000));
    return {
      'content-type': 'application/cloudevents-batch+json; charset=utf-8',
      'content-length': String(body.length),
      accept: 'application/json',
      // An answer of 120 bytes does not get smaller; a proxy that compresses all the same is told what is
      // understood.
      'accept-encoding': 'identity, gzip;q=0.5, br;q=0.5, deflate;q=0.5, zstd;q=0.5',
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

/**
 * Standard Webhooks 1.0: `v1,` + base64 of HMAC-SHA256 over `id.timestamp.body`; a secret `whsec_…` is
 * base64.
 */
function sign(secret: string, id: string, timestamp: string, body: Buffer): string {
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret);
  const mac = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64');
  return `v1,${mac}`;
}

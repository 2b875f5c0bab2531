import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';

interface PlatformEvent {
  id: string;
  type: string;
  boxid: string;
  epoch: string;
  eventclass: string;
  sequence: number;
  [field: string]: unknown;
}
export interface PlatformRequest {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/**
 * A platform behind a webhook, in memory: keeps each event once and acknowledges the end of each run without a hole.
 * `answer` may take an answer into its own hands; it returns true where it has.
 */
export class WebhookPlatform {
  readonly events = new Map<string, PlatformEvent>();
  readonly requests: PlatformRequest[] = [];
  answer: (request: PlatformRequest, response: ServerResponse) => boolean = () => false;
  readonly #server: Server;
  #port = 0;

  constructor(tls?: { cert: string; key: string }) {
    const handle: Parameters<typeof createServer>[1] = (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.once('end', () => {
        const seen = { headers: request.headers, body: Buffer.concat(chunks).toString('utf8') };
        this.requests.push(seen);
        if (!this.answer(seen, response))
          response.end(JSON.stringify({ acks: this.store(JSON.parse(seen.body)) }));
      });
    };
    this.#server = tls ? createSecureServer(tls, handle) : createServer(handle);
  }

  /** Keeps a batch; returns what may be acknowledged of its streams. */
  store(
    batch: readonly PlatformEvent[],
  ): { boxid: string; epoch: string; eventclass: string; upTo: number }[] {
    for (const event of batch) this.events.set(event.id, event);
    const streams = new Map(
      batch.map(({ boxid, epoch, eventclass }) => [eventclass, { boxid, epoch, eventclass }]),
    );
    return [...streams.values()].map((stream) => {
      let upTo = 0;
      while (this.events.has(`${stream.boxid}/${stream.epoch}/${stream.eventclass}/${upTo + 1}`)) upTo++;
      return { ...stream, upTo };
    });
  }

  /** Listens on loopback, on the port that it had before. */
  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve));
    const address = this.#server.address();
    this.#port = typeof address === 'object' && address !== null ? address.port : 0;
    return this.#port;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

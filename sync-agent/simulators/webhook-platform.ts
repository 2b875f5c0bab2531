import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';

interface PlatformEvent {
  id: string;
  type: string;
  boxid: string;
  epoch: string;
  eventclass: string;
  sequence: number;
  digest?: string;
  previous?: string;
  [field: string]: unknown;
}

/** The acknowledgement of a stream, and the events that differ from the stored ones. */
interface PlatformAck {
  boxid: string;
  epoch: string;
  eventclass: string;
  upTo: number;
  digest?: string;
  conflict?: { sequence: number; digest?: string };
}

export interface PlatformRequest {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/**
 * A platform behind a webhook, in memory: keeps each event once and acknowledges the end of each run without
 * a hole. `answer` may take an answer into its own hands; it returns true where it has.
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

  /** Keeps a batch, each event once; returns what may be acknowledged of its streams. */
  store(batch: readonly PlatformEvent[]): PlatformAck[] {
    const streams = new Map<string, PlatformAck>();
    for (const event of batch) {
      const { boxid, epoch, eventclass, sequence, digest } = event;
      const stream = streams.get(eventclass) ?? { boxid, epoch, eventclass, upTo: 0 };
      streams.set(eventclass, stream);
      const known = this.events.get(event.id);
      if (!known) this.events.set(event.id, event);
      else if (known.digest !== digest && !stream.conflict)
        stream.conflict = { sequence, ...(digest === undefined ? {} : { digest }) };
    }
    return [...streams.values()].map((stream) => this.#complete(stream));
  }

  /**
   * Up to the first number that is missing, does not follow from the one before it, or is another event's
   * here.
   */
  #complete(stream: PlatformAck): PlatformAck {
    const at = (n: number) => this.events.get(`${stream.boxid}/${stream.epoch}/${stream.eventclass}/${n}`);
    const first = [...this.events.values()].filter(
      ({ boxid, epoch, eventclass }) =>
        boxid === stream.boxid && epoch === stream.epoch && eventclass === stream.eventclass,
    );
    let upTo = Math.min(...first.map(({ begins }) => Number(begins ?? 1))) - 1;
    const most = (stream.conflict?.sequence ?? Number.POSITIVE_INFINITY) - 1;
    for (let next = at(upTo + 1); next && upTo < most; next = at(upTo + 1)) {
      const before = at(upTo)?.digest;
      if (next.previous !== undefined && before !== undefined && next.previous !== before) break;
      upTo++;
    }
    const digest = at(upTo)?.digest;
    return { ...stream, upTo, ...(digest === undefined ? {} : { digest }) };
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

import { randomUUID } from 'node:crypto';
import { createServer, get, type Server, type ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { closeServer } from '@gatehouse/harness';
import { listenOnSocket, readBounded, socketPath } from '@gatehouse/kit';
import { lane } from '../parking-lane.ts';

const stepMs = 500;

/** In place of vision: a car that parks and leaves at each call of `next`, two incident changes a stay. */
export class MatrixVision {
  readonly #server: Server;
  readonly #streams = new Set<ServerResponse>();
  #frameMs = Date.now();
  #stay = 0;
  #standing = false;

  constructor() {
    this.#server = createServer((request, response) => {
      const route = request.url?.split('?')[0];
      if (route === '/events') openStream(this.#streams, response);
      else if (route === '/health') response.end('{"status":"ok"}');
      else if (route === '/cameras') response.end('[]');
      else response.writeHead(404).end();
    });
  }

  listen(env: NodeJS.ProcessEnv): Promise<void> {
    return listenOnSocket(this.#server, socketPath('vision', 'runtime', env));
  }
  close(): Promise<void> {
    return closeServer(this.#server);
  }

  next(): void {
    this.#standing = !this.#standing;
    if (this.#standing) this.#stay++;
    const frames = this.#standing
      ? (lane.violationAfterS * 1000) / stepMs + 1
      : (lane.clearAfterS * 1000) / stepMs + 2;
    for (let i = 0; i < frames; i++) this.#send();
  }

  #send(): void {
    this.#frameMs += stepMs;
    const box = { x1: 0.4, y1: 0.4, x2: 0.6, y2: 0.6 };
    const car = { id: this.#stay, class: 'car', score: 0.9, box, seen: true, still: true };
    const frame = { camera: lane.id, atMs: this.#frameMs, tracks: this.#standing ? [car] : [] };
    for (const stream of this.#streams)
      stream.write(`event: track-frame\ndata: ${JSON.stringify(frame)}\n\n`);
  }
}

/**
 * In place of the drivers: a durable outbox of device events, each of a device of its own, kept until
 * acknowledged.
 */
export class MatrixDrivers {
  readonly #server: Server;
  readonly #streams = new Set<ServerResponse>();
  readonly #waiting: { sequence: number; device: string }[] = [];
  /** Devices whose event the runtime said to have committed. */
  readonly acknowledged = new Set<string>();
  #last = 0;

  constructor() {
    this.#server = createServer(async (request, response) => {
      const url = new URL(request.url ?? '/', 'http://drivers');
      const route = `${request.method} ${url.pathname}`;
      if (route === 'GET /events') openStream(this.#streams, response);
      else if (route === 'GET /health') response.end('{"status":"ok"}');
      else if (route === 'GET /outbox') response.end(JSON.stringify(this.#waiting.slice(0, 200)));
      else if (route === 'POST /outbox/ack') {
        const { upTo } = JSON.parse((await readBounded(request, 4096)).toString('utf8')) as { upTo: number };
        while ((this.#waiting[0]?.sequence ?? Number.POSITIVE_INFINITY) <= upTo)
          this.acknowledged.add(this.#waiting.shift()?.device ?? '');
        response.writeHead(204).end();
      } else response.writeHead(404).end();
    });
  }

  listen(env: NodeJS.ProcessEnv): Promise<void> {
    return listenOnSocket(this.#server, socketPath('drivers', 'runtime', env));
  }
  close(): Promise<void> {
    return closeServer(this.#server);
  }

  next(): void {
    const sequence = ++this.#last;
    const event = {
      id: randomUUID(),
      sequence,
      at: new Date().toISOString(),
      type: 'comms',
      device: `door-${sequence}`,
      comms: 'lost',
    };
    this.#waiting.push(event);
  }
}

/** Listens to what the runtime tells flows of incident changes, through its restarts, until aborted. */
export async function witness(env: NodeJS.ProcessEnv, told: Set<string>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await new Promise<void>((resolve) => {
      const request = get(
        { socketPath: socketPath('runtime', 'flows', env), path: '/incidents/stream', signal },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk: string) => {
            const blocks = (text + chunk).split('\n\n');
            text = blocks.pop() ?? '';
            for (const block of blocks) note(block, told);
          });
          response.once('close', resolve).once('error', () => resolve());
        },
      );
      request.once('error', () => resolve());
    });
    await wait(100);
  }
}

function note(block: string, told: Set<string>): void {
  const field = (name: string) => new RegExp(`^${name}: ?(.*)$`, 'm').exec(block)?.[1];
  if (field('event') !== 'incident') return;
  const { change, incident } = JSON.parse(field('data') ?? '{}') as {
    change: string;
    incident: { id: string; phase: string; updatedAt: string };
  };
  if (['opened', 'updated', 'cleared'].includes(change))
    told.add(`${incident.id} ${incident.phase} ${incident.updatedAt}`);
}

function openStream(streams: Set<ServerResponse>, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(': hello\n\n');
  streams.add(response);
  response.once('close', () => streams.delete(response));
}

/**
 * Source of the sync bench's events: a real runtime process that is fed track frames over the vision socket.
 * A vehicle stands, an incident opens; it is gone, the incident clears. Frame times run ahead of the wall,
 * since the rules know no other time. Exchangeable: the bench asks only for the instants at which deciding
 * frames were sent.
 */
import { createServer, type Server } from 'node:http';
import type { TrackFrame } from '@gatehouse/contracts';
import { closeServer } from '@gatehouse/harness';
import { EventStreamWriter, listenOnSocket, socketPath, systemClock } from '@gatehouse/kit';
import { lane } from '../e2e/parking-lane.ts';

/** A source, as the bench needs it. */
export interface EventSource {
  /** Waits until the runtime listens to it. */
  ready(): Promise<void>;
  /** Causes one incident change. */
  next(): void;
  /** Monotonic milliseconds at which the frame of this frame time was sent. */
  sentAtMs(frameMs: number): number | undefined;
  close(): Promise<void>;
}

const stepMs = 500;
const framesToOpen = (lane.violationAfterS * 1000) / stepMs + 1;
const framesToClear = (lane.clearAfterS * 1000) / stepMs + 2;

/** The vision service's socket, as far as the runtime uses it. */
export class FakeVision implements EventSource {
  readonly #path: string;
  readonly #server: Server;
  readonly #sent = new Map<number, number>();
  #stream: EventStreamWriter | undefined;
  #listening: () => void = () => undefined;
  readonly #listened: Promise<void>;
  #frameMs = systemClock.epochMs();
  #stay = 0;
  #standing = false;

  constructor(env: NodeJS.ProcessEnv) {
    this.#path = socketPath('vision', 'runtime', env);
    this.#listened = new Promise((resolve) => {
      this.#listening = resolve;
    });
    this.#server = createServer((request, response) => {
      const route = request.url?.split('?')[0];
      if (route === '/events') {
        this.#stream = new EventStreamWriter(response, systemClock);
        this.#listening();
      } else if (route === '/health') response.end('{"status":"ok"}');
      else if (route === '/cameras') response.end('[]');
      else response.writeHead(404).end();
    });
  }

  listen(): Promise<void> {
    return listenOnSocket(this.#server, this.#path);
  }

  ready(): Promise<void> {
    return this.#listened;
  }

  next(): void {
    this.#standing = !this.#standing;
    if (this.#standing) this.#stay++;
    for (let i = 0; i < (this.#standing ? framesToOpen : framesToClear); i++) this.#send();
  }

  sentAtMs(frameMs: number): number | undefined {
    return this.#sent.get(frameMs);
  }

  close(): Promise<void> {
    return closeServer(this.#server);
  }

  #send(): void {
    this.#frameMs += stepMs;
    const box = { x1: 0.4, y1: 0.4, x2: 0.6, y2: 0.6 };
    const car = { id: this.#stay, class: 'car' as const, score: 0.9, box, seen: true, still: true };
    const frame: TrackFrame = {
      camera: lane.id,
      atMs: this.#frameMs,
      tracks: this.#standing ? [car] : [],
    };
    this.#sent.set(this.#frameMs, systemClock.monotonicMs());
    this.#stream?.send({ event: 'track-frame', data: frame });
  }
}

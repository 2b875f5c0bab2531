import { createServer, type Server, type Socket } from 'node:net';
import { listenOnLoopback } from './loopback.ts';
import type { LineTiming } from './pace.ts';
import { RtuSegment } from './rtu-segment.ts';

/**
 * A serial server in transparent mode, on loopback: what comes over TCP goes to the line behind it, and back.
 */
export class SerialServer {
  readonly segment: RtuSegment;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;

  constructor(timing: LineTiming) {
    this.segment = new RtuSegment(timing, (bytes) => {
      for (const socket of this.#sockets) socket.write(bytes);
    });
  }

  get port(): number {
    return this.#port;
  }

  /** Listens; port 0 takes a free one and keeps it over power cycles. */
  async listen(port = this.#port): Promise<void> {
    this.#server = createServer((socket) => this.#serve(socket));
    this.#port = await listenOnLoopback(this.#server, port);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    const server = this.#server;
    this.#server = undefined;
    if (server) await new Promise((resolve) => server.close(resolve));
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.segment.receive(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
  }
}

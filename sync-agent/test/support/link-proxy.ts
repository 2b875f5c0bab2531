import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

/**
 * A link that can be cut, or fall silent: passes bytes on to a port and back until it is told otherwise.
 * Silent, it swallows them in both ways and keeps every connection open, as a dead radio link does, or a
 * firewall that has forgotten them.
 */
export class LinkProxy {
  readonly port: number;
  /** Bytes from the near side: everything that left the box. */
  readonly sent: Buffer[] = [];
  /** Bytes from the near side since the link fell silent; they went nowhere. */
  readonly swallowed: Buffer[] = [];
  /** Bytes that went down to the near side. */
  down = 0;
  #budget = Number.POSITIVE_INFINITY;
  #cuts = 0;
  #silent = false;

  private constructor(port: number) {
    this.port = port;
  }

  static async start(t: TestContext, toPort: number): Promise<LinkProxy> {
    const sockets = new Set<Socket>();
    const server = createServer((near) => {
      const far = connect(toPort, '127.0.0.1');
      for (const socket of [near, far]) {
        sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => {
          sockets.delete(socket);
          near.destroy();
          far.end();
        });
      }
      near.on('data', (chunk: Buffer) => proxy.#up(chunk, near, far));
      far.on('data', (chunk: Buffer) => {
        if (proxy.#silent) return;
        proxy.down += chunk.length;
        near.write(chunk);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const proxy = new LinkProxy((server.address() as AddressInfo).port);
    t.after(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return proxy;
  }

  get httpUrl(): string {
    return `http://127.0.0.1:${this.port}`;
  }
  get mqttUrl(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  /** Cuts every connection once so many more bytes have gone up. */
  cutAfter(bytes: number): void {
    this.#budget = bytes;
  }
  get cuts(): number {
    return this.#cuts;
  }
  get bytes(): number {
    return this.sent.reduce((sum, { length }) => sum + length, 0);
  }

  fallSilent(): void {
    this.#silent = true;
  }
  /** For new connections; what the old ones have lost is lost. */
  speakAgain(): void {
    this.#silent = false;
  }

  #up(chunk: Buffer, near: Socket, far: Socket): void {
    if (this.#silent) {
      this.swallowed.push(chunk);
      return;
    }
    const passed = chunk.subarray(0, Math.max(0, this.#budget));
    this.#budget -= passed.length;
    this.sent.push(passed);
    if (passed.length > 0) far.write(passed);
    if (passed.length === chunk.length) return;
    this.#cuts++;
    this.#budget = Number.POSITIVE_INFINITY;
    near.destroy();
  }
}

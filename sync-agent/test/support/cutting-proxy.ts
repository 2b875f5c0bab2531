import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** A link that can be cut: passes bytes on to a port until so many have gone up, then cuts every connection. */
export class CuttingProxy {
  readonly url: string;
  /** Bytes that went up so far; everything that left the box is in `sent`. */
  readonly sent: Buffer[] = [];
  #budget = Number.POSITIVE_INFINITY;
  #cuts = 0;

  private constructor(port: number) {
    this.url = `http://127.0.0.1:${port}`;
  }

  static async start(t: TestContext, toPort: number): Promise<CuttingProxy> {
    const sockets = new Set<Socket>();
    const server = createServer((down) => {
      const up = connect(toPort, '127.0.0.1');
      for (const socket of [down, up]) {
        sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => {
          sockets.delete(socket);
          down.destroy();
          up.end();
        });
      }
      down.on('data', (chunk: Buffer) => {
        const passed = chunk.subarray(0, Math.max(0, proxy.#budget));
        proxy.#budget -= passed.length;
        proxy.sent.push(passed);
        if (passed.length > 0) up.write(passed);
        if (passed.length === chunk.length) return;
        proxy.#cuts++;
        proxy.#budget = Number.POSITIVE_INFINITY;
        down.destroy();
      });
      up.pipe(down);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const proxy = new CuttingProxy((server.address() as AddressInfo).port);
    t.after(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return proxy;
  }

  /** Cuts once so many more bytes have gone up. */
  cutAfter(bytes: number): void {
    this.#budget = bytes;
  }

  get cuts(): number {
    return this.#cuts;
  }

  get bytes(): number {
    return this.sent.reduce((sum, { length }) => sum + length, 0);
  }
}

import type { Server } from 'node:net';

/** Listens on loopback; port 0 takes a free one. Resolves with the port, rejects where it is taken. */
export function listenOnLoopback(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      if (address && typeof address === 'object') resolve(address.port);
      else reject(new Error('a TCP server has a port'));
    });
  });
}

import { createServer, type Server } from 'node:net';
import { systemCode } from '@gatehouse/kit';

/**
 * A free TCP port for each wish: the wished one where it is free, else any other. All are held open until the
 * last is found, so that no two are the same.
 */
export async function freePorts<Name extends string>(
  wishes: Readonly<Record<Name, number>>,
  host = '127.0.0.1',
): Promise<Record<Name, number>> {
  const held: Server[] = [];
  const found: [string, number][] = [];
  try {
    for (const [name, wish] of Object.entries<number>(wishes)) {
      const server = await listen(wish, host).catch(() => listen(0, host));
      held.push(server);
      found.push([name, portOf(server)]);
    }
    return Object.fromEntries(found) as Record<Name, number>;
  } finally {
    await Promise.all(held.map(close));
  }
}

/** Why no program could listen there now (`EADDRINUSE`, `EACCES`, ...), or `undefined` if one could. */
export async function listenProblem(port: number, host: string): Promise<string | undefined> {
  try {
    await close(await listen(port, host));
    return undefined;
  } catch (error) {
    return systemCode(error) ?? 'error';
  }
}

function listen(port: number, host: string): Promise<Server> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(port, host, () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

import type { RequestListener, Server } from 'node:http';
import { closeGuarded, guardedServer, type ServerLimits } from './guarded-server.ts';
import type { Part } from './lifecycle.ts';
import { listenOnSocket } from './local-api.ts';
import type { Log } from './log.ts';

/** The runtime asks vision for pictures of many cameras at once; other callers need only a few. */
export const localLimits: ServerLimits = { connections: 128, streams: 24 };

export interface LocalServerOptions {
  readonly socket: string;
  readonly log: Log;
  readonly onRequest: RequestListener;
  readonly limits?: ServerLimits;
}

/** A local API for one caller: its routes on a Unix socket of its own, with bounds of its own. */
export class LocalServer implements Part {
  readonly #socket: string;
  readonly server: Server;
  constructor({ socket, log, onRequest, limits = localLimits }: LocalServerOptions) {
    this.#socket = socket;
    this.server = guardedServer({ name: socket, log, limits, onRequest });
  }
  start(): Promise<void> {
    return listenOnSocket(this.server, this.#socket);
  }
  async stop(): Promise<void> {
    if (this.server.listening) await closeGuarded(this.server);
  }
}

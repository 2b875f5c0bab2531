import type { Server } from 'node:http';
import {
  closeGuarded,
  errorOf,
  type GatehouseError,
  guardedServer,
  type Log,
  type Part,
  systemCode,
} from '@gatehouse/kit';
import { mostConnections } from './connections/connections.ts';
import { type Console, createConsole, type Listener } from './console.ts';
import type { ConsoleOptions } from './options.ts';
import type { ConsoleParts } from './parts.ts';

export interface ConsoleServerOptions extends Omit<ConsoleOptions, 'listeners'> {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly editorPort: number;
}

/** All screens of the gatehouse follow the events; each user has a share. */
const limits = { connections: mostConnections, streams: 128 };

/**
 * The only TCP ports of the box: the console and the flow editor. Prints the one-time set-up code while there
 * is no user.
 */
export class ConsoleServer implements Part {
  readonly #options: ConsoleServerOptions;
  readonly console: Console;
  readonly #pages: Server;
  readonly #editor: Server;
  constructor(parts: ConsoleParts, options: ConsoleServerOptions) {
    this.#options = options;
    const listeners = () => ({ console: portOf(this.#pages), editor: portOf(this.#editor) });
    this.console = createConsole(parts, { ...options, listeners });
    this.#pages = serverOf('console', this.console.pages, options.log, true);
    this.#editor = serverOf('editor', this.console.editor, options.log, false);
  }

  async start(): Promise<void> {
    const { host, port, editorPort, log } = this.#options;
    await listen(this.#editor, { host, port: editorPort, variable: 'GATEHOUSE_EDITOR_PORT' });
    log.info('editor-listening', { address: addressOf(this.#editor) });
    await listen(this.#pages, { host, port, variable: 'GATEHOUSE_CONSOLE_PORT' });
    log.info('console-listening', { address: this.address });
    const code = await this.console.setupCode();
    if (code)
      log.info('setup-code', {
        code,
        remedy: 'Open the console and create the first administrator with this code.',
      });
  }

  async stop(): Promise<void> {
    await this.console.stop();
    for (const server of [this.#pages, this.#editor]) if (server.listening) await closeGuarded(server);
  }

  /** `http://127.0.0.1:8080` */
  get address(): string {
    return addressOf(this.#pages);
  }

  get editorAddress(): string {
    return addressOf(this.#editor);
  }
}

function serverOf(name: string, listener: Listener, log: Log, allowHead: boolean): Server {
  const { onRequest, onUpgrade, onConnection } = listener;
  const server = guardedServer({ name, log, limits, onRequest, onUpgrade, allowHead });
  return server.on('connection', onConnection);
}

interface Place {
  readonly host: string;
  readonly port: number;
  /** Names the environment variable that sets the port. */
  readonly variable: string;
}

function listen(server: Server, place: Place): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (cause: Error) => reject(explainListen(cause, place));
    server.on('error', failed);
    server.listen(place.port, place.host, () => {
      server.removeListener('error', failed);
      resolve();
    });
  });
}

function portOf(server: Server): number {
  const bound = server.address();
  return bound !== null && typeof bound === 'object' ? bound.port : 0;
}

function addressOf(server: Server): string {
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the console server is not started');
  const host = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
  return `http://${host}:${bound.port}`;
}

function explainListen(cause: unknown, { host, port, variable }: Place): GatehouseError {
  const reason = systemCode(cause) ?? 'error';
  if (reason === 'EADDRINUSE') return errorOf('CONSOLE_PORT_TAKEN', { host, port, variable }, { cause });
  return errorOf('CONSOLE_CANNOT_LISTEN', { host, port, reason, variable }, { cause });
}

import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Console } from '@gatehouse/console';
import { closeServer, GatehouseError, type Log, type Part, systemCode } from '@gatehouse/kit';

export interface ConsoleServerOptions {
  readonly console: Console;
  readonly host: string;
  readonly port: number;
  readonly log: Log;
}

/** Connections at once. Past it new ones are closed (drop-newest): each costs memory that rules and store need, too. */
const maxConnections = 512;
/** Of one address: a screen takes six and one for each live picture, so a whole gatehouse behind one address fits. */
const maxPerAddress = 128;
/** A client that has not sent its headers by then is gone or means harm. */
const headersTimeoutMs = 10_000;

/** The only TCP port of the box. Says the one-time set-up code while there is no user. */
export class ConsoleServer implements Part {
  readonly #options: ConsoleServerOptions;
  readonly #server: Server;
  readonly #connections = new Map<string, number>();
  constructor(options: ConsoleServerOptions) {
    this.#options = options;
    this.#server = createServer({ headersTimeout: headersTimeoutMs }, options.console.app);
    this.#server.maxConnections = maxConnections;
    this.#server.on('connection', (socket) => this.#count(socket));
  }
  async start(): Promise<void> {
    const { console, host, port, log } = this.#options;
    console.attachUpgrades(this.#server);
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (cause) => reject(explainListen(cause, host, port)));
      this.#server.listen(port, host, resolve);
    });
    log.info('console-listening', { address: this.address() });
    const code = await console.setupCode();
    if (code)
      log.info('setup-code', {
        code,
        remedy: 'Open the console and create the first administrator with this code.',
      });
  }
  async stop(): Promise<void> {
    this.#options.console.stop();
    await closeServer(this.#server);
  }
  #count(socket: Socket): void {
    const address = socket.remoteAddress ?? '';
    const others = this.#connections.get(address) ?? 0;
    if (others >= maxPerAddress) return void socket.destroy();
    this.#connections.set(address, others + 1);
    socket.once('close', () => {
      const left = (this.#connections.get(address) ?? 1) - 1;
      if (left > 0) this.#connections.set(address, left);
      else this.#connections.delete(address);
    });
  }

  /** `http://127.0.0.1:8080` */
  address(): string {
    const bound = this.#server.address();
    if (bound === null || typeof bound === 'string') throw new Error('the console server is not started');
    const host = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
    return `http://${host}:${bound.port}`;
  }
}

function explainListen(cause: unknown, host: string, port: number): GatehouseError {
  const code = systemCode(cause) ?? 'error';
  const taken = code === 'EADDRINUSE';
  return new GatehouseError(
    taken ? 'CONSOLE_PORT_TAKEN' : 'CONSOLE_CANNOT_LISTEN',
    'environment',
    taken
      ? `port ${port} on ${host} is in use by another program.`
      : `cannot listen on ${host}:${port} (${code}).`,
    'Set GATEHOUSE_CONSOLE_PORT to a free port, or stop the other program.',
    { cause },
  );
}

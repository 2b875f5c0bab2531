import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';

/**
 * The old wiring, with the wall off: console and flow editor behind one port, and a service worker's script
 * asked for like any other file. The attack succeeds here, which shows that it is a real one.
 */
export class OneOrigin {
  readonly #console: string;
  readonly #editor: string;
  readonly #server: Server;
  constructor(console: string, editor: string) {
    this.#console = console;
    this.#editor = editor;
    this.#server = createServer((incoming, response) => this.#pass(incoming, response));
    this.#server.on('upgrade', (incoming: IncomingMessage, socket: Socket, head: Buffer) =>
      this.#join(incoming, socket, head),
    );
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #target(url = ''): string {
    return /^\/(flows\/|enter)/.test(url) ? this.#editor : this.#console;
  }

  #pass(incoming: IncomingMessage, response: ServerResponse): void {
    const { 'service-worker': worker, ...headers } = incoming.headers;
    const { method } = incoming;
    const call = request(this.#target(incoming.url) + incoming.url, { method, headers }, (answer) => {
      const allowed = worker === undefined ? {} : { 'service-worker-allowed': '/' };
      response.writeHead(answer.statusCode ?? 502, { ...answer.headers, ...allowed });
      answer.pipe(response);
    });
    call.on('error', () => response.destroy());
    response.on('error', () => call.destroy());
    incoming.pipe(call);
  }

  #join(incoming: IncomingMessage, socket: Socket, head: Buffer): void {
    const { port, hostname } = new URL(this.#target(incoming.url));
    const peer = connect(Number(port), hostname);
    for (const side of [peer, socket]) side.on('error', () => undefined);
    const lines = [`GET ${incoming.url} HTTP/1.1`];
    for (let i = 0; i < incoming.rawHeaders.length; i += 2)
      lines.push(`${incoming.rawHeaders[i]}: ${incoming.rawHeaders[i + 1]}`);
    peer.write(`${lines.join('\r\n')}\r\n\r\n`);
    peer.write(head);
    peer.pipe(socket).pipe(peer);
  }
}

import type { ClientRequest, IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { request as httpRequest } from 'node:http';
import type { Duplex } from 'node:stream';
import { errorOf, type Log, refuseUpgrade, whenClosed } from '@gatehouse/kit';
import { errorAnswer } from '../errors.ts';
import { editorHeader } from './editor-tokens.ts';

/** Longest wait for an answer of Node-RED: a deploy of large flows takes seconds. */
const answerTimeoutMs = 60_000;

/** Request headers that Node-RED gets. Cookies and other credentials are not among them. */
const requestHeaders: readonly string[] = [
  ...[
    'host',
    'accept',
    'accept-encoding',
    'accept-language',
    'cache-control',
    'user-agent',
    'x-requested-with',
  ],
  ...['content-type', 'content-length', 'if-none-match', 'if-modified-since'],
  ...['node-red-api-version', 'node-red-deployment-type'],
];
const upgradeHeaders: readonly string[] = [
  ...['host', 'user-agent', 'sec-websocket-key', 'sec-websocket-version'],
  ...['sec-websocket-protocol', 'sec-websocket-extensions'],
];
/**
 * Response headers that the browser gets. Cookies, Clear-Site-Data and HSTS are left out because they apply
 * to the whole host, whatever the port; Service-Worker-Allowed, policies and report endpoints because they
 * apply to the whole origin.
 */
const answerHeaders: readonly string[] = [
  ...['content-type', 'content-length', 'content-encoding', 'content-disposition', 'location', 'vary'],
  ...['cache-control', 'etag', 'last-modified', 'expires'],
];
const switchedHeaders: readonly string[] = [
  ...['connection', 'upgrade', 'sec-websocket-accept', 'sec-websocket-protocol', 'sec-websocket-extensions'],
];

/**
 * Hands admitted requests to Node-RED over its Unix socket, with a short-lived token in place of the login
 * (CVE-2026-25938 hit hosts that proxied before they checked). It uses Node's own client. Proxy libraries
 * rewrite paths and forward headers, which must not happen here, and the one used before ended the process
 * when a connection was reset.
 */
export class EditorProxy {
  readonly #socketPath: string;
  readonly #log: Log;
  readonly #sockets = new Set<Duplex>();
  constructor(socketPath: string, log: Log) {
    this.#socketPath = socketPath;
    this.#log = log;
  }

  /**
   * Resolves when the answer has been handed on, or either side has broken off. Throws `EDITOR_DOWN` if there
   * is no answer.
   */
  web(request: IncomingMessage, response: ServerResponse, token: string): Promise<void> {
    const upstream = this.#ask(request, {
      ...picked(request.headers, requestHeaders),
      [editorHeader]: token,
    });
    return new Promise((resolve, reject) => {
      const fail = (error: Error) => {
        this.#log.warn('editor-unreachable', { error });
        reject(errorOf('EDITOR_DOWN', {}, { cause: error }));
        if (response.headersSent) response.destroy();
      };
      upstream.setTimeout(answerTimeoutMs, () => upstream.destroy(new Error('Node-RED does not answer')));
      upstream.on('error', fail);
      const note = (error: Error) => this.#log.debug('editor-request-broke-off', { error });
      upstream.on('response', (answer) => {
        // Node-RED may answer before it has read the whole request; that is no failure of the answer.
        upstream.off('error', fail);
        upstream.on('error', note);
        answer.on('error', fail);
        response.writeHead(answer.statusCode ?? 502, picked(answer.headers, answerHeaders));
        answer.pipe(response);
      });
      request.pipe(upstream);
      whenClosed(response, () => {
        resolve();
        upstream.off('error', fail);
        upstream.on('error', note);
        upstream.destroy();
      });
    });
  }

  /** Connects a browser's socket with Node-RED's; both end together. */
  webSocket(request: IncomingMessage, socket: Duplex, head: Buffer, token: string): void {
    const upstream = this.#ask(request, {
      ...picked(request.headers, upgradeHeaders),
      connection: 'Upgrade',
      upgrade: 'websocket',
      [editorHeader]: token,
    });
    this.#sockets.add(socket);
    whenClosed(socket, () => {
      this.#sockets.delete(socket);
      upstream.destroy();
    });
    const refuse = (error: unknown) => {
      this.#log.warn('editor-socket-refused', { error });
      refuseUpgrade(socket, errorAnswer(errorOf('EDITOR_DOWN')));
    };
    upstream.on('error', refuse);
    upstream.on('response', (answer) => {
      answer.destroy();
      refuse(new Error(`Node-RED answered ${answer.statusCode}`));
    });
    upstream.on('upgrade', (answer, peer, first) => {
      upstream.off('error', refuse);
      const note = (error: Error) => this.#log.debug('editor-socket-broke-off', { error });
      upstream.on('error', note);
      peer.on('error', note);
      peer.once('close', () => socket.destroy());
      whenClosed(socket, () => peer.destroy());
      const lines = Object.entries(picked(answer.headers, switchedHeaders)).map(
        ([name, text]) => `${name}: ${text}`,
      );
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`);
      if (first.length > 0) socket.write(first);
      if (head.length > 0) peer.write(head);
      socket.pipe(peer).pipe(socket);
    });
    upstream.end();
  }

  stop(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #ask({ method, url }: IncomingMessage, headers: IncomingHttpHeaders): ClientRequest {
    return httpRequest({ socketPath: this.#socketPath, method, path: url, headers, agent: false });
  }
}

function picked(headers: IncomingHttpHeaders, names: readonly string[]): IncomingHttpHeaders {
  return Object.fromEntries(
    names.filter((name) => headers[name] !== undefined).map((name) => [name, headers[name]]),
  );
}

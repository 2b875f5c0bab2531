import type { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Log } from '@gatehouse/kit';
import { createProxyServer } from 'http-proxy-3';
import type { EditorTokens } from './auth/editor-tokens.ts';
import { editorHeader } from './auth/editor-tokens.ts';
import type { Session } from './auth/sessions.ts';
import { consoleError, errorAnswer } from './errors.ts';
import type { EditorPort } from './ports.ts';

/**
 * True for `/flows` and what is below it, exactly as the client wrote it: nothing is decoded or normalised. The editor lives
 * there in Node-RED too (`httpAdminRoot`), so the path is passed on unchanged.
 */
export function isEditorUrl(url: string | undefined): boolean {
  return /^\/flows(?:[/?]|$)/.test(url ?? '');
}

/** Longest wait for an answer of Node-RED: a deploy of large flows takes seconds. */
const answerTimeoutMs = 60_000;

/**
 * Hands requests that the gatekeeper has already admitted to Node-RED over its Unix socket. The login cookie and
 * whatever else authenticates the client stay here; Node-RED gets a short-lived token of its own instead
 * (CVE-2026-25938 is what happens to a host that does not check before it proxies).
 */
export class FlowsProxy {
  readonly #proxy;
  readonly #tokens: EditorTokens;
  readonly #log: Log;
  readonly #sockets = new Set<Duplex>();
  constructor(editor: EditorPort, tokens: EditorTokens, log: Log) {
    this.#tokens = tokens;
    this.#log = log;
    this.#proxy = createProxyServer({
      target: { host: 'localhost', port: 80, protocol: 'http:', socketPath: editor.socketPath },
      proxyTimeout: answerTimeoutMs,
    });
    // The editor may set no cookie on the console's origin: it could replace the login's.
    this.#proxy.on('proxyRes', (answer) => {
      delete answer.headers['set-cookie'];
      delete answer.headers['content-security-policy'];
    });
  }

  web(request: IncomingMessage, response: ServerResponse, session: Session): void {
    this.#dress(request, session);
    this.#proxy.web(request, response, {}, (error) => {
      this.#log.warn('editor-unreachable', { error });
      if (response.headersSent) return void response.destroy();
      const { status, body } = errorAnswer(consoleError('EDITOR_DOWN'));
      response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
      response.end(JSON.stringify(body));
    });
  }

  webSocket(request: IncomingMessage, socket: Duplex, head: Buffer, session: Session): void {
    if (!(socket instanceof Socket)) return void socket.destroy();
    this.#dress(request, session);
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    this.#proxy.ws(request, socket, head, {}, (error) => {
      this.#log.warn('editor-unreachable', { error });
      socket.destroy();
    });
  }

  stop(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #dress(request: IncomingMessage, session: Session): void {
    delete request.headers.cookie;
    delete request.headers.authorization;
    delete request.headers[editorHeader];
    request.headers[editorHeader] = this.#tokens.mint(session);
  }
}

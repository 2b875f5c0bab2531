import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ApiErrorBody, apiErrorAnswer } from './api-error.ts';
import { errorOf, type GatehouseError } from './errors.ts';
import type { Log } from './log.ts';
import { hasDotSegment } from './request-path.ts';
import { whenClosed } from './when-closed.ts';

/** Limits of one server. Past a limit the newest is refused. */
export interface ServerLimits {
  readonly connections: number;
  /** Answers that stay open (events, live video). Fewer than connections, so that calls always find room. */
  readonly streams: number;
}

export type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

export interface GuardedServerOptions {
  /** Names the server in the log: `console`, or the path of its socket. */
  readonly name: string;
  readonly log: Log;
  readonly limits: ServerLimits;
  readonly onRequest: RequestListener;
  readonly onUpgrade?: UpgradeListener;
  /**
   * HEAD reaches `onRequest` only if this is set. Express answers HEAD with a GET handler and all its work;
   * most servers do not need it.
   */
  readonly allowHead?: boolean;
  /** A request that is not complete after this time is cut off; default 30 s. */
  readonly requestTimeoutMs?: number;
}

/** A client that has not sent its headers, or its whole request, by then is gone or hostile. */
const headersTimeoutMs = 10_000;
const defaultRequestTimeoutMs = 30_000;
const lookForLateMs = 2_000;
/**
 * Unanswered requests of one connection. Our clients send the next one after the answer; one may overlap its
 * end.
 */
const maxPipelined = 4;

/** Function that takes a place for a stream, by the response of the stream. */
const slots = new WeakMap<ServerResponse, StreamSlots>();
/** Every connection of a server, also upgraded ones, which are no longer in Node's own list. */
const connections = new WeakMap<Server, Set<Socket>>();

/**
 * Makes every HTTP server of the box. Anything that a peer does to its connection is logged and ends only
 * that connection; an `error` event without a listener would end the service. Paths with dot segments are
 * refused before a handler sees them. Connections, pipelined requests and streams are bounded. Each caller of
 * a local API has a server of its own, so no caller can use up another's room.
 */
export function guardedServer(options: GuardedServerOptions): Server {
  const { name, log, limits, onRequest, onUpgrade, allowHead = false } = options;
  const { requestTimeoutMs = defaultRequestTimeoutMs } = options;
  const free = new StreamSlots(limits.streams);
  const pipelined = new WeakMap<Socket, number>();
  const note = (event: string) => (error: Error) => log.debug(event, { server: name, error });

  const server = createServer(
    {
      headersTimeout: headersTimeoutMs,
      requestTimeout: requestTimeoutMs,
      connectionsCheckingInterval: lookForLateMs,
    },
    (request, response) => {
      request.on('error', note('request-broke-off'));
      response.on('error', note('response-broke-off'));
      const { socket } = request;
      const unanswered = (pipelined.get(socket) ?? 0) + 1;
      pipelined.set(socket, unanswered);
      response.once('close', () => pipelined.set(socket, (pipelined.get(socket) ?? 1) - 1));
      if (unanswered > maxPipelined) return void socket.destroy();
      const refusal = refusalOf(request, allowHead);
      if (refusal) return answer(response, refusal);
      slots.set(response, free);
      onRequest(request, response);
    },
  );
  server.maxConnections = limits.connections;
  // A failed accept (out of file descriptors) is one, too. The caller of listen reports a failed listen.
  server.on('error', (error) => {
    if (server.listening) log.error('server-failed', { server: name, error });
  });
  // Node's own handlers leave the socket with an upgrade; this one stays.
  const open = new Set<Socket>();
  connections.set(server, open);
  server.on('connection', (socket) => {
    socket.on('error', note('connection-broke-off'));
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  if (onUpgrade)
    server.on('upgrade', (request, socket, head) => {
      const refusal = refusalOf(request, allowHead);
      if (refusal) refuseUpgrade(socket, apiErrorAnswer(refusal));
      else onUpgrade(request, socket, head);
    });
  return server;
}

/** Closes a guarded server with all its connections; streams and upgraded sockets never end by themselves. */
export function closeGuarded(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    for (const socket of connections.get(server) ?? []) socket.destroy();
  });
}

/**
 * Takes a place for an answer that stays open. Closing the response gives it back. Throws `TOO_MANY_STREAMS`.
 */
export function claimStream(response: ServerResponse): void {
  slots.get(response)?.claim(response);
}

class StreamSlots {
  readonly #most: number;
  readonly #taken = new Set<ServerResponse>();
  constructor(most: number) {
    this.#most = most;
  }
  claim(response: ServerResponse): void {
    if (this.#taken.has(response)) return;
    if (this.#taken.size >= this.#most) throw errorOf('TOO_MANY_STREAMS', { most: this.#most });
    this.#taken.add(response);
    whenClosed(response, () => this.#taken.delete(response));
  }
}

/** Refuses an upgrade with an answer and closes the socket, which nobody else does. */
export function refuseUpgrade(
  socket: Duplex,
  { status, body }: { readonly status: number; readonly body: ApiErrorBody },
): void {
  const text = JSON.stringify(body);
  // A client that leaves its side open would keep the socket, and the service's stop, for ever.
  socket.once('finish', () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
}

function refusalOf({ url = '', method }: IncomingMessage, allowHead: boolean): GatehouseError | undefined {
  if (hasDotSegment(url)) return errorOf('PATH_REFUSED');
  if (method === 'HEAD' && !allowHead) return errorOf('METHOD_REFUSED');
  return undefined;
}

function answer(response: ServerResponse, error: GatehouseError): void {
  const { status, body } = apiErrorAnswer(error);
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', connection: 'close' });
  response.end(JSON.stringify(body));
}

import type { IncomingMessage, Server } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock, Log } from '@gatehouse/kit';
import { every } from '@gatehouse/kit';
import type { WebSocket } from 'ws';
import { WebSocketServer } from 'ws';
import type { Session, Sessions } from './auth/sessions.ts';
import { consoleError, errorAnswer } from './errors.ts';
import type { FlowsProxy } from './flows-proxy.ts';
import { isEditorUrl } from './flows-proxy.ts';
import type { Gatekeeper } from './gatekeeper.ts';
import type { LiveViews } from './live/live-view.ts';
import { closeCodes } from './live/live-view.ts';
import { accessOf } from './routes/table.ts';

/** Viewers send nothing; a longer message ends the connection. */
const maxMessageBytes = 1024;
/** Streams outlast their request: the login behind them is checked this often. */
const sessionCheckMs = 15_000;

const livePath = /^\/api\/cameras\/([a-z0-9][a-z0-9-]{0,62})\/live$/;

interface Parts {
  readonly gatekeeper: Gatekeeper;
  readonly sessions: Sessions;
  readonly live: LiveViews;
  readonly flows: FlowsProxy;
  readonly clock: Clock;
  readonly log: Log;
}

/** WebSocket upgrades: the same checks as every other request, before a single byte of the upgrade is answered. */
export class Upgrades {
  readonly #parts: Parts;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxMessageBytes,
    perMessageDeflate: false,
  });
  constructor(parts: Parts) {
    this.#parts = parts;
  }

  attach(server: Server): void {
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', (error) => this.#parts.log.debug('upgrade-failed', { error }));
      this.#serve(request, socket, head).catch((error) => refuse(socket, error));
    });
  }

  stop(): void {
    for (const socket of this.#sockets.clients) socket.terminate();
  }

  async #serve(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { gatekeeper, flows, live } = this.#parts;
    gatekeeper.checkOrigin(request);
    if (isEditorUrl(request.url)) {
      const session = await gatekeeper.admit(request, accessOf('editor'));
      if (!session) throw consoleError('SESSION_REQUIRED');
      flows.webSocket(request, socket, head, session);
      this.#follow(session, socket, () => socket.destroy());
      return;
    }
    const cameraId = livePath.exec(request.url ?? '')?.[1];
    const session = await gatekeeper.admit(request, accessOf('live'));
    if (cameraId === undefined) throw consoleError('NOT_FOUND');
    if (!session) throw consoleError('SESSION_REQUIRED');
    live.checkRoom(cameraId);
    this.#sockets.handleUpgrade(request, socket, head, (viewer: WebSocket) => {
      this.#follow(session, socket, () => viewer.close(closeCodes.sessionEnded, 'login ended'));
      void live.join(cameraId, viewer);
    });
  }

  /** Calls `end` when the login behind an open socket no longer holds or no longer may. */
  #follow(session: Session, socket: Duplex, end: () => void): void {
    const { sessions, clock, log } = this.#parts;
    const check = async () => {
      try {
        const now = await sessions.check(session.tokenHash);
        if (now?.role !== session.role) end();
      } catch (error) {
        log.error('session-check-failed', { error });
        end();
      }
    };
    const stops = [sessions.follow(session.tokenHash, end), every(clock, sessionCheckMs, () => void check())];
    socket.once('close', () => {
      for (const stop of stops) stop();
    });
  }
}

function refuse(socket: Duplex, error: unknown): void {
  const { status, body } = errorAnswer(error);
  const text = JSON.stringify(body);
  // An upgraded socket is nobody's but ours: a client that leaves its side open would hold it, and the stop, for ever.
  socket.once('finish', () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
}

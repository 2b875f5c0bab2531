import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { refuseUpgrade, whenClosed } from '@gatehouse/kit';
import type { WebSocket } from 'ws';
import { WebSocketServer } from 'ws';
import { addressOf } from './connections/address.ts';
import { consoleError, errorAnswer } from './errors.ts';
import type { LiveViews } from './live/live-view.ts';
import { closeCodes } from './live/live-view.ts';
import type { RequestChecks } from './request-checks.ts';
import { accessOf } from './routes/table.ts';
import type { SessionFollower } from './session-follower.ts';

/** Viewers send nothing; a longer message ends the connection. */
const maxMessageBytes = 1024;

const livePath = /^\/api\/cameras\/([a-z0-9][a-z0-9-]{0,62})\/live$/;

interface Parts {
  readonly checks: RequestChecks;
  readonly follower: SessionFollower;
  readonly live: LiveViews;
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

  onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#serve(request, socket, head).catch((error) => refuseUpgrade(socket, errorAnswer(error)));
  }

  stop(): void {
    for (const socket of this.#sockets.clients) socket.terminate();
  }

  async #serve(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { checks, follower, live } = this.#parts;
    checks.check(request);
    const cameraId = livePath.exec(request.url ?? '')?.[1];
    const session = await checks.admit(request, accessOf('live'));
    if (cameraId === undefined) throw consoleError('NOT_FOUND');
    if (!session) throw consoleError('SESSION_REQUIRED');
    const giveBack = live.takePlace(cameraId, { user: session.user, address: addressOf(request.socket) });
    whenClosed(socket, giveBack);
    this.#sockets.handleUpgrade(request, socket, head, (viewer: WebSocket) => {
      follower.follow(session, socket, () => viewer.close(closeCodes.sessionEnded, 'login ended'));
      void live.join(cameraId, viewer, session.user);
    });
  }
}

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { consoleRoutes } from '@gatehouse/contracts/console';
import { errorOf, refuseUpgrade, whenClosed } from '@gatehouse/kit';
import type { WebSocket } from 'ws';
import { WebSocketServer } from 'ws';
import { addressOf } from './connections/address.ts';
import { errorAnswer } from './errors.ts';
import type { LiveViews } from './live/live-view.ts';
import { closeCodes } from './live/live-view.ts';
import type { RequestChecks } from './request-checks.ts';
import type { SessionFollower } from './session-follower.ts';

/** Viewers send nothing; a longer message ends the connection. */
const maxMessageBytes = 1024;

const livePath = new RegExp(`^${consoleRoutes.live.path.replace(':id', '([a-z0-9][a-z0-9-]{0,62})')}$`);

interface Parts {
  readonly checks: RequestChecks;
  readonly follower: SessionFollower;
  readonly live: LiveViews;
}

/**
 * WebSocket upgrades: the same checks as every other request, before a single byte of the upgrade is
 * answered.
 */
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
    const session = await checks.admit(request, consoleRoutes.live.access);
    if (cameraId === undefined) throw errorOf('NOT_FOUND');
    if (!session) throw errorOf('SESSION_REQUIRED');
    const giveBack = live.takePlace(cameraId, { user: session.user, address: addressOf(request.socket) });
    whenClosed(socket, giveBack);
    this.#sockets.handleUpgrade(request, socket, head, (viewer: WebSocket) => {
      follower.follow(session, socket, () => viewer.close(closeCodes.sessionEnded, 'login ended'));
      void live.join(cameraId, viewer, session.user);
    });
  }
}

import type { Socket } from 'node:net';
import { errorOf, type Log, whenClosed } from '@gatehouse/kit';
import { addressOf, peerOf } from './address.ts';
import { Counts } from './shares.ts';

/** Connections without a login, in all and from one peer. A full room drops its oldest connection. */
const maxStrangers = 256;
const maxStrangersOfPeer = 32;
/** Connections with a login, in all and of one user. A full room refuses the newest. */
const maxKnown = 384;
const maxOfUser = 64;
/** Limit of each server: both kinds, and connections that are being closed. */
export const mostConnections = maxStrangers + maxKnown + 64;

/**
 * Room for connections that no peer and no user can fill alone. An attacker can open half-open requests from
 * any number of addresses, so a full room for strangers drops its oldest connection. The newest may be a
 * guard. A connection leaves this room with its first request that shows a login, within milliseconds. A
 * screen takes six connections, and one more for each live picture.
 */
export class Connections {
  readonly #log: Log;
  /** In order of arrival. */
  readonly #strangers = new Map<Socket, string>();
  readonly #peers = new Counts();
  readonly #known = new Map<Socket, string>();
  readonly #users = new Counts();
  constructor(log: Log) {
    this.#log = log;
  }

  add(socket: Socket): void {
    const peer = peerOf(addressOf(socket));
    if (this.#peers.of(peer) >= maxStrangersOfPeer) this.#dropOldest(peer);
    else if (this.#strangers.size >= maxStrangers) this.#dropOldest();
    this.#strangers.set(socket, peer);
    this.#peers.add(peer, 1);
    whenClosed(socket, () => {
      this.#forgetStranger(socket);
      this.#forgetKnown(socket);
    });
  }

  /** A request of this user's login came on the connection. Throws `TOO_MANY_CONNECTIONS`. */
  known(socket: Socket, user: string): void {
    const before = this.#known.get(socket);
    if (before === user || socket.destroyed) return;
    if (this.#users.of(user) >= maxOfUser || (before === undefined && this.#known.size >= maxKnown))
      throw errorOf('TOO_MANY_CONNECTIONS');
    this.#forgetStranger(socket);
    this.#forgetKnown(socket);
    this.#known.set(socket, user);
    this.#users.add(user, 1);
  }

  #dropOldest(peer?: string): void {
    for (const [socket, of] of this.#strangers) {
      if (peer !== undefined && of !== peer) continue;
      this.#log.debug('connection-dropped', { peer: of });
      this.#forgetStranger(socket);
      socket.destroy();
      return;
    }
  }

  #forgetStranger(socket: Socket): void {
    const peer = this.#strangers.get(socket);
    if (peer !== undefined) this.#peers.add(peer, -1);
    this.#strangers.delete(socket);
  }

  #forgetKnown(socket: Socket): void {
    const user = this.#known.get(socket);
    if (user !== undefined) this.#users.add(user, -1);
    this.#known.delete(socket);
  }
}

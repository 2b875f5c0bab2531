import type { Server as HttpServer } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { type Clock, closeGuarded, type Log } from '@gatehouse/kit';

/** Connections that are handed on in one turn of the event loop: some 4 ms of work. */
const atOnce = 16;
/** Node accepts one connection in a turn: so long turns are kept short for others to be accepted, milliseconds. */
const acceptWithinMs = 10;
/** Connections that wait; past it the oldest is closed (drop policy: drop-oldest), whose caller has waited longest. */
const mostWaiting = 2_000;

export interface NewestFirstOptions {
  /** A guarded server that does not listen itself. */
  readonly http: HttpServer;
  readonly clock: Clock;
  readonly log: Log;
  /** Connections that are open at once; past it the others wait. */
  readonly mostOpen: number;
  readonly mostWaiting?: number;
}

/**
 * Hands connections on to an HTTP server a few at a time, the newest first. A request is known only once it is read, and reading 1,000
 * takes a quarter of a second: a stop that comes behind them would wait for all of them. In between the event loop is free for the
 * buses and the journal. Who has waited longest waits on, and is the first to have expired.
 */
export class NewestFirst {
  /** The server that listens. */
  readonly server: Server;
  readonly #http: HttpServer;
  readonly #waiting: Socket[] = [];
  readonly #handed = new Set<Socket>();
  readonly #clock: Clock;
  readonly #mostOpen: number;
  readonly #mostWaiting: number;
  #scheduled = false;
  /** A connection was accepted in this turn: there may be more. */
  #accepted = false;
  #sinceMs = 0;

  constructor(options: NewestFirstOptions) {
    const { http, clock, log, mostOpen } = options;
    this.#http = http;
    this.#mostOpen = mostOpen;
    this.#mostWaiting = options.mostWaiting ?? mostWaiting;
    this.#clock = clock;
    this.server = createServer({ pauseOnConnect: true }, (socket) => this.#wait(socket));
    // The caller of listen hears a failed listen; a failed accept (out of file descriptors) ends nothing.
    this.server.on('error', (error) => {
      if (this.server.listening) log.error('server-failed', { server: 'drivers', error });
    });
    // Node looks for requests that never end from `listening` on, which this HTTP server would never say.
    this.server.once('listening', () => http.emit('listening'));
  }

  /** Closes everything that is open, streams too. */
  async stop(): Promise<void> {
    if (!this.server.listening) return;
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const socket of this.#waiting.splice(0)) socket.destroy();
    await closeGuarded(this.#http);
    await closed;
  }

  #wait(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    if (this.#waiting.length === 0) this.#sinceMs = this.#clock.monotonicMs();
    this.#waiting.push(socket);
    this.#accepted = true;
    if (this.#waiting.length > this.#mostWaiting) this.#waiting.shift()?.destroy();
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#turn();
    });
  }

  #turn(): void {
    const isOver = this.#clock.monotonicMs() - this.#sinceMs >= acceptWithinMs;
    // Of what comes together the newest is known only once all of it is accepted.
    if (isOver || !this.#accepted) {
      const free = Math.min(atOnce, this.#mostOpen - this.#handed.size);
      if (free > 0) for (const socket of this.#waiting.splice(-free).toReversed()) this.#hand(socket);
      this.#sinceMs = this.#clock.monotonicMs();
    }
    this.#accepted = false;
    this.#goOn();
  }

  /** While nothing more may be open, the end of a connection goes on. */
  #goOn(): void {
    if (this.#waiting.length > 0 && this.#handed.size < this.#mostOpen) this.#schedule();
  }

  #hand(socket: Socket): void {
    if (socket.destroyed) return;
    this.#handed.add(socket);
    socket.once('close', () => {
      this.#handed.delete(socket);
      this.#goOn();
    });
    this.#http.emit('connection', socket);
    socket.resume();
  }
}

import type { Duplex } from 'node:stream';
import { type Clock, every, type Log, whenClosed } from '@gatehouse/kit';
import type { Session, Sessions } from './auth/sessions.ts';

/** A socket outlives its request; the login behind it is checked this often. */
const checkEveryMs = 15_000;

/** Ends the open sockets of a login when the login ends or its role changes. */
export class SessionFollower {
  readonly #sessions: Sessions;
  readonly #clock: Clock;
  readonly #log: Log;
  constructor(sessions: Sessions, clock: Clock, log: Log) {
    this.#sessions = sessions;
    this.#clock = clock;
    this.#log = log;
  }

  /** Calls `end` when the login behind an open socket has ended or has another role. */
  follow(session: Session, socket: Duplex, end: () => void): void {
    const check = async () => {
      try {
        const now = await this.#sessions.check(session.tokenHash);
        if (now?.role !== session.role) end();
      } catch (error) {
        this.#log.error('session-check-failed', { error });
        end();
      }
    };
    const stops = [
      this.#sessions.follow(session.tokenHash, end),
      every(this.#clock, checkEveryMs, () => void check()),
    ];
    whenClosed(socket, () => {
      for (const stop of stops) stop();
    });
  }
}

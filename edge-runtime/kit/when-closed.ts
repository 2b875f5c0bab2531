/** A socket, a response or any other stream. */
export interface Closable {
  readonly destroyed: boolean;
  once(event: 'close', listener: () => void): unknown;
}

/**
 * Calls `act` when a stream has closed, at once if it already has: a peer may go while somebody is still
 * looked up, and then no event comes any more that could give back what is taken for it.
 */
export function whenClosed(stream: Closable, act: () => void): void {
  if (stream.destroyed) act();
  else stream.once('close', act);
}

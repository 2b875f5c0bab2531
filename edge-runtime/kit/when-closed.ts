/** A socket, a response or any other stream. */
export interface Closable {
  readonly destroyed: boolean;
  once(event: 'close', listener: () => void): unknown;
}

/**
 * Calls `act` when a stream has closed, at once if it is already closed. A peer may leave during an
 * asynchronous check, and `close` is not emitted again for a place that is taken afterwards.
 */
export function whenClosed(stream: Closable, act: () => void): void {
  if (stream.destroyed) act();
  else stream.once('close', act);
}

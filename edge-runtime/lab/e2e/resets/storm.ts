import type { Socket } from 'node:net';
import type { Random } from '@gatehouse/kit';

/** One step of a connection's life: bytes that go out, or a wait for some that come in. */
export type Step = string | Buffer | 'hear';

/** The steps of a connection that would succeed without a reset. */
export interface Exchange {
  readonly name: string;
  connect(): Socket;
  readonly steps: readonly Step[];
}

/** Longest wait for bytes of the peer; a silent peer is reset all the same. */
const longestWaitMs = 500;
/** Turns of the event loop between the last step and the reset, at most. */
const maxTurns = 20;

/**
 * Plays exchanges and resets each at a random moment: between any two bytes of request line, headers and
 * body, before, during or after the upgrade, or in the middle of the peer's stream. The seed decides
 * everything except the peer's own pace.
 */
export async function storm(
  exchanges: readonly Exchange[],
  { count, atOnce, random }: { readonly count: number; readonly atOnce: number; readonly random: Random },
): Promise<Map<string, number>> {
  const played = new Map<string, number>();
  let left = count;
  const player = async () => {
    while (left-- > 0) {
      const exchange = exchanges[Math.floor(random() * exchanges.length)];
      if (!exchange) throw new TypeError('nothing to play');
      played.set(exchange.name, (played.get(exchange.name) ?? 0) + 1);
      await playAndReset(exchange, random);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, player));
  return played;
}

async function playAndReset({ connect, steps }: Exchange, random: Random): Promise<void> {
  const lastStep = Math.floor(random() * (steps.length + 1));
  const cutAt = random();
  const turns = Math.floor(random() * maxTurns);
  const socket = connect();
  // The test judges the other side, not this one.
  socket.on('error', () => undefined);
  try {
    await happens(socket, 'connect');
    for (const step of steps.slice(0, lastStep)) {
      if (step === 'hear') await happens(socket, 'data');
      else socket.write(step);
    }
    const next = steps[lastStep];
    if (next !== undefined && next !== 'hear')
      socket.write(Buffer.from(next).subarray(0, Math.floor(cutAt * next.length)));
    for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
  } finally {
    reset(socket);
  }
  if (!socket.closed) await happens(socket, 'close');
}

/**
 * TCP: RST at once. A Unix socket knows none, but with its bytes unread the peer's next write is answered as
 * one.
 */
function reset(socket: Socket): void {
  socket.pause();
  if (socket.remoteAddress === undefined) socket.destroy();
  else socket.resetAndDestroy();
}

/** Waits for an event or the end, and no longer than a while. */
function happens(socket: Socket, event: 'connect' | 'data' | 'close'): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(late);
      for (const name of [event, 'close'] as const) socket.off(name, done);
      resolve();
    };
    const late = setTimeout(done, longestWaitMs);
    if (socket.destroyed) return done();
    for (const name of [event, 'close'] as const) socket.once(name, done);
  });
}

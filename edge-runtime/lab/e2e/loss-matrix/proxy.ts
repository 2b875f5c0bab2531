import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Random } from '@gatehouse/kit';

/** A man in the middle: gets a chunk and writes any bytes in its place. */
export type Meddler = (chunk: Buffer, write: (bytes: Buffer) => void) => void;

/** A TCP man in the middle before a broker. `meddlers` makes one for each direction of each connection. */
export async function startProxy(
  brokerPort: number,
  meddlers: () => { up?: Meddler; down?: Meddler },
): Promise<{ port: number; close(): void }> {
  const server: Server = createServer((client) => {
    const broker = connect(brokerPort, '127.0.0.1');
    const { up, down } = meddlers();
    join(client, broker, up);
    join(broker, client, down);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no TCP port');
  return { port: address.port, close: () => server.close() };
}

function join(from: Socket, to: Socket, meddle: Meddler = (chunk, write) => write(chunk)): void {
  from.on('data', (chunk) => meddle(chunk, (bytes) => to.destroyed || to.write(bytes)));
  from.once('close', () => to.destroy());
  from.on('error', () => to.destroy());
}

/**
 * Holds PUBLISH packets (MQTT 5.0, 3.3) back by up to eight, then lets them go in a random order, some of
 * them twice. Other packets pass at once.
 */
export function shuffler(random: Random): Meddler {
  let rest = Buffer.alloc(0);
  let held: Buffer[] = [];
  let due = false;
  return (chunk, write) => {
    const { packets, left } = split(Buffer.concat([rest, chunk]));
    rest = left;
    const release = () => {
      due = false;
      const out = held.flatMap((packet) => (random() < 0.3 ? [packet, packet] : [packet]));
      held = [];
      for (const packet of out.map((p) => ({ p, at: random() })).toSorted((a, b) => a.at - b.at))
        write(packet.p);
    };
    for (const packet of packets) {
      if ((packet[0] ?? 0) >> 4 !== 3) write(packet);
      else held.push(packet);
      if (held.length >= 8) release();
    }
    if (held.length === 0 || due) return;
    due = true;
    setTimeout(release, 30);
  };
}

/**
 * Complete control packets, and the bytes behind them (MQTT 5.0, 2.1.4: up to four length bytes of seven
 * bits).
 */
function split(bytes: Buffer): { packets: Buffer[]; left: Buffer<ArrayBuffer> } {
  const packets: Buffer[] = [];
  let at = 0;
  for (;;) {
    let length = 0;
    let header = 1;
    for (let more = true; more; header++) {
      const byte = bytes[at + header];
      if (byte === undefined) return { packets, left: Buffer.from(bytes.subarray(at)) };
      length += (byte & 0x7f) * 128 ** (header - 1);
      more = (byte & 0x80) !== 0;
    }
    if (at + header + length > bytes.length) return { packets, left: Buffer.from(bytes.subarray(at)) };
    packets.push(Buffer.from(bytes.subarray(at, at + header + length)));
    at += header + length;
  }
}

/**
 * Lets `after` acknowledgements through, then half of the next one, and calls `kill`: the broker dies with it
 * half read.
 */
export function ackCutter(state: { left: number }, kill: () => void): Meddler {
  return (chunk, write) => {
    if (!chunk.includes('/acks') || --state.left !== 0) return write(chunk);
    write(chunk.subarray(0, Math.ceil(chunk.length / 2)));
    kill();
  };
}

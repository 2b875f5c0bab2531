import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/**
 * Stands for the whole internet in `enclose.sh`: a name server that gives every name an address of its own,
 * and a sink on the ports of the web that hangs up on every client. Programs go on to the addresses that they
 * would reach; other programs record their packets.
 */
const addresses = new Map<string, number>();

/** 198.18.0.0/15 is for tests between networks (RFC 2544): nobody's addresses. */
function addressOf(name: string): Buffer {
  const number = addresses.get(name) ?? addresses.size + 1;
  addresses.set(name, number);
  return Buffer.from([198, 18, number >> 8, number & 255]);
}

/** RFC 1035, section 4.1.2: labels, each with its length before it. */
function nameAt(message: Buffer, from: number): { readonly name: string; readonly end: number } {
  const labels: string[] = [];
  let at = from;
  for (let length = message.readUInt8(at); length > 0; length = message.readUInt8(at)) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 };
}

/** The answer to a query with one question: an address for type A, nothing for any other. */
function answer(query: Buffer): Buffer {
  const { name, end } = nameAt(query, 12);
  const question = query.subarray(12, end + 4);
  const isAddress = query.readUInt16BE(end) === 1;
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8180, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(isAddress ? 1 : 0, 6);
  if (!isAddress) return Buffer.concat([header, question]);
  // The name of the question, type A, class IN, 60 s, four bytes.
  const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4]);
  return Buffer.concat([header, question, record, addressOf(name)]);
}

const nameServer = createSocket('udp4');
nameServer.on('message', (query, from) => {
  try {
    nameServer.send(answer(query), from.port, from.address);
  } catch (error) {
    // Not a query: recorded like everything, and not answered.
    process.stderr.write(`${String(error)}\n`);
  }
});
await new Promise<void>((resolve) => nameServer.bind(53, '192.0.2.1', resolve));
for (const port of [80, 443]) {
  const sink = createServer((socket) => {
    socket.on('error', () => undefined).once('data', () => socket.destroy());
  });
  await new Promise<void>((resolve) => sink.listen(port, resolve));
}
process.stdout.write('answering\n');

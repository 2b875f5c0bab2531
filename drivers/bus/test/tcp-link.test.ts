import assert from 'node:assert/strict';
import { createServer, type Server, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { Bus } from '@gatehouse/contracts';
import { systemClock } from '@gatehouse/kit';
import fc from 'fast-check';
import { takeTcpRequests } from '../../simulators/modbus-frames.ts';
import type { Link } from '../link.ts';
import { encodeMbap, type MbapFrame, MbapReader } from '../mbap-frame.ts';
import { linkTo } from '../open-link.ts';
import type { BusRequest } from '../request.ts';
import { encodeRequest } from '../rtu-frame.ts';

const readInputs: BusRequest = { kind: 'read-inputs', unit: 1, address: 0, count: 8 };

interface Heard {
  readonly transaction: number;
  readonly unit: number;
  readonly pdu: Buffer;
}

/** A gateway that answers each request with whatever bytes the test makes of it. */
async function gateway(
  t: TestContext,
  answer: (heard: Heard, socket: Socket) => readonly Buffer[],
  timeoutMs = 5000,
): Promise<Link> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    let rest: Buffer = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      const taken = takeTcpRequests(Buffer.concat([rest, chunk]));
      rest = taken.rest;
      for (const heard of taken.requests) for (const bytes of answer(heard, socket)) socket.write(bytes);
    });
  });
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(address && typeof address === 'object');
  const host = '127.0.0.1';
  const bus = Bus.parse({ id: 'gate', kind: 'modbus-tcp', host, port: address.port, timeoutMs });
  const link = linkTo(bus, { clock: systemClock, quarantineMs: 0 });
  t.after(() => link.close());
  await link.open();
  return link;
}

/** Header of the messaging guide V1.0b, section 3.1.3: transaction, protocol, length, unit. */
function adu({ transaction, unit }: Heard, pdu: string, protocol = 0): Buffer {
  const body = Buffer.from(pdu, 'hex');
  const header = Buffer.alloc(7);
  header.writeUInt16BE(transaction, 0);
  header.writeUInt16BE(protocol, 2);
  header.writeUInt16BE(body.length + 1, 4);
  header.writeUInt8(unit, 6);
  return Buffer.concat([header, body]);
}
/** Function 2, one byte: inputs 0 and 2 closed. */
const twoClosed = '020105';

test('a reply of another protocol than Modbus (id 0) is refused, and named', async (t) => {
  const link = await gateway(t, (heard) => [adu(heard, twoClosed, 1)]);
  await assert.rejects(link.exchange(readInputs), {
    code: 'BUS_WRONG_REPLY',
    message: /protocol id 1.*Modbus TCP is 0.*read of inputs 0 to 7, unit 1/,
  });
  assert.equal(link.mustReopen, true, 'nobody knows what else such a peer says');
});

test('the same reply with protocol id 0 is taken', async (t) => {
  const link = await gateway(t, (heard) => [adu(heard, twoClosed)]);
  const { bits, received } = await link.exchange(readInputs);
  assert.deepEqual(bits.slice(0, 3), [true, false, true]);
  // Serial framing, as the audit has it; CRC by hand (golden-frames.test.ts has the same bytes).
  assert.equal(received.toString('hex'), '01020105618b');
  assert.equal(link.mustReopen, false);
});

test('a board that refuses over TCP is described in the words of a serial line', async (t) => {
  const link = await gateway(t, (heard) => [adu(heard, '8202')]);
  await assert.rejects(link.exchange(readInputs), {
    code: 'BUS_EXCEPTION',
    message: /exception 2: it does not have this address \(read of inputs 0 to 7, unit 1\)/,
  });
  assert.equal(link.mustReopen, false, 'a refusal is an answer');
});

test('a reply counts by its number: another transaction is passed over, and named if nothing else comes', async (t) => {
  const stale = (heard: Heard) => adu({ ...heard, transaction: heard.transaction + 7 }, '0201ff');
  let alone = false;
  const link = await gateway(t, (heard) => [stale(heard), ...(alone ? [] : [adu(heard, twoClosed)])], 400);
  assert.deepEqual((await link.exchange(readInputs)).bits.slice(0, 3), [true, false, true]);
  alone = true;
  await assert.rejects(link.exchange(readInputs), {
    code: 'BUS_WRONG_REPLY',
    message: /transaction 9 instead of 2/,
  });
});

test('what is no Modbus TCP at all is refused at once, and the connection is opened anew', async (t) => {
  // The answer of a web server on the same port.
  const link = await gateway(t, () => [Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')], 5000);
  await assert.rejects(link.exchange(readInputs), {
    code: 'BUS_WRONG_REPLY',
    message: /its header says 12081 bytes, and Modbus TCP has 2 to 254/,
  });
  assert.equal(link.mustReopen, true);
});

test('a connection that the peer closes ends its exchange at once', async (t) => {
  const link = await gateway(
    t,
    (_, socket) => {
      socket.destroy();
      return [];
    },
    5000,
  );
  await assert.rejects(link.exchange(readInputs), { code: 'BUS_DOWN', message: /closed the connection/ });
  await assert.rejects(link.exchange(readInputs), { code: 'BUS_DOWN' });
});

test('frames come out of a stream whole and in order, however it is cut', () => {
  const frame = fc.record({
    transaction: fc.nat(0xffff),
    protocol: fc.nat(0xffff),
    body: fc.uint8Array({ minLength: 2, maxLength: 254 }),
  });
  const cuts = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 6 }), cuts, (frames, sizes) => {
      const stream = Buffer.concat(
        frames.map(({ transaction, protocol, body }) => {
          const unit = body[0] ?? 0;
          const pdu = Buffer.from(body.subarray(1)).toString('hex');
          return adu({ transaction, unit, pdu: Buffer.alloc(0) }, pdu, protocol);
        }),
      );
      const reader = new MbapReader();
      const out: MbapFrame[] = [];
      for (let at = 0, i = 0; at < stream.length; i++) {
        const size = sizes[i % sizes.length] ?? 1;
        out.push(...reader.push(stream.subarray(at, at + size)));
        at += size;
      }
      assert.deepEqual(
        out.map(({ body, ...rest }) => ({ ...rest, body: body.toString('hex') })),
        frames.map(({ body, ...rest }) => ({ ...rest, body: Buffer.from(body).toString('hex') })),
      );
    }),
    { seed: 20261126, numRuns: 300 },
  );
});

/** Application protocol V1.1b3, section 6.2, and the messaging guide's header in front of it. */
test('a request is framed as the specification writes it', () => {
  const serial = encodeRequest({ kind: 'read-inputs', unit: 0x11, address: 0x00c4, count: 0x0016 });
  assert.equal(encodeMbap(0x1501, serial).toString('hex'), '150100000006110200c40016');
});

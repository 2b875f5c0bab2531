import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { eventTypes } from '@gatehouse/contracts';
import { until } from '@gatehouse/harness';
import { type Random, seededRandom } from '@gatehouse/kit';
import { startBox } from './support/box.ts';
import { incident } from './support/events.ts';

const connack = Buffer.from([0x20, 0x03, 0x00, 0x00, 0x00]);
const ackTopic = 'gatehouse/box-1/acks';

/** PUBLISH, QoS 0 (MQTT 5.0, 3.3), with no properties. */
function publish(payload: Buffer, flags = 0): Buffer {
  const topic = Buffer.from(ackTopic);
  const body = Buffer.concat([Buffer.from([0, topic.length]), topic, Buffer.from([0]), payload]);
  const length = body.length < 128 ? [body.length] : [(body.length & 0x7f) | 0x80, body.length >> 7];
  return Buffer.concat([Buffer.from([0x30 | flags, ...length]), body]);
}

/**
 * A broker of raw bytes: lets a box in and subscribe, then `talk` does what it likes. Counts connections and
 * what came.
 */
async function rawBroker(
  t: TestContext,
  talk: (socket: Socket, connection: number) => void,
  greeting: Buffer = connack,
) {
  const seen = { connections: 0, bytes: 0, text: '' };
  const server = createServer((socket) => {
    const connection = ++seen.connections;
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      seen.bytes += chunk.length;
      seen.text = (seen.text + chunk.toString('latin1')).slice(-20_000);
      if (chunk[0] === 0x10) socket.write(greeting);
      if (chunk[0] !== 0x82) return;
      // SUBSCRIBE's packet identifier comes back in SUBACK (MQTT 5.0, 3.9).
      socket.write(Buffer.from([0x90, 0x04, chunk[2] ?? 0, chunk[3] ?? 0, 0x00, 0x01]));
      talk(socket, connection);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  return { url: `mqtt://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`, seen };
}

async function fill(t: TestContext, url: string, count = 40) {
  const box = await startBox(t, { url }, { window: 20, ackTimeoutMs: 100 });
  for (let n = 1; n <= count; n++) box.runtime.append('alarm', eventTypes.incident, { ...incident(n) });
  return box;
}

function noise(random: Random, most: number): Buffer {
  return Buffer.from(
    Array.from({ length: Math.floor(random() * most) + 1 }, () => Math.floor(random() * 256)),
  );
}

test('fuzzed bytes, whole, in halves and a byte at a time, end links and nothing else: no event goes, none is lost', async (t) => {
  const random = seededRandom(31);
  const { url, seen } = await rawBroker(t, (socket, connection) => {
    const bytes = connection % 3 === 0 ? publish(noise(random, 100), connection % 16) : noise(random, 2000);
    if (connection % 2 === 0)
      return void socket.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), () => socket.destroy());
    for (const byte of bytes) socket.write(Buffer.from([byte]));
    socket.end();
  });
  const { runtime } = await fill(t, url);
  await until('several links', () => seen.connections >= 6);
  assert.deepEqual([runtime.waiting('alarm'), runtime.acks], [40, []]);
});

test('a stream of fuzzed, foreign, retained and impossible acknowledgements deletes nothing and leaves memory alone', async (t) => {
  const random = seededRandom(32);
  const good = { boxid: 'box-1', epoch: 'epoch-0001', eventclass: 'alarm', upTo: 3 };
  const bad = [
    publish(Buffer.from(JSON.stringify(good)), 0x01),
    ...[
      { epoch: 'epoch-0000' },
      { boxid: 'box-2' },
      { upTo: 2 ** 53 },
      { upTo: 41 },
      { eventclass: 'none' },
      { upTo: -1 },
    ].map((change) => publish(Buffer.from(JSON.stringify({ ...good, ...change })))),
    publish(Buffer.alloc(10_000, 0x7b)),
  ];
  let sent = 0;
  const { url } = await rawBroker(t, (socket) => {
    const pour = () => {
      if (socket.destroyed || sent > 20_000) return;
      const batch = Array.from({ length: 100 }, () => bad[Math.floor(random() * bad.length)] ?? connack);
      sent += batch.length;
      socket.write(Buffer.concat([...batch, publish(noise(random, 100))]), pour);
    };
    pour();
  });
  const { runtime } = await fill(t, url);
  const before = process.memoryUsage().heapUsed;
  await until('all poured', () => sent > 20_000);
  assert.deepEqual([runtime.waiting('alarm'), runtime.acks], [40, []]);
  assert.ok(process.memoryUsage().heapUsed - before < 150e6);
});

test('a broker that takes everything and never confirms gets a window’s worth and no more, however long', async (t) => {
  const { url, seen } = await rawBroker(t, () => undefined);
  const { runtime, uplink } = await fill(t, url, 400);
  await until('the window', () => seen.bytes > 5000);
  await until('told', () => uplink.status().detail?.startsWith('UPLINK_UNACKNOWLEDGED'));
  // Resends stop at the receive maximum of unconfirmed publishes; without one it is 65,535 (MQTT 5.0,
  // 3.2.2.3.3).
  const numbers = new Set([...seen.text.matchAll(/"sequence":(\d+)/g)].map(([, n]) => Number(n)));
  // Copies of the newest five go ahead, as alarms of now.
  const inTurn = [...numbers].filter((n) => n <= 395);
  assert.ok(inTurn.length > 0 && Math.max(...inTurn) <= 20, `${[...numbers]}`);
  assert.equal(runtime.waiting('alarm'), 400);
});

test('a receive maximum of one is kept', async (t) => {
  // CONNACK with property 0x21 (receive maximum) 1.
  const one = Buffer.from([0x20, 0x06, 0x00, 0x00, 0x03, 0x21, 0x00, 0x01]);
  const { url, seen } = await rawBroker(t, () => undefined, one);
  await fill(t, url);
  await until('the first', () => seen.text.includes('"sequence":1,'));
  await until('told', () => seen.connections > 0);
  assert.equal([...seen.text.matchAll(/"specversion"/g)].length, 1);
});

test('refused and dropped over and over, the box comes back later and later and keeps everything', async (t) => {
  const refused = Buffer.from([0x20, 0x03, 0x00, 0x88, 0x00]);
  const { url, seen } = await rawBroker(t, (socket) => socket.destroy(), refused);
  const { runtime } = await fill(t, url);
  const down = await until('told', () => runtime.statuses.find((s) => s.state === 'down'));
  assert.match(down.detail ?? '', /^BROKER_REFUSED/);
  await until('again', () => seen.connections >= 3);
  assert.ok(seen.connections < 20);
  assert.equal(runtime.waiting('alarm'), 40);
});

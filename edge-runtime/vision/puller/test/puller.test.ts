import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type Log, ManualClock, ProcessorMonitor, seededRandom, silentLog } from '@gatehouse/kit';
import { firstPictureWithinMs, Puller } from '../puller.ts';

/**
 * A puller on a clock that stands still, against a camera of our own; `lost` resolves with why it gave up. `runnable`: threads that
 * want one of the box's two processors.
 */
async function pull(t: TestContext, onConnection: (socket: Socket) => void, runnable = 1) {
  const sockets = new Set<Socket>();
  const connected = Promise.withResolvers<void>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.resume();
    onConnection(socket);
    connected.resolve();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address && typeof address === 'object');
  const lost = Promise.withResolvers<unknown>();
  const warn: Log['warn'] = (_event, fields) => lost.resolve(fields?.reason);
  const clock = new ManualClock();
  const read = () => ({ threads: new Map(), runnable, processors: 2 });
  const processor = new ProcessorMonitor({ clock, log: silentLog, read });
  processor.start();
  await clock.advance(5_000);
  const puller = new Puller({
    source: () => ({ url: `rtsp://127.0.0.1:${address.port}/cam` }),
    sink: { begin: () => undefined, push: () => 0, end: () => undefined },
    clock,
    watchClock: processor.clock,
    random: seededRandom(1),
    log: { ...silentLog, warn },
  });
  t.after(async () => {
    await puller.stop();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  puller.start();
  await connected.promise;
  return { puller, clock, lost: lost.promise };
}

function junk(seed: number): Buffer {
  const random = seededRandom(seed);
  return Buffer.from(Array.from({ length: 4096 }, () => Math.floor(random() * 256)));
}

for (let seed = 1; seed <= 6; seed++)
  test(`random bytes instead of RTSP, then the end, are garbage (seed ${seed})`, async (t) => {
    const atOnce = await pull(t, (socket) => socket.end(junk(seed)));
    assert.equal(await atOnce.lost, 'CAMERA_GARBAGE');
    assert.deepEqual([atOnce.puller.status.phase, atOnce.puller.pid], ['waiting', undefined]);
    const asked = await pull(t, (socket) => socket.once('data', () => socket.end(junk(seed))));
    assert.equal(await asked.lost, 'CAMERA_GARBAGE');
  });

test('random bytes without an end are given up when the first picture is due', async (t) => {
  const block = junk(7);
  const { puller, clock, lost } = await pull(t, (socket) => {
    const more = () => {
      while (!socket.destroyed && socket.write(block));
    };
    socket.on('drain', more);
    more();
  });
  // ffmpeg gives such a camera up by itself now and then; moving on from there would already bring the next attempt.
  let reason: unknown;
  lost.then((why) => {
    reason = why;
  });
  for (let ms = 0; ms <= firstPictureWithinMs + 1_000 && reason === undefined; ms += 250)
    await clock.advance(250);
  assert.match(String(await lost), /^CAMERA_(STALLED|GARBAGE)$/);
  assert.equal(puller.status.phase, 'waiting');
  assert.equal(puller.pid, undefined);
});

test('a camera that takes the connection and says nothing is given up as well', async (t) => {
  const { clock, lost } = await pull(t, () => undefined);
  await clock.advance(firstPictureWithinMs + 1_000);
  assert.equal(await lost, 'CAMERA_STALLED');
});

test('while the box is short of processor a camera has five times as long for its first picture, and no longer', async (t) => {
  const { puller, clock, lost } = await pull(t, () => undefined, 40);
  for (let ms = 0; ms < 5 * firstPictureWithinMs - 1_000; ms += 1_000) await clock.advance(1_000);
  assert.deepEqual([puller.status.phase, puller.status.reason], ['connecting', undefined]);
  await clock.advance(3_000);
  assert.equal(await lost, 'CAMERA_STALLED');
});

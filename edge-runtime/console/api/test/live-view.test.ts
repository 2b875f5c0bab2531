import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { on, once } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';
import { afterEach, beforeEach, describe, it } from 'node:test';
import WebSocket from 'ws';
import { hashToken } from '../auth/secrets.ts';
import { packetBytes } from '../live/packet-cutter.ts';
import type { Harness } from './harness.ts';
import { startConsole } from './harness.ts';

let box: Harness;
let cookie: string;
const sockets: WebSocket[] = [];
beforeEach(async () => {
  box = await startConsole();
  cookie = await box.as('guard');
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await box.stop();
});

/** A camera as vision gives it: 640x360 MPEG-1, `seconds` of it as fast as ffmpeg can, then quiet. */
function testCamera(seconds: number): Readable {
  const source = spawn('ffmpeg', [
    ...['-loglevel', 'error', '-f', 'lavfi', '-i', `testsrc2=size=640x360:rate=25:duration=${seconds}`],
    ...['-c:v', 'mpeg1video', '-g', '25', '-bf', '0', '-f', 'mpegts', '-'],
  ]);
  source.once('error', (error) =>
    out.destroy(new Error('ffmpeg is not installed (apt install ffmpeg)', { cause: error })),
  );
  const out = new PassThrough();
  source.stdout.pipe(out, { end: false });
  out.once('close', () => source.kill('SIGKILL'));
  return out;
}

function view(camera = 'gate-1'): WebSocket {
  const socket = new WebSocket(`ws://127.0.0.1:${box.port}/api/cameras/${camera}/live`, {
    headers: { cookie },
  });
  sockets.push(socket);
  return socket;
}

/** Collects messages until they hold `bytes`. */
async function receive(socket: WebSocket, bytes: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const [data] of eventsIn(socket)) {
    parts.push(data);
    size += data.length;
    if (size >= bytes) break;
  }
  return Buffer.concat(parts);
}

async function* eventsIn(socket: WebSocket): AsyncGenerator<[Buffer]> {
  for await (const [data] of on(socket, 'message')) yield [data as Buffer];
}

describe('the live view', () => {
  it('comes in whole transport packets, however the stream is cut into pieces', async () => {
    const camera = new PassThrough();
    box.cameras.source = () => camera;
    const socket = view();
    await once(socket, 'open');
    const sent = Buffer.from(
      Array.from({ length: 5 * packetBytes }, (_, i) => (i % packetBytes === 0 ? 0x47 : i % 251)),
    );
    const messages: Buffer[] = [];
    const received = (async () => {
      for await (const [data] of eventsIn(socket)) {
        messages.push(data);
        if (Buffer.concat(messages).length === sent.length) return;
      }
    })();
    for (const [from, to] of [
      [0, 100],
      [100, 300],
      [300, 376],
      [376, 900],
      [900, 940],
    ]) {
      camera.write(sent.subarray(from, to));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await received;
    assert.deepEqual(Buffer.concat(messages), sent);
    for (const message of messages) assert.equal(message.length % packetBytes, 0);
  });

  it('takes one stream of a camera for all viewers, and lets go of it a little after the last', async () => {
    box.cameras.source = () => testCamera(600);
    const [first, second] = [view(), view()];
    await Promise.all([receive(first, packetBytes), receive(second, packetBytes)]);
    assert.equal(box.cameras.opened, 1);
    for (const socket of [first, second]) {
      socket.close();
      await once(socket, 'close');
    }
    const again = view();
    await once(again, 'open');
    await box.clock.advance(60_000);
    assert.equal(box.cameras.opened, 1, 'a viewer within the linger joins the same stream');
    await receive(again, packetBytes);
  });

  it('stops the camera stream after the linger', async () => {
    const camera = testCamera(8);
    box.cameras.source = () => camera;
    const socket = view();
    await receive(socket, packetBytes);
    socket.close();
    await once(socket, 'close');
    while (!camera.destroyed) await box.clock.advance(1_000);
    assert.equal(camera.destroyed, true);
  });

  it('tells its viewers to try again when the camera has no stream', async () => {
    const socket = view();
    const [code] = await once(socket, 'close');
    assert.equal(code, 1013);
  });

  it('tells its viewers to try again when the camera stream breaks off', async () => {
    const camera = testCamera(8);
    box.cameras.source = () => camera;
    const socket = view();
    await receive(socket, packetBytes);
    camera.destroy();
    const [code] = await once(socket, 'close');
    assert.equal(code, 1013);
  });

  it('ends with the log-out', async () => {
    box.cameras.source = () => new PassThrough();
    const socket = view();
    await once(socket, 'open');
    const closed = once(socket, 'close');
    await box.call('POST', '/api/logout', { cookie, body: {} });
    assert.equal((await closed)[0], 4401);
  });

  it('ends within 15 s of a login that ran out', async () => {
    box.cameras.source = () => new PassThrough();
    const socket = view();
    await once(socket, 'open');
    const closed = once(socket, 'close');
    box.users.removeSession(hashToken(cookie.split('=')[1] ?? ''));
    await box.clock.advance(15_000);
    assert.equal((await closed)[0], 4401);
  });
});

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { on, once } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';
import { afterEach, beforeEach, describe, it } from 'node:test';
import WebSocket from 'ws';
import { hashToken } from '../auth/secrets.ts';
import { packetBytes } from '../live/transcoder.ts';
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

/** A camera made by ffmpeg: 1280x720 H.264 with a key picture a second, `seconds` of it as fast as it can, then quiet. */
function testCamera(seconds: number): Readable {
  const source = spawn('ffmpeg', [
    ...['-loglevel', 'error', '-f', 'lavfi', '-i', `testsrc2=size=1280x720:rate=25:duration=${seconds}`],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '25', '-f', 'mpegts', '-'],
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

/** Payload of the video packets: what follows the adaptation field (ISO/IEC 13818-1, 2.4.3). */
function payloads(ts: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < ts.length; at += packetBytes) {
    assert.equal(ts[at], 0x47, `sync byte at ${at}`);
    const control = ((ts[at + 3] ?? 0) >> 4) & 3;
    const from = at + 4 + (control & 2 ? 1 + (ts[at + 4] ?? 0) : 0);
    if (control & 1) parts.push(ts.subarray(from, at + packetBytes));
  }
  return Buffer.concat(parts);
}

describe('the live view', () => {
  it('is MPEG-1 video in whole transport packets, scaled to 960 wide', async () => {
    box.cameras.source = () => testCamera(8);
    const ts = await receive(view(), 40 * packetBytes);
    assert.equal(ts.length % packetBytes, 0);
    const video = payloads(ts);
    // Sequence header (ISO/IEC 11172-2, 2.4.2.3): start code 000001B3, 12 bits width, 12 bits height, aspect, rate.
    const at = video.indexOf(Buffer.from([0, 0, 1, 0xb3]));
    assert.ok(at >= 0, 'a sequence header came');
    assert.equal(video.readUIntBE(at + 4, 3) >> 12, 960);
    assert.equal(video.readUIntBE(at + 4, 3) & 0xfff, 540);
    assert.equal((video[at + 7] ?? 0) & 0xf, 3, 'picture rate code 3: 25 a second');
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
    assert.equal(box.cameras.opened, 1, 'a viewer within the linger joins the same transcoder');
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

  it('tells its viewers to try again when ffmpeg is missing', async () => {
    await box.stop();
    box = await startConsole({ overrides: { ffmpegPath: '/nonexistent/ffmpeg' } });
    cookie = await box.as('guard');
    box.cameras.source = () => new PassThrough();
    const [code] = await once(view(), 'close');
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

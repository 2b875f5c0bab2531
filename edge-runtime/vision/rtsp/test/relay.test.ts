import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { scratchFolder } from '@gatehouse/harness';
import { ManualClock, systemClock } from '@gatehouse/kit';
import { startCameraSimulator } from '../../../lab/camera-simulator/index.ts';
import { makeClip } from '../../test/clips.ts';
import { CameraRelay } from '../relay.ts';
import { pull } from './pulled.ts';
import { RecordingProxy } from './recording-proxy.ts';
import { ScriptedCamera, sdp } from './scripted-camera.ts';

const login = { username: 'admin', password: 'Blue-Heron-42' };
const { signal } = new AbortController();

/** A relay before a camera that answers everything, and how to be its ffmpeg. */
async function relayTo(
  t: TestContext,
  script: Parameters<typeof ScriptedCamera.start>[1],
  clock = systemClock,
) {
  const camera = await ScriptedCamera.start(t, script);
  const relay = await CameraRelay.open({ source: { url: camera.url(), ...login }, clock, signal });
  t.after(() => relay.close());
  const port = Number(new URL(relay.url).port);
  const dial = async () => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => socket.destroy());
    t.after(() => {
      socket.destroy();
    });
    await once(socket, 'connect');
    return socket;
  };
  return { camera, relay, port, dial };
}

const options = (uri: string) => `OPTIONS ${uri} RTSP/1.0\r\nCSeq: 1\r\n\r\n`;
const closed = (socket: Socket) => socket.destroyed || once(socket.resume(), 'close');

test('only a client that names the secret path is accepted, and only one', async (t) => {
  const { camera, relay, port, dial } = await relayTo(t, () => ({}));
  for (const uri of [
    `rtsp://127.0.0.1:${port}/cam`,
    relay.url.replace(/[0-9a-f]{32}/, '0'.repeat(32)),
    relay.url.slice(0, -10),
    camera.url(),
  ]) {
    const stranger = await dial();
    stranger.write(options(uri));
    await closed(stranger);
  }
  const noise = await dial();
  noise.write(`OPTIONS ${'x'.repeat(20_000)}`);
  await closed(noise);
  assert.deepEqual(camera.requests, [], 'nothing of that reached the camera');

  const ffmpeg = await dial();
  ffmpeg.write(options(relay.url));
  await once(ffmpeg, 'data');
  assert.equal(camera.requests.length, 1);
  const late = connect(port, '127.0.0.1');
  const [error] = await once(late, 'error');
  assert.equal(error.code, 'ECONNREFUSED');
});

test('silent connections do not keep ffmpeg out, and are closed after 5 s', async (t) => {
  const clock = new ManualClock();
  const { camera, relay, dial } = await relayTo(t, () => ({}), clock);
  const strangers: Socket[] = [];
  for (let i = 0; i < 40; i++) strangers.push(await dial());
  await Promise.all(strangers.slice(0, 20).map(closed));
  await clock.advance(6_000);
  await Promise.all(strangers.map(closed));
  const ffmpeg = await dial();
  ffmpeg.write(options(relay.url));
  await once(ffmpeg, 'data');
  assert.equal(camera.requests.length, 1);
});

test('of two clients that know the path the first is served and the other closed', async (t) => {
  const { relay, dial } = await relayTo(t, () => ({}));
  const [one, two] = [await dial(), await dial()];
  one.write(options(relay.url));
  await once(one, 'data');
  two.write(options(relay.url));
  await closed(two);
  assert.ok(!one.destroyed);
});

test('a slow reader holds the camera up in bounded memory, and no byte is lost', async (t) => {
  const mark = createHash('sha256');
  let sent = 0;
  let full = false;
  const most = 64 * 1024 * 1024;
  const blocks = Array.from({ length: 16 }, (_, i) => {
    const payload = Buffer.alloc(60_000 + i, i);
    return Buffer.concat([Buffer.from([0x24, 0, payload.length >> 8, payload.length & 255]), payload]);
  });
  /** Sends while the socket takes it, as a camera would; 64 MB at most. */
  const flood = (socket: Socket) => {
    const more = () => {
      while (sent < most && !socket.destroyed) {
        const block = blocks[sent % blocks.length] as Buffer;
        mark.update(block);
        sent += block.length;
        if (!socket.write(block)) {
          full = true;
          return void socket.once('drain', () => {
            full = false;
            more();
          });
        }
      }
      socket.end();
    };
    more();
  };
  const { relay, dial } = await relayTo(t, ({ method }, socket) => {
    if (method === 'PLAY') setImmediate(flood, socket);
    return { headers: ['Session: 1'] };
  });
  const reader = await dial();
  reader.write(options(relay.url).replace('OPTIONS', 'PLAY'));
  await once(reader, 'readable');
  const before = process.memoryUsage().external;
  // Wait until the kernel's buffers on the way are full and stay full.
  let standing = 0;
  for (let last = -1; standing < 50; last = sent) {
    standing = full && sent === last ? standing + 1 : 0;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.ok(sent < most, 'the camera was held up');
  assert.ok(process.memoryUsage().external - before < 8 * 1024 * 1024, 'and not by holding its bytes here');
  const got = createHash('sha256');
  let head = true;
  for await (const chunk of reader) {
    got.update(head ? chunk.subarray(chunk.indexOf('\r\n\r\n') + 4) : chunk);
    head = false;
  }
  assert.equal(sent >= most, true);
  assert.equal(got.digest('hex'), mark.digest('hex'));
});

test('a stream in pieces of three bytes plays on while its nonce expires again and again', async (t) => {
  const clip = makeClip(join(scratchFolder(t), 'a.mp4'), { seconds: 4, size: '160x90' });
  const simulator = await startCameraSimulator({
    streams: [{ path: 'cam', clips: [clip] }],
    ...login,
    ...{ qop: 'auth', nonceLifeS: 0.5, sessionTimeoutS: 2, say: () => undefined },
  });
  t.after(() => simulator.close());
  const camera = await RecordingProxy.start(t, { targetPort: simulator.port, pieceBytes: 3 });
  const pulled = pull(t, { url: camera.url(), ...login });
  const nonces = () =>
    new Set(camera.requests('GET_PARAMETER').map((text) => /nonce="([^"]+)"/.exec(text)?.[1]));
  // Each keep-alive comes with the nonce of before, is told that it is stale, and comes again with a new one.
  await pulled.until(() => nonces().size >= 4);
  assert.equal(camera.connections, 1);
  assert.equal(pulled.puller.status.phase, 'streaming');
  assert.ok(!camera.received.includes(login.password));

  await pulled.puller.stop();
  assert.equal(camera.requests('TEARDOWN').length, 1, 'a stop tears the session down');
});

test('the session of a killed ffmpeg is torn down', async (t) => {
  const clip = makeClip(join(scratchFolder(t), 'a.mp4'), { seconds: 4, size: '160x90' });
  const simulator = await startCameraSimulator({
    streams: [{ path: 'cam', clips: [clip] }],
    ...login,
    say: () => undefined,
  });
  t.after(() => simulator.close());
  const camera = await RecordingProxy.start(t, { targetPort: simulator.port });
  const pulled = pull(t, { url: camera.url(), ...login });
  await pulled.streaming;
  assert.ok(pulled.puller.pid);
  process.kill(pulled.puller.pid, 'SIGKILL');
  assert.equal((await pulled.lost).reason, 'CAMERA_ENDED');
  await pulled.until(() => camera.connections > 1);
  assert.match(
    camera.requests('TEARDOWN')[0] ?? '',
    /Session: \w+\r\n.*Authorization: Digest|Authorization: Digest/s,
  );
});

test('unanswered keep-alives do not block later requests', async (t) => {
  let keepAlives = 0;
  const { relay, dial, camera } = await relayTo(t, ({ method }) => {
    if (method === 'GET_PARAMETER') keepAlives++;
    return method === 'GET_PARAMETER' && keepAlives < 40 ? undefined : { headers: [`X-Said: ${method}`] };
  });
  const ffmpeg = await dial();
  for (let i = 0; i < 40; i++) ffmpeg.write(options(relay.url).replace('OPTIONS', 'GET_PARAMETER'));
  ffmpeg.write(options(relay.url).replace('OPTIONS', 'PLAY').replace('CSeq: 1', 'CSeq: 77'));
  let said = '';
  while (!said.includes('PLAY')) said += (await once(ffmpeg, 'data'))[0];
  assert.match(said, /CSeq: 77\r\nX-Said: PLAY/);
  assert.equal(camera.requests.length, 41);
});

test('answers with wrong numbers are accepted', async (t) => {
  const answer = Buffer.from('RTSP/1.0 200 OK\r\nCSeq: 0\r\n\r\n');
  const { relay, dial } = await relayTo(t, () => ({ raw: answer }));
  const ffmpeg = await dial();
  for (const number of ['5', '6', '7']) {
    ffmpeg.write(options(relay.url).replace('CSeq: 1', `CSeq: ${number}`));
    assert.match(String((await once(ffmpeg, 'data'))[0]), new RegExp(`CSeq: ${number}\r\n`));
  }
});

test('a closed relay does not listen', async (t) => {
  const { relay, port } = await relayTo(t, (_request, socket) => void socket.destroy());
  relay.close();
  const [error] = await once(connect(port, '127.0.0.1'), 'error');
  assert.equal(error.code, 'ECONNREFUSED');
});

test('the relay forwards requests for the camera only', async (t) => {
  const { camera, relay, dial } = await relayTo(t, ({ method }) =>
    method === 'DESCRIBE' ? { headers: ['Content-Type: application/sdp'], body: sdp('trackID=1') } : {},
  );
  const ffmpeg = await dial();
  ffmpeg.write(options(relay.url));
  await once(ffmpeg, 'data');
  ffmpeg.write(options('rtsp://192.0.2.66/other'));
  await closed(ffmpeg);
  assert.deepEqual(
    camera.requests.map(({ uri }) => uri).filter((uri) => uri !== camera.url()),
    [],
  );
});

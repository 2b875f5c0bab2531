import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratchFolder } from '@gatehouse/harness';
import { TestCa } from '../../../../sync-agent/test/support/test-ca.ts';
import { makeClip } from '../../test/clips.ts';
import { startGstServer } from '../../test/gst-server.ts';
import { pull } from './pulled.ts';
import { RecordingProxy } from './recording-proxy.ts';
import { type CameraReply, type CameraRequest, ScriptedCamera, sdp } from './scripted-camera.ts';

const login = { username: 'admin', password: 'Blue-Heron-42' };
/** How the password would look on the wire: plain, or as Basic writes it (RFC 7617). */
const inClear = [login.password, Buffer.from(`${login.username}:${login.password}`).toString('base64')];
const shows = ({ received }: { received: string }) => inClear.some((text) => received.includes(text));

const asksForBasic = ({ method }: CameraRequest): CameraReply =>
  method === 'OPTIONS'
    ? {}
    : { status: '401 Unauthorized', headers: ['WWW-Authenticate: Basic realm="cam"'] };
const asksForBoth = ({ method, headers }: CameraRequest): CameraReply => {
  if (method === 'OPTIONS') return {};
  const challenges = [
    'WWW-Authenticate: Basic realm="cam"',
    'WWW-Authenticate: Digest realm="cam", nonce="n"',
  ];
  return headers.has('authorization')
    ? { status: '404 Not Found' }
    : { status: '401 Unauthorized', headers: challenges };
};

test('a camera that asks for Basic gets no password unless the site file allows it', async (t) => {
  const camera = await ScriptedCamera.start(t, asksForBasic);
  assert.equal((await pull(t, { url: camera.url(), ...login }).lost).reason, 'CAMERA_BASIC_REFUSED');
  assert.ok(
    camera.requests.some(({ method }) => method === 'DESCRIBE'),
    'it was asked for its stream',
  );
  assert.ok(!shows(camera));
  // With the protection off the same camera gets it, so the check can see it.
  const allowed = pull(t, { url: camera.url(), ...login, basic: true });
  assert.equal((await allowed.lost).reason, 'CAMERA_UNAUTHORIZED');
  assert.ok(shows(camera));
});

test('a camera that offers both gets the digest, even if Basic is allowed', async (t) => {
  const camera = await ScriptedCamera.start(t, asksForBoth);
  assert.equal((await pull(t, { url: camera.url(), ...login, basic: true }).lost).reason, 'CAMERA_NOT_FOUND');
  assert.ok(!shows(camera));
});

test('GStreamer’s server with Basic: no password without permission, pictures with it', async (t) => {
  const file = makeClip(join(scratchFolder(t), 'a.mkv'), { seconds: 10 });
  const server = await startGstServer(t, { codec: 'h264', file, ...login, basic: true });
  const camera = await RecordingProxy.start(t, { targetPort: server.port });
  const { reason, error } = await pull(t, { url: camera.url(), ...login }).lost;
  assert.equal(reason, 'CAMERA_BASIC_REFUSED');
  assert.match(String((error as { remedy?: string }).remedy), /"basic: true" at this camera/);
  assert.ok(!shows(camera));
  await pull(t, { url: camera.url(), ...login, basic: true }).streaming;
  assert.ok(shows(camera));
});

test('a redirect to another host or port is refused, and the host is named', async (t) => {
  const elsewhere = await ScriptedCamera.start(t, asksForBasic);
  const camera = await ScriptedCamera.start(t, () => ({
    status: '302 Moved Temporarily',
    headers: [`Location: ${elsewhere.url()}`],
  }));
  const { reason, error } = await pull(t, { url: camera.url(), ...login }).lost;
  assert.equal(reason, 'CAMERA_ELSEWHERE');
  assert.equal((error as { detail?: string }).detail, `rtsp://127.0.0.1:${elsewhere.port}`);
  assert.match(String((error as { remedy?: string }).remedy), /"alsoKnownAs"/);
  assert.equal(elsewhere.connections, 0);
});

test('a redirect within the camera is followed on the same connection, three times at most', async (t) => {
  const description = { headers: ['Content-Type: application/sdp'], body: sdp('trackID=1') };
  const camera: ScriptedCamera = await ScriptedCamera.start(t, ({ method, uri }) => {
    if (method === 'SETUP') return { status: '500 Internal Server Error' };
    if (uri.endsWith('/new')) return method === 'DESCRIBE' ? description : {};
    return { status: '301 Moved Permanently', headers: [`Location: ${camera.url('new')}`] };
  });
  await pull(t, { url: camera.url('old'), ...login }).lost;
  assert.equal(camera.connections, 1);
  assert.equal(camera.requests.find(({ method }) => method === 'SETUP')?.uri, camera.url('new/trackID=1'));

  const round: ScriptedCamera = await ScriptedCamera.start(t, () => ({
    status: '302 Found',
    headers: [`Location: ${round.url()}`],
  }));
  assert.equal((await pull(t, { url: round.url(), ...login }).lost).reason, 'CAMERA_ELSEWHERE');
  assert.ok(round.requests.length <= 4);
});

for (const [what, headers, body] of [
  ['a track', [], sdp('rtsp://192.0.2.66/trackID=1')],
  ['a track at another port', [], sdp('rtsp://127.0.0.1:9/trackID=1')],
  ['the whole', [], sdp('trackID=1', 'rtsp://192.0.2.66/cam')],
  ['the base', ['Content-Base: rtsp://192.0.2.66/cam/'], sdp('trackID=1')],
  ['a track of another protocol', [], sdp('http://192.0.2.66/trackID=1')],
] as const)
  test(`a description of which ${what} names another host or port is refused`, async (t) => {
    const camera = await ScriptedCamera.start(t, ({ method }) =>
      method === 'DESCRIBE' ? { headers: ['Content-Type: application/sdp', ...headers], body } : {},
    );
    assert.equal((await pull(t, { url: camera.url(), ...login }).lost).reason, 'CAMERA_ELSEWHERE');
    assert.deepEqual(
      camera.requests.map(({ method }) => method),
      ['OPTIONS', 'DESCRIBE'],
    );
  });

test('a REDIRECT request to another host ends the connection', async (t) => {
  const camera = await ScriptedCamera.start(t, ({ method }, socket) => {
    if (method === 'DESCRIBE')
      socket.write('REDIRECT * RTSP/1.0\r\nCSeq: 1\r\nLocation: rtsp://192.0.2.66/x\r\n\r\n');
    return method === 'DESCRIBE' ? undefined : {};
  });
  assert.equal((await pull(t, { url: camera.url(), ...login }).lost).reason, 'CAMERA_ELSEWHERE');
});

test('a camera behind a router is refused until the site file lists its inner name', async (t) => {
  const file = makeClip(join(scratchFolder(t), 'a.mkv'), { seconds: 10 });
  const server = await startGstServer(t, { codec: 'h264', file, ...login });
  // A camera behind a router answers with its inner address.
  const inner = 'rtsp://10.9.8.7:554';
  const camera: RecordingProxy = await RecordingProxy.start(t, {
    targetPort: server.port,
    toClient: (text) => text.replaceAll(`rtsp://127.0.0.1:${camera.port}`, inner),
  });
  const { reason, error } = await pull(t, { url: camera.url(), ...login }).lost;
  assert.equal(reason, 'CAMERA_ELSEWHERE');
  assert.equal((error as { detail?: string }).detail, inner);
  await pull(t, { url: camera.url(), ...login, alsoKnownAs: ['10.9.8.7:554'] }).streaming;
  assert.match(camera.requests('PLAY')[0] ?? '', /^PLAY rtsp:\/\/10\.9\.8\.7:554\/cam/);
  assert.ok(!shows(camera));
});

test('TLS: digest works with any certificate, Basic only with the one in the site file', async (t) => {
  const folder = scratchFolder(t);
  const file = makeClip(join(folder, 'a.mkv'), { seconds: 10 });
  const tls = new TestCa(folder).issue('cam', 'DNS:cam.example');
  const certificate = new X509Certificate(readFileSync(tls.cert)).fingerprint256;
  const digest = await startGstServer(t, { codec: 'h264', file, ...login });
  const secured = await RecordingProxy.start(t, { targetPort: digest.port, tls });
  await pull(t, { url: secured.url('cam', 'rtsps'), ...login }).streaming;
  assert.match(secured.requests('PLAY')[0] ?? '', /Authorization: Digest /);

  const basic = await ScriptedCamera.start(t, asksForBasic, {
    cert: readFileSync(tls.cert),
    key: readFileSync(tls.key),
  });
  const ask = async (more: object) =>
    (await pull(t, { url: basic.url('cam', 'rtsps'), ...login, ...more }).lost).reason;
  assert.equal(await ask({}), 'CAMERA_BASIC_REFUSED');
  assert.equal(await ask({ certificate: certificate.replace(/^../, '00') }), 'CAMERA_TLS');
  assert.ok(!shows(basic));
  assert.equal(await ask({ certificate }), 'CAMERA_UNAUTHORIZED');
  assert.ok(shows(basic));
});

test('a camera without TLS at its rtsps:// address is reported as such', async (t) => {
  const server = createServer((socket) =>
    socket.on('error', () => socket.destroy()).end('RTSP/1.0 400 Bad Request\r\n'),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const { reason } = await pull(t, { url: `rtsps://127.0.0.1:${port}/cam`, ...login }).lost;
  assert.equal(reason, 'CAMERA_TLS');
});

for (const [what, reply] of [
  ['refuses TCP', { status: '461 Unsupported Transport' }],
  ['answers with UDP', { headers: ['Session: 1', 'Transport: RTP/AVP;unicast;client_port=5000-5001'] }],
] as const)
  test(`a camera that ${what} is reported as UDP only`, async (t) => {
    const camera = await ScriptedCamera.start(t, ({ method }) => {
      if (method === 'SETUP') return reply;
      return method === 'DESCRIBE'
        ? { headers: ['Content-Type: application/sdp'], body: sdp('trackID=1') }
        : {};
    });
    assert.equal((await pull(t, { url: camera.url(), ...login }).lost).reason, 'CAMERA_UDP_ONLY');
  });

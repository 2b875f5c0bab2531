import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { CameraStatus, TrackFrame } from '@gatehouse/contracts';
import { scratchFolder } from '@gatehouse/harness';
import { GatehouseError } from '@gatehouse/kit';
import sharp from 'sharp';
import { startCameraSimulator } from '../../lab/camera-simulator/index.ts';
import { makeClip } from './clips.ts';
import { startGstServer } from './gst-server.ts';
import { startVision } from './live-vision.ts';

/** Processes whose command line or environment holds a text. */
function processesShowing(text: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) =>
      ['cmdline', 'environ'].some((file) => {
        try {
          return readFileSync(`/proc/${pid}/${file}`, 'latin1').includes(text);
        } catch (error) {
          if (error instanceof Error && 'code' in error) return false;
          throw error;
        }
      }),
    );
}

for (const [codec, encoder] of [
  ['h264', 'libx264'],
  ['h265', 'libx265'],
] as const)
  test(`${codec} from GStreamer's server with digest login: tracks, stills and live stream, the password nowhere to be seen`, async (t) => {
    const clip = makeClip(join(scratchFolder(t), 'a.mkv'), {
      codec: encoder,
      seconds: 30,
      size: '640x360',
    });
    const secret = randomBytes(6).toString('hex');
    const login = { username: 'ad min', password: `p@:/'${secret}` };
    const { url } = await startGstServer(t, { codec, file: clip, ...login });
    const { client, camera, frames, statuses, until } = await startVision(t, { url, ...login });

    await until(() => frames.length >= 8 && statuses.at(-1)?.state === 'live');
    for (const frame of frames) TrackFrame.parse(frame);
    const times = frames.map(({ atMs }) => atMs);
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
    assert.equal(new Set(times).size, times.length);
    assert.equal(frames.at(-1)?.tracks[0]?.class, 'car');
    const [status] = (await client.call('GET', '/cameras')) as unknown[];
    const { state, width, height, codec: found, reason } = CameraStatus.parse(status);
    assert.deepEqual(
      { state, width, height, found, reason },
      { state: 'live', width: 640, height: 360, found: codec, reason: undefined },
    );
    assert.deepEqual(await client.call('GET', '/health'), { status: 'ok' });

    const pids = readdirSync('/proc').filter((name) => name === String(camera.pullerPid));
    assert.equal(pids.length, 1, 'the puller runs while the process list is looked through');
    assert.deepEqual(processesShowing(secret), []);

    const wantedMs = times.at(-1) ?? 0;
    const still = await client.callRaw('GET', `/cameras/gate/still?atMs=${wantedMs}`);
    const picture = await sharp(still.bytes).metadata();
    assert.deepEqual(
      [picture.format, picture.width, picture.height, picture.exif],
      ['jpeg', 640, 360, undefined],
    );
    assert.equal(Number(still.headers['x-frame-at-ms']), wantedMs);

    const stream = await client.open('GET', '/cameras/gate/stream');
    assert.equal(stream.headers['content-type'], 'video/mp2t');
    const got: Buffer[] = [];
    for await (const chunk of stream) if (got.push(chunk) > 20) break;
    const firstFrame = execFileSync(
      'ffprobe',
      [
        '-v',
        'error',
        '-show_entries',
        'frame=pict_type,width,height',
        '-read_intervals',
        '%+#1',
        '-of',
        'csv=p=0',
        'pipe:0',
      ],
      { input: Buffer.concat(got), encoding: 'utf8' },
    );
    assert.match(firstFrame, /^640,360,I/);
  });

test('a wrong password is told apart and not tried again for a minute', async (t) => {
  const clip = makeClip(join(scratchFolder(t), 'a.mkv'), { seconds: 1 });
  const { url } = await startGstServer(t, {
    codec: 'h264',
    file: clip,
    username: 'admin',
    password: 'right',
  });
  const { statuses, until } = await startVision(t, { url, username: 'admin', password: 'wrong' });
  await until(() => statuses.at(-1)?.state === 'down');
  assert.equal(statuses.at(-1)?.reason, 'CAMERA_UNAUTHORIZED');
  assert.ok((statuses.at(-1)?.retryInMs ?? 0) > 55_000);
});

test('an unreachable camera is down with its reason, and health names it', async (t) => {
  const { client, statuses, until } = await startVision(t, { url: 'rtsp://127.0.0.1:9/cam' });
  await until(() => statuses.at(-1)?.state === 'down');
  assert.equal(statuses.at(-1)?.reason, 'CAMERA_UNREACHABLE');
  const health = (await client.call('GET', '/health')) as { status: string; detail: string };
  assert.equal(health.status, 'degraded');
  assert.match(health.detail, /^1 of 1 cameras not live: gate down \(CAMERA_UNREACHABLE\)/);
  await assert.rejects(client.call('GET', '/cameras/gate/still'), { code: 'STILL_NOT_FOUND' });
  await assert.rejects(client.call('GET', '/cameras/gate/stream'), {
    code: 'CAMERA_UNREACHABLE',
    message: 'camera gate delivers no picture now.',
  });
  await assert.rejects(client.call('GET', '/cameras/other/still'), { code: 'CAMERA_UNKNOWN' });
  await assert.rejects(client.call('GET', '/cameras/gate/still?atMs=x'), { code: 'FRAME_TIME_INVALID' });
});

test('a server that speaks no RTSP is garbage, not silence', async (t) => {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.end(Buffer.alloc(4096, 'no RTSP here\n'));
    socket.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
  });
  const address = server.address();
  assert.ok(typeof address === 'object' && address);
  const { statuses, until } = await startVision(t, { url: `rtsp://127.0.0.1:${address.port}/cam` });
  await until(() => statuses.at(-1)?.state === 'down');
  assert.match(statuses.at(-1)?.reason ?? '', /^CAMERA_(GARBAGE|UNREACHABLE|ENDED)$/);
});

test('a dropped camera comes back by itself, and a killed decoder costs no connection', async (t) => {
  const clip = makeClip(join(scratchFolder(t), 'a.mp4'), { seconds: 10 });
  const simulator = await startCameraSimulator({
    streams: [{ path: 'gate', clips: [clip] }],
    say: () => undefined,
  });
  t.after(() => simulator.close());
  const { camera, frames, statuses, until } = await startVision(t, { url: simulator.url('gate') });
  await until(() => frames.length >= 3);

  const before = frames.length;
  assert.ok(camera.decoderPid);
  process.kill(camera.decoderPid, 'SIGKILL');
  await until(() => frames.length >= before + 5);
  assert.equal(camera.status.reconnects, 0);

  await simulator.misbehave('gate', 'refuse');
  await until(() => statuses.at(-1)?.state === 'down');
  assert.equal(statuses.at(-1)?.reason, 'CAMERA_UNREACHABLE');
  await simulator.heal('gate');
  const lost = frames.length;
  await until(() => statuses.at(-1)?.state === 'live' && frames.length > lost + 2);
  assert.ok((statuses.at(-1)?.reconnects ?? 0) >= 1);
  const times = frames.map(({ atMs }) => atMs);
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  );
});

test('without its model a camera is unknown with the reason, and still has stills and a live stream', async (t) => {
  const clip = makeClip(join(scratchFolder(t), 'a.mp4'), { seconds: 10 });
  const simulator = await startCameraSimulator({
    streams: [{ path: 'gate', clips: [clip] }],
    say: () => undefined,
  });
  t.after(() => simulator.close());
  const { client, camera, statuses, until } = await startVision(
    t,
    { url: simulator.url('gate') },
    async () => {
      throw new GatehouseError(
        'MODEL_MISSING',
        'environment',
        'model fake is in no cache or mirror.',
        'Run: gatehouse models fetch fake.',
      );
    },
  );
  await until(() => statuses.at(-1)?.state === 'stale');
  assert.equal(statuses.at(-1)?.reason, 'MODEL_MISSING');
  const health = (await client.call('GET', '/health')) as { detail: string };
  assert.equal(
    health.detail,
    'model fake: MODEL_MISSING: model fake is in no cache or mirror. Run: gatehouse models fetch fake. 1 of 1 cameras not live: gate stale (MODEL_MISSING).',
  );
  assert.equal(
    (await sharp((await client.callRaw('GET', '/cameras/gate/still')).bytes).metadata()).width,
    320,
  );
  assert.equal(camera.ring.readable, true);
});

test('a viewer that does not read is cut off; the others do not notice', async (t) => {
  const clip = makeClip(join(scratchFolder(t), 'a.mp4'), {
    seconds: 10,
    size: '640x360',
    extra: ['-qp', '1'],
  });
  const simulator = await startCameraSimulator({
    streams: [{ path: 'gate', clips: [clip] }],
    say: () => undefined,
  });
  t.after(() => simulator.close());
  const { camera, frames, until, socket } = await startVision(t, { url: simulator.url('gate') });
  await until(() => camera.ring.readable && frames.length > 0);
  const lazy = connect(socket);
  t.after(() => {
    lazy.destroy();
  });
  lazy.write('GET /cameras/gate/stream HTTP/1.1\r\nhost: vision\r\n\r\n');
  const filler = Buffer.concat(Array.from({ length: 4096 }, () => nullPacket));
  await new Promise((resolve) => lazy.once('readable', resolve));
  for (let i = 0; i < 16; i++) camera.ring.push(filler);
  const seen = frames.length;
  await until(() => frames.length > seen + 2);
  await new Promise<void>((resolve) => {
    lazy.once('close', () => resolve());
    lazy.on('error', () => resolve());
    lazy.resume();
  });
});

/** A transport packet that means nothing (PID 0x1fff, ISO/IEC 13818-1 table 2-3). */
const nullPacket = Buffer.concat([Buffer.from([0x47, 0x1f, 0xff, 0x10]), Buffer.alloc(184)]);

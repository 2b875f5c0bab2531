import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { GatehouseError, silentLog, systemClock } from '@gatehouse/kit';
import { StreamRing } from '../../ring/stream-ring.ts';
import { packetBytes } from '../../ring/ts-packets.ts';
import { Mpeg1Streams, maxTranscoders } from '../mpeg1-streams.ts';

/** 8 s of a camera of 1280x720, a keyframe a second. */
const camera = execFileSync(
  'ffmpeg',
  [
    ...['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=25:duration=8'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '25', '-sc_threshold', '0', '-f', 'mpegts', '-'],
  ],
  { maxBuffer: 64 * 1024 * 1024 },
);

/** A ring that a camera delivers to, and a server that sends it as MPEG-1 to whoever asks. */
async function startStreams(t: TestContext, ffmpegPath?: string) {
  const ring = new StreamRing({ limits: { maxBytes: 32_000_000, maxAgeMs: 30_000 }, now: () => 0 });
  ring.begin();
  const options = { clock: systemClock, log: silentLog, ...(ffmpegPath ? { ffmpegPath } : {}) };
  const streams = new Mpeg1Streams(options);
  const refusals: unknown[] = [];
  const server = createServer((_request, response) => {
    try {
      streams.send('gate', ring, response);
    } catch (error) {
      refusals.push(error);
      response.writeHead(503).end();
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    ring.end();
    server.closeAllConnections();
    server.close();
  });
  const ask = async () => {
    const request = get({ port: (server.address() as AddressInfo).port, agent: false });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.on('error', () => response.destroy());
    return response;
  };
  return { ring, streams, ask, refusals };
}

/** Reads until there are so many bytes, without ending the stream. */
async function receive(response: IncomingMessage, bytes: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let size = 0; size < bytes; ) {
    const part: Buffer | null = response.read();
    if (part) {
      parts.push(part);
      size += part.length;
    } else await once(response, 'readable');
  }
  return Buffer.concat(parts);
}

/** The bytes after the adaptation field of each packet (ISO/IEC 13818-1, 2.4.3). */
function payloads(ts: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at + packetBytes <= ts.length; at += packetBytes) {
    assert.equal(ts[at], 0x47, `sync byte at ${at}`);
    const control = ((ts[at + 3] ?? 0) >> 4) & 3;
    const from = at + 4 + (control & 2 ? 1 + (ts[at + 4] ?? 0) : 0);
    if (control & 1) parts.push(ts.subarray(from, at + packetBytes));
  }
  return Buffer.concat(parts);
}

test('a camera comes as MPEG-1 video of a legal rate, scaled to 960 wide', async (t) => {
  const { ring, ask } = await startStreams(t);
  const response = await ask();
  assert.equal(response.headers['content-type'], 'video/mp2t');
  ring.push(camera);
  const video = payloads(await receive(response, 40 * packetBytes));
  // Sequence header (ISO/IEC 11172-2, 2.4.2.3): start code 000001B3, 12 bits width, 12 bits height, aspect,
  // rate.
  const at = video.indexOf(Buffer.from([0, 0, 1, 0xb3]));
  assert.ok(at >= 0, 'a sequence header came');
  assert.equal(video.readUIntBE(at + 4, 3) >> 12, 960);
  assert.equal(video.readUIntBE(at + 4, 3) & 0xfff, 540);
  assert.equal((video[at + 7] ?? 0) & 0xf, 3, 'picture rate code 3: 25 a second');
});

test('the transcoder stops with its reader, and the camera with its connection', async (t) => {
  const { ring, streams, ask } = await startStreams(t);
  const gone = await ask();
  const stays = await ask();
  ring.push(camera);
  await Promise.all([receive(gone, packetBytes), receive(stays, packetBytes)]);
  assert.equal(streams.running, 2);
  gone.destroy();
  while (streams.running > 1) await new Promise((resolve) => setImmediate(resolve));
  stays.resume();
  ring.end();
  await once(stays, 'end');
  assert.equal(streams.running, 0);
});

test('more than the box can transcode are refused with what to do', async (t) => {
  const { ring, ask, refusals, streams } = await startStreams(t);
  const readers = await Promise.all(Array.from({ length: maxTranscoders }, ask));
  const refused = await ask();
  assert.equal(refused.statusCode, 503);
  assert.ok(refusals[0] instanceof GatehouseError && refusals[0].code === 'LIVE_VIEW_BUSY');
  for (const reader of readers) reader.resume();
  ring.end();
  await Promise.all(readers.map((reader) => once(reader, 'end')));
  assert.equal(streams.running, 0);
});

test('without ffmpeg the stream ends at once', async (t) => {
  const { streams, ask } = await startStreams(t, '/nonexistent/ffmpeg');
  const response = await ask();
  response.resume();
  await once(response, 'end');
  assert.equal(streams.running, 0);
});

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { scratchFolder } from '@gatehouse/harness';
import { type Log, type LogFields, seededRandom, silentLog, systemClock } from '@gatehouse/kit';
import type { InputShape } from '../../detect/detector.ts';
import { StreamRing } from '../../ring/stream-ring.ts';
import { makeClip, makeTransportStream } from '../../test/clips.ts';
import { decodeClip } from '../clip-decoder.ts';
import { HardwareDecode, type HardwareDecodeMethod } from '../hardware-decode.ts';
import { LiveDecoder } from '../live-decoder.ts';

const input: InputShape = { width: 64, height: 64, fit: 'letterbox', pad: 114 };
const fps = 10;
const methods: readonly HardwareDecodeMethod[] = ['auto', 'vaapi', 'cuda'];

/** Hardware decoding with what it says in the log. */
function box(method: HardwareDecodeMethod) {
  const said: string[] = [];
  const warn = (event: string, fields?: LogFields) =>
    void said.push(`${event} ${fields?.stream ?? ''}`.trim());
  const log: Log = { ...silentLog, warn };
  return { hardware: new HardwareDecode(method, log), said };
}

const picture = (atMs: number, planes: Uint8Array) =>
  `${Math.round(atMs)} ${createHash('sha256').update(planes).digest('hex')}`;

async function clipPictures(file: string, hardware?: HardwareDecode) {
  const found: string[] = [];
  for await (const { atMs, planes } of decodeClip({ file, input, fps, hardware: hardware?.of('clip') }))
    found.push(picture(atMs, planes));
  return found;
}

/** The first `count` pictures that a live decoder makes of a stream, and how often it had to start again. */
async function livePictures(t: TestContext, bytes: Buffer, count: number, hardware?: HardwareDecode) {
  const ring = new StreamRing({ limits: { maxBytes: 8_000_000, maxAgeMs: 60_000 }, now: () => 1_000_000 });
  const found: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const decoder = new LiveDecoder({
    ring,
    input,
    fps,
    hardware: hardware?.of('gate'),
    onFrame: ({ planes }) => {
      found.push(picture(0, planes));
      if (found.length === count) resolve();
    },
    clock: systemClock,
    random: seededRandom(1),
    log: silentLog,
  });
  t.after(() => decoder.stop());
  ring.begin();
  decoder.start();
  ring.push(bytes);
  await promise;
  return { found: found.slice(0, count), restarts: decoder.restarts };
}

/** Whether this computer has what the tests need it to lack. */
const gpu = ['/dev/dri', '/dev/nvidiactl'].some((path) => existsSync(path));

for (const method of methods)
  test(`${method} without a device: the same pictures in software, one warning, and the remedy`, {
    skip: gpu && 'this computer has a GPU',
    timeout: 60_000,
  }, async (t) => {
    const folder = scratchFolder(t);
    const { hardware, said } = box(method);
    assert.equal(hardware.fault, undefined);
    const file = makeClip(join(folder, 'a.mp4'), { seconds: 2, fps });
    const expected = await clipPictures(file);
    assert.equal(expected.length, 20);
    assert.deepEqual(await clipPictures(file, hardware), expected);
    assert.deepEqual(said, ['hardware-decode-unavailable']);
    const bytes = makeTransportStream(folder, { seconds: 3, fps, gop: 30 });
    const fresh = box(method);
    const live = await livePictures(t, bytes, 10, fresh.hardware);
    assert.deepEqual(live, await livePictures(t, bytes, 10));
    assert.equal(live.restarts, 0);
    assert.deepEqual(fresh.said, ['hardware-decode-unavailable']);
    assert.equal(fresh.hardware.fault?.code, 'HARDWARE_DECODE_UNAVAILABLE');
    assert.match(fresh.hardware.fault?.remedy ?? '', /driver.*vision\.hardwareDecode to none/);
    assert.deepEqual(fresh.hardware.of('gate').attempt().args, []);
  });

test('what hardware cannot decode and software can is decoded in software, for this stream only', () => {
  const { hardware, said } = box('vaapi');
  const [east, west] = [hardware.of('east'), hardware.of('west')];
  assert.equal(east.attempt().ended(), true, 'software tries at once');
  const software = east.attempt();
  assert.deepEqual(software.args, []);
  software.gaveFrame();
  assert.deepEqual(said, ['hardware-decode-refused east']);
  assert.match(hardware.fault?.message ?? '', /cannot decode east; software does/);
  assert.deepEqual(east.attempt().args, []);
  assert.deepEqual(west.attempt().args, ['-hwaccel', 'vaapi']);
});

test("a camera that sends garbage is not the hardware's fault: where software gives no picture either, hardware is tried again", () => {
  const { hardware, said } = box('cuda');
  const east = hardware.of('east');
  for (let round = 0; round < 3; round++) {
    assert.equal(east.attempt().ended(), true);
    assert.equal(east.attempt().ended(), false);
  }
  const again = east.attempt();
  assert.deepEqual(again.args, ['-hwaccel', 'cuda']);
  again.gaveFrame();
  assert.equal(again.ended(), false);
  assert.deepEqual([said, hardware.fault], [[], undefined]);
});

test("a stream whose profile the device refuses is told from ffmpeg's own word, and none asks for nothing", () => {
  const { hardware, said } = box('vaapi');
  hardware
    .of('east')
    .attempt()
    .heard('[h264 @ 0x5] Failed setup for format vaapi: hwaccel initialisation returned error.');
  hardware.of('east').attempt().heard('frame=1');
  assert.deepEqual(said, ['hardware-decode-refused east']);
  const none = box('none').hardware;
  assert.deepEqual(none.of('east').attempt().args, []);
  assert.equal(none.of('east').attempt().ended(), false);
});

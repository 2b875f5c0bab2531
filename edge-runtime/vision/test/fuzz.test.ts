import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { GatehouseError } from '@gatehouse/kit';
import fc from 'fast-check';
import { FrameOutput, readFrames } from '../decoder/frame-reader.ts';
import { parseVideoInfo } from '../ffmpeg/video-info.ts';
import { SizeMotion } from '../motion/size-motion.ts';
import { concatScript } from '../puller/concat-script.ts';
import { hostOf } from '../puller/connection-limiter.ts';
import { classifyFailure, classifyStall } from '../puller/failure.ts';
import { FrameTimeline } from '../ring/frame-timeline.ts';
import { GopStore } from '../ring/gop-store.ts';
import { StreamRing } from '../ring/stream-ring.ts';
import { PacketCutter, packetBytes } from '../ring/ts-packets.ts';
import { TsReader } from '../ring/ts-reader.ts';
import { parsePpm } from '../stills/ppm.ts';

/** What parsers of a camera's bytes must bear: they answer, or refuse with one clear error; they never loop nor grow. */
const runs = { numRuns: 2_000, seed: 20 };
const bytes = (most: number) => fc.uint8Array({ maxLength: most }).map((array) => Buffer.from(array));

/** A transport packet that looks like one: sync byte, a PID that means something, any flags and payload. */
const packet = fc
  .tuple(
    fc.constantFrom(0, 0x100, 0x1000, 0x1fff, 17),
    fc.boolean(),
    fc.integer({ min: 0, max: 255 }),
    fc.oneof(
      fc.uint8Array({ minLength: 184, maxLength: 184 }),
      fc.constantFrom(pat(0x1000), pmt(0x100, 27), pmt(0x100, 36), pes()),
    ),
  )
  .map(([pid, start, control, payload]) =>
    Buffer.from([0x47, (start ? 0x40 : 0) | (pid >> 8), pid & 255, control, ...payload]),
  );

/** One transport packet; a payload of 184 bytes, or fewer behind an adaptation field. */
function packetOf(pid: number, control: number, payload: Uint8Array): Buffer {
  return Buffer.from([0x47, 0x40 | (pid >> 8), pid & 255, control, ...payload]);
}
/** The start of a real stream: both tables and a keyframe. */
const realStart = [
  packetOf(0, 0x10, pat(0x1000)),
  packetOf(0x1000, 0x10, pmt(0x100, 27)),
  packetOf(0x100, 0x30, Uint8Array.from([1, 0x40, ...pes().subarray(1, 183)])),
];

function padded(...head: number[]): Uint8Array {
  return Uint8Array.from({ length: 184 }, (_, i) => head[i] ?? 255);
}
function pat(pmtPid: number) {
  return padded(0, 0, 0xb0, 13, 0, 1, 0xc1, 0, 0, 0, 1, 0xe0 | (pmtPid >> 8), pmtPid & 255, 1, 2, 3, 4);
}
function pmt(pid: number, type: number) {
  return padded(
    0,
    2,
    0xb0,
    18,
    0,
    1,
    0xc1,
    0,
    0,
    0xe1,
    0,
    0xf0,
    0,
    type,
    0xe0 | (pid >> 8),
    pid & 255,
    0xf0,
    0,
    1,
    2,
    3,
    4,
  );
}
function pes() {
  return padded(0, 0, 0, 1, 0xe0, 0, 0, 0x80, 0x80, 5, 0x21, 0, 1, 0, 1);
}

test('packets: any bytes in any pieces give whole packets, and less than two are held', () => {
  fc.assert(
    fc.property(fc.array(bytes(600), { maxLength: 20 }), (chunks) => {
      const cutter = new PacketCutter();
      let got = 0;
      for (const chunk of chunks) cutter.push(chunk, ({ length }) => (got += length / packetBytes));
      const all = chunks.reduce((sum, { length }) => sum + length, 0);
      assert.ok(got * packetBytes + cutter.skippedBytes <= all);
      assert.ok(all - got * packetBytes - cutter.skippedBytes <= packetBytes + 1);
    }),
    runs,
  );
});

test('a transport stream of any packets: the reader answers each, the ring stays within its bounds', () => {
  let pictures = 0;
  fc.assert(
    fc.property(fc.array(packet, { maxLength: 80 }), fc.boolean(), (random, isReal) => {
      const packets = isReal ? [...realStart, ...random, ...realStart] : random;
      const reader = new TsReader();
      for (const one of packets) assert.ok(reader.read(one).kind);
      const limits = { maxBytes: 4_000, maxAgeMs: 1_000 };
      let nowMs = 0;
      let seen = 0;
      const ring = new StreamRing({
        limits,
        now: () => nowMs,
        onPicture: ({ bytes: size }) => (seen += size),
      });
      ring.begin();
      for (const one of packets) {
        nowMs += 40;
        ring.push(one);
        assert.ok(ring.bytes <= limits.maxBytes + packetBytes);
      }
      assert.ok(seen <= packets.length * packetBytes);
      assert.ok((ring.longestGopMs ?? 0) <= nowMs + 4_000);
      pictures += ring.pictures;
      ring.stretch(0, nowMs);
      ring.find(nowMs);
    }),
    runs,
  );
  assert.ok(pictures > 1_000, `${pictures} pictures got as far as the ring`);
});

test('groups: whatever is opened, filled and closed, bytes are counted right and bounded', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('open' as const) }),
    fc.record({ do: fc.constant('close' as const) }),
    fc.record({
      do: fc.constant('append' as const),
      size: fc.integer({ min: 0, max: 900 }),
      atMs: fc.integer(),
    }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const store = new GopStore({ maxBytes: 2_000, maxAgeMs: 500 });
      let open: ReturnType<GopStore['open']> | undefined;
      for (const one of steps) {
        if (one.do === 'open') open = store.open(Buffer.alloc(0));
        else if (one.do === 'close') store.close();
        else {
          open?.frames.push({ pts: 0, atMs: one.atMs, key: false });
          store.append(Buffer.alloc(one.size));
        }
        assert.ok(store.bytes >= 0 && store.bytes <= 2_000);
      }
    }),
    runs,
  );
});

test('timestamps: any sequence maps to finite times that are never in the future', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.maxSafeNat(), fc.integer({ min: 0, max: 5_000 }))), (steps) => {
      const timeline = new FrameTimeline();
      let nowMs = 1_000_000;
      for (const [pts, passedMs] of steps) {
        nowMs += passedMs;
        const { atMs } = timeline.map(pts % 2 ** 33, nowMs);
        assert.ok(Number.isFinite(atMs) && atMs <= nowMs);
      }
    }),
    runs,
  );
});

test('frames: any bytes on both channels end in whole frames or in one clear error', async () => {
  const line = fc.oneof(
    fc.string({ maxLength: 40 }),
    fc.integer().map((pts) => `frame:1    pts:${pts}  pts_time:1`),
    fc.constant('g=1'),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(bytes(500), { maxLength: 10 }),
      fc.array(line, { maxLength: 20 }),
      async (raw, lines) => {
        const side = new PassThrough();
        const output = await FrameOutput.open(192);
        const { outer } = output.inlet;
        for (const chunk of raw) outer.write(chunk);
        side.end(lines.join('\n'));
        outer.end();
        try {
          for await (const { ticks, planes } of readFrames(output, side)) {
            assert.equal(planes.length, 192);
            assert.ok(Number.isFinite(ticks));
          }
        } catch (error) {
          assert.ok(error instanceof GatehouseError && error.code === 'DECODER_OUT_OF_STEP');
        } finally {
          output.inlet.destroy();
        }
      },
    ),
    { numRuns: 500, seed: 20 },
  );
});

test('what ffmpeg prints, whatever a camera put into it, is read or passed over', () => {
  const piece = fc.oneof(
    fc.string({ maxLength: 60, unit: 'grapheme' }),
    fc.constantFrom(
      '  Stream #0:0',
      '[0x100]',
      ': Video: ',
      'h264',
      ', ',
      '1920x1080',
      '99999999x1',
      '0x0',
      '401 ',
      '\0',
    ),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const line = pieces.join('');
      const info = parseVideoInfo(line);
      if (info) assert.ok(info.width >= 1 && info.height >= 1 && info.width < 1e7 && info.codec.length > 0);
      assert.match(classifyFailure(line, true), /^(CAMERA|FFMPEG)_/);
      assert.match(classifyStall(line), /^CAMERA_/);
      parsePpm(Buffer.from(line));
    }),
    runs,
  );
  fc.assert(
    fc.property(fc.integer({ min: 0 }), fc.integer({ min: 0 }), bytes(400), (width, height, rest) => {
      const picture = parsePpm(Buffer.concat([Buffer.from(`P6 ${width} ${height} 255\n`), rest]));
      if (picture) assert.equal(picture.pixels.length, picture.width * picture.height * 3);
    }),
    runs,
  );
});

test('addresses: any path of a camera stays one quoted string in its script', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (path) => {
      const url = `rtsp://cam/${path.replaceAll(/[\s@]/g, '')}`;
      const lines = concatScript(url).split('\n');
      assert.equal(lines.length, 8);
      assert.equal((lines[1]?.replaceAll("'\\''", '').match(/'/g) ?? []).length, 2);
      assert.equal(hostOf(url), 'cam');
    }),
    runs,
  );
});

test('sizes of pictures, however absurd, keep their motion within its memory and make it throw nothing', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.double(), fc.maxSafeNat(), fc.boolean()), { maxLength: 700 }),
      (pictures) => {
        const motion = new SizeMotion();
        for (const [atMs, size, key] of pictures)
          assert.equal(typeof motion.see({ atMs, bytes: size, key }), 'boolean');
      },
    ),
    { numRuns: 100, seed: 20 },
  );
});

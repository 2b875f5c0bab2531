import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatMessage, headerOf, parseHead, type RtspMessage, RtspSyntaxError } from '../message.ts';
import { maxBodyBytes, maxHeadBytes, RtspReader } from '../reader.ts';

/** A reader's output for bytes that are cut at the given places: frames joined, and messages in between. */
function read(bytes: Buffer, cuts: readonly number[] = []) {
  const seen: (string | RtspMessage)[] = [];
  let frames: Buffer[] = [];
  const flush = () => {
    if (frames.length > 0) seen.push(Buffer.concat(frames).toString('latin1'));
    frames = [];
  };
  const reader = new RtspReader({
    frames: (part) => frames.push(Buffer.from(part)),
    message: (message) => {
      flush();
      seen.push(message);
    },
  });
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  for (const [i, end] of ends.entries()) {
    // Read memory is used again: what the reader keeps must be its own.
    const chunk = Buffer.from(bytes.subarray(ends[i - 1] ?? 0, end));
    reader.push(chunk);
    chunk.fill(0xee);
  }
  flush();
  return { seen, skipped: reader.skipped };
}

function frame(channel: number, payload: Uint8Array): Buffer {
  const head = Buffer.from([0x24, channel, payload.length >> 8, payload.length & 255]);
  return Buffer.concat([head, payload]);
}

const anyFrame = fc
  .tuple(
    fc.nat(3),
    fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.constant(new Uint8Array(65_535).fill(0x24))),
  )
  .map(([channel, payload]) => ({ kind: 'frame' as const, bytes: frame(channel, payload) }));
const token = fc.stringMatching(/^[A-Za-z-]{1,12}$/);
const anyMessage = fc
  .tuple(
    fc.constantFrom(
      'RTSP/1.0 200 OK',
      'RTSP/1.0 401 Unauthorized',
      'OPTIONS * RTSP/1.0',
      'PLAY rtsp://a/b RTSP/1.0',
    ),
    fc.array(fc.tuple(token, fc.stringMatching(/^[!-~]{0,20}$/)), { maxLength: 6 }),
    fc.uint8Array({ maxLength: 200 }),
  )
  .map(([first, headers, body]) => {
    const named = headers.filter(([name]) => name.toLowerCase() !== 'content-length');
    const lower = named.map(([name, value]) => [name.toLowerCase(), value] as const);
    return {
      kind: 'message' as const,
      first,
      headers: lower,
      body,
      bytes: formatMessage(first, lower, Buffer.from(body)),
    };
  });
const cuts = fc.array(fc.nat(), { maxLength: 40 });

test('frames and messages come out as they went in, however the bytes are cut', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(anyFrame, anyMessage), { maxLength: 12 }), cuts, (items, places) => {
      const { seen, skipped } = read(Buffer.concat(items.map(({ bytes }) => bytes)), places);
      const wanted: string[] = [];
      let joined = false;
      for (const item of items) {
        if (item.kind === 'frame' && joined)
          wanted.push((wanted.pop() ?? '') + item.bytes.toString('latin1'));
        else wanted.push(item.kind === 'frame' ? item.bytes.toString('latin1') : item.first);
        joined = item.kind === 'frame';
      }
      assert.deepEqual(
        seen.map((one) => {
          if (typeof one === 'string') return one;
          const { answer, request } = one;
          return answer
            ? `RTSP/1.0 ${answer.status} ${answer.reason}`
            : `${request?.method} ${request?.uri} RTSP/1.0`;
        }),
        wanted,
      );
      const messages = seen.filter((one) => typeof one !== 'string');
      for (const [i, { headers, body }] of items.filter((item) => item.kind === 'message').entries()) {
        assert.deepEqual(
          messages[i]?.headers.filter(([name]) => name !== 'content-length'),
          headers,
        );
        assert.deepEqual(messages[i]?.body, Buffer.from(body));
      }
      assert.equal(skipped, 0);
    }),
    { numRuns: 400, seed: 1 },
  );
});

test('any bytes are skipped, passed on or refused', () => {
  const junk = fc.oneof(
    fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
    fc
      .constantFrom(
        'RTSP/1.',
        'RTSP/1.0 200 OK\r\n',
        '\r\n\r\n',
        '$',
        'OPTIONS ',
        'Content-Length: 99999999\r\n',
      )
      .map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(fc.array(junk, { maxLength: 30 }), cuts, (parts, places) => {
      const bytes = Buffer.concat(parts);
      try {
        const { seen, skipped } = read(bytes, places);
        const framed = seen.reduce((sum, one) => sum + (typeof one === 'string' ? one.length : 0), 0);
        assert.ok(framed + skipped <= bytes.length);
      } catch (error) {
        assert.ok(error instanceof RtspSyntaxError, String(error));
      }
    }),
    { numRuns: 2_000, seed: 2 },
  );
});

test('after broken framing the next message is found', () => {
  const answer = Buffer.from('RTSP/1.0 200 OK\r\nCSeq: 4\r\n\r\n');
  const { seen, skipped } = read(Buffer.concat([Buffer.from('\xff\x00nonsense', 'latin1'), answer]));
  assert.equal(skipped, 10);
  assert.equal(typeof seen[0] === 'object' && headerOf(seen[0], 'cseq'), '4');
});

test('a head or body over its limit is refused', () => {
  const head = Buffer.from('RTSP/1.0 200 OK\r\n');
  assert.throws(() => read(Buffer.concat([head, Buffer.alloc(maxHeadBytes + 10, 'a')])), RtspSyntaxError);
  for (const length of ['99999999999', '-1', '1e3', 'x', String(maxBodyBytes + 1)])
    assert.throws(
      () => read(Buffer.concat([head, Buffer.from(`Content-Length: ${length}\r\n\r\n`)])),
      RtspSyntaxError,
    );
  const whole = Buffer.concat([
    head,
    Buffer.from(`Content-Length: ${maxBodyBytes}\r\n\r\n`),
    Buffer.alloc(maxBodyBytes, 'v'),
  ]);
  const { seen } = read(whole, [100, 5_000]);
  assert.equal(typeof seen[0] === 'object' && seen[0].body.length, maxBodyBytes);
});

test('heads without carriage returns, with nameless lines or in any case are read', () => {
  const { seen } = read(Buffer.from('RTSP/1.0 200\nCSEQ:7\nnonsense\n Session : a;timeout=60 \n\n'));
  const [message] = seen;
  assert.ok(typeof message === 'object');
  assert.deepEqual(message.headers, [
    ['cseq', '7'],
    ['session', 'a;timeout=60'],
  ]);
  assert.deepEqual(message.answer, { status: 200, reason: '' });
});

test('a header cannot bring a line of its own with it', () => {
  const { headers } = parseHead('RTSP/1.0 200 OK\r\nContent-Base: rtsp://a/\rX: 1\0\x0b');
  assert.deepEqual(headers, [['content-base', 'rtsp://a/ X: 1']]);
});

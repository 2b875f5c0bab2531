import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { maxHeadBytes, RtspReader, RtspSyntaxError } from '../rtsp-message.ts';

const conversation = Buffer.concat([
  Buffer.from('OPTIONS rtsp://h/lot RTSP/1.0\r\nCSeq: 1\r\n\r\n'),
  Buffer.from([0x24, 1, 0, 3, 0x80, 0xc9, 0x24]),
  Buffer.from('GET_PARAMETER rtsp://h/lot RTSP/1.0\r\ncseq: 2\r\nContent-Length: 5\r\n\r\nhello'),
  Buffer.from('\r\nPLAY rtsp://h/lot RTSP/1.0\r\nCSeq:3\r\n\r\n'),
]);

test('requests and interleaved data are the same however the stream is cut', () => {
  const whole = new RtspReader().push(conversation);
  assert.deepEqual(
    whole.map((item) => (item.kind === 'data' ? item.channel : `${item.method} ${item.body}`)),
    ['OPTIONS ', 1, 'GET_PARAMETER hello', 'PLAY '],
  );
  const cuts = fc.array(fc.integer({ min: 0, max: conversation.length }), { maxLength: 12 });
  fc.assert(
    fc.property(cuts, (at) => {
      const edges = [0, ...at.sort((a, b) => a - b), conversation.length];
      const reader = new RtspReader();
      const items = edges.flatMap((edge, i) => reader.push(conversation.subarray(edges[i - 1] ?? 0, edge)));
      assert.deepEqual(items, whole);
    }),
  );
});

test('what is no RTSP, too long, or of another version is refused with its status', () => {
  const refusals: [string, number][] = [
    ['GET / HTTP/1.1\r\n\r\n', 400],
    ['OPTIONS * RTSP/2.0\r\n\r\n', 505],
    [`OPTIONS * RTSP/1.0\r\nX: ${'a'.repeat(maxHeadBytes)}`, 400],
    ['OPTIONS * RTSP/1.0\r\nContent-Length: 99999\r\n\r\n', 413],
    ['OPTIONS * RTSP/1.0\r\nContent-Length: -1\r\n\r\n', 400],
    ['OPTIONS * RTSP/1.0\r\nnonsense\r\n\r\n', 400],
  ];
  for (const [text, status] of refusals)
    assert.throws(
      () => new RtspReader().push(Buffer.from(text)),
      (error) => error instanceof RtspSyntaxError && error.status === status,
      text.slice(0, 40),
    );
});

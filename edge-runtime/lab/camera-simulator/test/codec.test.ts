import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseAvcC, splitSample, withParameterSets } from '../nal.ts';
import { packetize } from '../packetize.ts';
import { interleave, rtpPacket, senderReport } from '../rtp.ts';

/** The receiver's half of RFC 6184 5.8 and RFC 7798 4.4.3, written from the specifications' figures. */
function reassemble(codec: 'h264' | 'h265', packets: readonly Buffer[]): Buffer {
  const [first] = packets;
  assert.ok(first);
  if (packets.length === 1) return first;
  const h264 = codec === 'h264';
  const fu = h264 ? 1 : 2;
  const type = first.readUInt8(fu) & (h264 ? 0x1f : 0x3f);
  const head = h264
    ? Buffer.from([(first.readUInt8(0) & 0xe0) | type])
    : Buffer.from([(first.readUInt8(0) & 0x81) | (type << 1), first.readUInt8(1)]);
  packets.forEach((packet, i) => {
    assert.equal((packet.readUInt8(fu) & 0x80) !== 0, i === 0, 'start bit on the first fragment only');
    assert.equal(
      (packet.readUInt8(fu) & 0x40) !== 0,
      i === packets.length - 1,
      'end bit on the last fragment only',
    );
  });
  return Buffer.concat([head, ...packets.map((packet) => packet.subarray(fu + 1))]);
}

test('a NAL unit of any size comes out of its packets as it went in, and no packet is over the limit', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('h264' as const, 'h265' as const),
      fc.uint8Array({ minLength: 3, maxLength: 400 }),
      fc.integer({ min: 10, max: 100 }),
      (codec, bytes, limit) => {
        const nal = Buffer.from(bytes);
        const packets = packetize(codec, nal, limit);
        for (const packet of packets) assert.ok(packet.length <= limit);
        assert.deepEqual(reassemble(codec, packets), nal);
      },
    ),
  );
});

test('an H.264 IDR slice is cut into FU-A packets as RFC 6184 figures 14 to 16 say', () => {
  const packets = packetize('h264', Buffer.from([0x65, 1, 2, 3, 4, 5]), 5);
  assert.deepEqual(packets, [Buffer.from([0x7c, 0x85, 1, 2, 3]), Buffer.from([0x7c, 0x45, 4, 5])]);
});

test('an H.265 IDR slice is cut into FU packets as RFC 7798 figures 9 and 10 say', () => {
  const packets = packetize('h265', Buffer.from([0x26, 0x01, 1, 2, 3, 4]), 5);
  assert.deepEqual(packets, [Buffer.from([0x62, 0x01, 0x93, 1, 2]), Buffer.from([0x62, 0x01, 0x53, 3, 4])]);
});

test('an RTP packet on channel 2 has the bytes of RFC 3550 5.1 behind the frame of RFC 2326 10.12', () => {
  const packet = rtpPacket(
    { sequence: 0x0102, timestamp: 0x03040506, ssrc: 0x0708090a, marker: true },
    Buffer.from([0xff]),
  );
  const golden = [0x24, 2, 0, 13, 0x80, 0xe0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0xff];
  assert.deepEqual(interleave(2, packet), Buffer.from(golden));
});

test('a sender report says NTP time and counts, and carries the CNAME that RFC 3550 6.1 wants', () => {
  const report = senderReport({ ssrc: 1, epochMs: 1500, timestamp: 9, packets: 2, octets: 300 });
  // 2208988800 + 1 = 0x83aa7e81 seconds, half a second = 0x80000000; SDES padded to whole words.
  const sr = [0x80, 200, 0, 6, 0, 0, 0, 1, 0x83, 0xaa, 0x7e, 0x81, 0x80, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 2];
  const sdes = [0x81, 202, 0, 4, 0, 0, 0, 1, 1, 6, ...Buffer.from('camera'), 0, 0, 0, 0];
  assert.deepEqual(report, Buffer.from([...sr, 0, 0, 1, 0x2c, ...sdes]));
});

test('parameter sets go before a keyframe, behind its access unit delimiter, and not twice', () => {
  const [sps, pps] = [Buffer.from([0x67, 1]), Buffer.from([0x68, 2])];
  const config = { codec: 'h264', lengthSize: 4, parameterSets: [sps, pps] } as const;
  const [aud, idr] = [Buffer.from([9, 0xf0]), Buffer.from([0x65, 3])];
  assert.deepEqual(withParameterSets(config, [aud, idr], true), [aud, sps, pps, idr]);
  assert.deepEqual(withParameterSets(config, [idr], true), [sps, pps, idr]);
  assert.deepEqual(withParameterSets(config, [sps, pps, idr], true), [sps, pps, idr]);
  assert.deepEqual(withParameterSets(config, [Buffer.from([0x41])], false), [Buffer.from([0x41])]);
});

test('an avcC record gives length size, SPS and PPS', () => {
  const record = [1, 0x64, 0, 0x16, 0xff, 0xe1, 0, 3, 0x67, 0x64, 0, 1, 0, 2, 0x68, 0xeb];
  const config = parseAvcC(Buffer.from([...record, 0xfd, 0xf8, 0xf8, 0]));
  assert.deepEqual(config, {
    codec: 'h264',
    lengthSize: 4,
    parameterSets: [Buffer.from([0x67, 0x64, 0]), Buffer.from([0x68, 0xeb])],
  });
});

test('a sample whose length field overruns it is refused', () => {
  assert.throws(() => splitSample(Buffer.from([0, 0, 0, 9, 1]), 4), /overruns/);
  assert.throws(() => splitSample(Buffer.from([0, 0]), 4), /overruns/);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PacketSizeLimit } from '../packet-size-limit.ts';

/** MQTT 5.0, 1.5.5: the examples at the edges of each length of a variable byte integer. */
const lengths: readonly [number, readonly number[]][] = [
  [0, [0x00]],
  [127, [0x7f]],
  [128, [0x80, 0x01]],
  [16_383, [0xff, 0x7f]],
  [16_384, [0x80, 0x80, 0x01]],
];

const packet = (length: number, header: readonly number[]) =>
  Buffer.from([0x30, ...header, ...Buffer.alloc(length)]);

test('packets up to the limit pass, however they are cut into chunks', () => {
  const stream = Buffer.concat(lengths.map(([length, header]) => packet(length, header)));
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 40_000 }), { maxLength: 20 }), (cuts) => {
      const sizeLimit = new PacketSizeLimit(16_384);
      let at = 0;
      for (const cut of [...cuts, stream.length]) {
        assert.equal(sizeLimit.push(stream.subarray(at, at + cut)), true);
        at += cut;
      }
    }),
    { seed: 2 },
  );
});

test('a packet that announces more is caught by its header, before its body comes', () => {
  assert.equal(new PacketSizeLimit(16_383).push(Buffer.from([0x30, 0x80, 0x80, 0x01])), false);
  const sizeLimit = new PacketSizeLimit(1000);
  assert.equal(sizeLimit.push(packet(127, [0x7f])), true);
  assert.equal(sizeLimit.push(Buffer.from([0x30, 0xff])), true);
  assert.equal(sizeLimit.push(Buffer.from([0x7f])), false);
});

test('a length of five bytes is malformed', () => {
  assert.equal(new PacketSizeLimit(1e9).push(Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80, 0x01])), false);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replyMismatch } from '../reply-match.ts';
import type { BusRequest } from '../request.ts';
import { silenceMs, wireMs } from '../rtu-timing.ts';

/**
 * Bytes typed from data sheets: Waveshare Modbus RTU Relay wiki, and LC-Tech's optocoupler example (unit
 * 255).
 */
const pulse: BusRequest = { kind: 'write-coil', unit: 1, address: 0x0200, value: 7 };
const pulseBytes = Buffer.from('0105020000078db0', 'hex');
const readInputs: BusRequest = { kind: 'read-inputs', unit: 255, address: 0, count: 8 };
const readInputsBytes = Buffer.from('ff02000000086c12', 'hex');
const readInputsReply = Buffer.from('ff02010151a0', 'hex');

test('a data sheet echo and a data sheet reply are taken', () => {
  assert.equal(replyMismatch(pulse, pulseBytes, pulseBytes), undefined);
  assert.equal(replyMismatch(readInputs, readInputsBytes, readInputsReply), undefined);
});

test('an exception reply belongs to its request', () => {
  assert.equal(replyMismatch(pulse, pulseBytes, Buffer.from('018502c351', 'hex')), undefined);
});

const foreign: readonly (readonly [why: string, reply: string])[] = [
  ['another unit', '0205020000078db0'],
  ['another function', '0101020000078db0'],
  ['another address', '0105020100078db0'],
  ['another value', '0105020000088db0'],
  ['another length', '010502000007'],
  ['an exception of another function', '018102c190'],
];
for (const [why, reply] of foreign)
  test(`the echo of ${why} is refused`, () => {
    assert.notEqual(replyMismatch(pulse, pulseBytes, Buffer.from(reply, 'hex')), undefined);
  });

test('a read with another byte count is refused', () => {
  assert.notEqual(replyMismatch(readInputs, readInputsBytes, Buffer.from('ff02020151a0', 'hex')), undefined);
});

/** Wire floors of both frames plus 2 x t3.5 at 8N1. Our silence is rounded up, never down. */
test('wire times agree with the floors in the design, and silence is never shorter than t3.5 (1.75 ms above 19200 baud)', () => {
  const line = { baudRate: 9600, parity: 'none', stopBits: 1 } as const;
  assert.ok(Math.abs(wireMs(line, 8 + 6) + 2 * wireMs(line, 3.5) - 21.9) < 0.1);
  for (const baudRate of [1200, 9600, 19_200, 115_200])
    assert.ok(silenceMs({ ...line, baudRate }) >= wireMs({ ...line, baudRate }, 3.5));
  assert.equal(silenceMs({ ...line, baudRate: 115_200 }), 1.75);
});

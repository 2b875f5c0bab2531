import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readAck } from '../acknowledgement.ts';

const topic = 'gatehouse/box-1/acks';
const ack = { boxid: 'box-1', epoch: 'epoch-0001', eventclass: 'alarm', upTo: 7 };
const message = (payload: string | Uint8Array, retained = false, on = topic) => ({
  topic: on,
  payload: Buffer.from(payload),
  retained,
});
const why = (reading: ReturnType<typeof readAck>) => (reading.ok ? 'ok' : reading.why);

test('a sound acknowledgement is read', () => {
  assert.deepEqual(readAck(message(JSON.stringify(ack)), topic, 'box-1'), { ok: true, ack });
});

test('each fault has its own name', () => {
  const text = JSON.stringify(ack);
  assert.equal(why(readAck(message(text, true), topic, 'box-1')), 'retained');
  assert.equal(why(readAck(message(text, false, 'gatehouse/box-2/acks'), topic, 'box-1')), 'wrong-topic');
  assert.equal(why(readAck(message(text), topic, 'box-2')), 'other-box');
  assert.equal(why(readAck(message(`${text}${' '.repeat(1024)}`), topic, 'box-1')), 'oversized');
  for (const wrong of [
    { upTo: -1 },
    { upTo: 1.5 },
    { upTo: '7' },
    { upTo: 2 ** 53 },
    { eventclass: 'x' },
    { extra: 1 },
  ])
    assert.equal(why(readAck(message(JSON.stringify({ ...ack, ...wrong })), topic, 'box-1')), 'malformed');
});

test('any bytes are either refused or a sound acknowledgement; nothing throws', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 1500 }),
        fc.json().map((text) => Buffer.from(text)),
      ),
      (bytes) => {
        const reading = readAck(message(bytes), topic, 'box-1');
        assert.equal(reading.ok, false);
      },
    ),
    { seed: 3, numRuns: 2000 },
  );
});

test('an acknowledgement damaged in one byte never passes as one of another box, nor throws', () => {
  const text = Buffer.from(JSON.stringify(ack));
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.integer({ min: 0, max: 255 }), (at, byte) => {
      const damaged = Buffer.from(text);
      damaged[at] = byte;
      const reading = readAck(message(damaged), topic, 'box-1');
      if (reading.ok) assert.equal(reading.ack.boxid, 'box-1');
    }),
    { seed: 4, numRuns: 2000 },
  );
});

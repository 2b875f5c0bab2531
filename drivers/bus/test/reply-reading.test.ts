import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { rtuFrame } from '../../simulators/modbus-frames.ts';
import { ReplyAssembler } from '../reply-assembler.ts';
import { type LocalEcho, maxLineNoise, readReply } from '../reply-reading.ts';
import type { BusRequest } from '../request.ts';

/**
 * Bytes typed from the Waveshare Modbus RTU Relay wiki; the answer as mbpoll 1.4 read it of a board at rest.
 */
const pulse: BusRequest = { kind: 'write-coil', unit: 1, address: 0x0200, value: 7 };
const pulseBytes = Buffer.from('0105020000078db0', 'hex');
const readInputs: BusRequest = { kind: 'read-inputs', unit: 1, address: 0, count: 8 };
const readInputsBytes = Buffer.from('01020000000879cc', 'hex');
const readInputsReply = Buffer.from('01020100a188', 'hex');

const hex = (...parts: readonly (string | Buffer)[]) =>
  Buffer.concat(parts.map((one) => (typeof one === 'string' ? Buffer.from(one, 'hex') : one)));
const readsAs = (raw: Buffer, echo: LocalEcho) => readReply(readInputs, readInputsBytes, raw, echo);
const writesAs = (raw: Buffer, echo: LocalEcho) => readReply(pulse, pulseBytes, raw, echo);

test('a reply is whole only with its last byte, however it is cut', () => {
  for (let cut = 1; cut < readInputsReply.length; cut++) {
    const asked = { request: readInputs, sent: readInputsBytes, sentUntilMs: 10, echo: 'none' } as const;
    const assembler = new ReplyAssembler(asked);
    assembler.push(readInputsReply.subarray(0, cut), 20);
    assert.equal(assembler.reading.is, 'part');
    assembler.push(readInputsReply.subarray(cut), 21);
    assert.equal(assembler.reading.is, 'whole');
  }
});

test('00 and FF are passed over before and behind a reply, and nothing else is', () => {
  const reply = readInputsReply;
  assert.deepEqual(readsAs(hex('00ff', reply, 'ff'), 'none'), {
    is: 'whole',
    reply,
    echoed: false,
    noise: true,
  });
  assert.equal(readsAs(hex(reply, '000000'), 'none').is, 'whole');
  assert.deepEqual(readsAs(hex(reply, '00000000'), 'none'), {
    is: 'spoiled',
    why: 'bytes came behind the reply',
  });
  for (const behind of ['01', '0001', 'ff80', '7f'])
    assert.equal(readsAs(hex(reply, behind), 'none').is, 'spoiled');
  assert.equal(readsAs(hex(reply, reply), 'none').is, 'spoiled', 'a second copy of it');
  assert.deepEqual(readsAs(hex('00ff00'), 'none'), { is: 'silence', echoed: false });
});

test('a local echo is cut off in front of the reply, byte by byte', () => {
  const whole = { is: 'whole', reply: readInputsReply, echoed: true, noise: false };
  for (const echo of ['heard', 'unknown'] as const)
    assert.deepEqual(readsAs(hex(readInputsBytes, readInputsReply), echo), whole);
  assert.deepEqual(readsAs(hex('ff', readInputsBytes, '00', readInputsReply, '00'), 'heard'), {
    ...whole,
    noise: true,
  });
  assert.deepEqual(readsAs(readInputsBytes, 'heard'), { is: 'silence', echoed: true });
  const other = hex('01020000000979cc', readInputsReply);
  assert.deepEqual(readsAs(other, 'heard'), {
    is: 'spoiled',
    why: 'what came back first is not what was sent',
  });
  assert.equal(readsAs(readInputsReply, 'heard').is, 'spoiled', 'a reply without the echo in front of it');
});

test("a write's own copy is its answer only where the line is known not to echo", () => {
  assert.equal(writesAs(pulseBytes, 'none').is, 'whole');
  for (const echo of ['heard', 'unknown'] as const) {
    assert.deepEqual(writesAs(pulseBytes, echo), { is: 'silence', echoed: true });
    assert.equal(writesAs(hex(pulseBytes, pulseBytes), echo).is, 'whole');
  }
});

test('a reply that is equal to its request is not taken while the line may echo', () => {
  // 24 inputs from 0x0300 on, of which none is closed but the fourth and fifth of the third byte: reply and
  // request alike.
  const request: BusRequest = { kind: 'read-inputs', unit: 1, address: 0x0300, count: 24 };
  const sent = rtuFrame(1, hex('0203000018'));
  assert.equal(readReply(request, sent, sent, 'none').is, 'whole');
  assert.deepEqual(readReply(request, sent, sent, 'unknown'), { is: 'silence', echoed: true });
});

test('what comes before the request was out spoils the exchange, but for noise and for its own echo', () => {
  const pushed = (echo: LocalEcho, raw: Buffer) => {
    const assembler = new ReplyAssembler({ request: pulse, sent: pulseBytes, sentUntilMs: 10, echo });
    assembler.push(raw, 9.9);
    return assembler.reading;
  };
  for (const echo of ['none', 'heard', 'unknown'] as const) {
    assert.deepEqual(pushed(echo, hex('00ff')), { is: 'silence', echoed: false });
    assert.match(JSON.stringify(pushed(echo, readInputsReply)), /before the request was sent/);
    assert.match(JSON.stringify(pushed(echo, hex(pulseBytes, pulseBytes))), /before the request was sent/);
  }
  assert.match(JSON.stringify(pushed('none', pulseBytes)), /before the request was sent/);
  assert.deepEqual(pushed('heard', hex('00', pulseBytes, 'ff')), { is: 'silence', echoed: true });
});

test('a babbling line costs no memory', () => {
  const assembler = new ReplyAssembler({ request: pulse, sent: pulseBytes, sentUntilMs: 0, echo: 'none' });
  for (let i = 0; i < 1000; i++) assembler.push(Buffer.alloc(1000, 0x55), 1);
  assert.equal(assembler.reading.is, 'spoiled');
  assert.equal(assembler.count, 1_000_000);
});

const noise = fc
  .array(fc.constantFrom(0x00, 0xff), { maxLength: maxLineNoise })
  .map((bytes) => Buffer.from(bytes));
interface Case {
  readonly asked: BusRequest;
  readonly sent: Buffer;
  readonly reply: Buffer;
}

/** A request as a frame and one right reply to it, both by the simulators' own framing. */
const exchange: fc.Arbitrary<Case> = fc
  .record({
    code: fc.constantFrom(1, 3, 5, 6),
    unit: fc.integer({ min: 1, max: 247 }),
    address: fc.nat(0xffff),
    field: fc.integer({ min: 1, max: 20 }),
    data: fc.uint8Array({ minLength: 40, maxLength: 40 }),
  })
  .map(({ code, unit, address, field, data }) => {
    const pdu = Buffer.from([code, address >> 8, address & 0xff, 0, field]);
    const sent = rtuFrame(unit, pdu);
    if (code >= 5) {
      const kind = code === 5 ? 'write-coil' : 'write-register';
      return { asked: { kind, unit, address, value: field }, sent, reply: sent };
    }
    const bytes = code === 1 ? Math.ceil(field / 8) : field * 2;
    const reply = rtuFrame(unit, Buffer.concat([Buffer.from([code, bytes]), data.subarray(0, bytes)]));
    const kind = code === 1 ? 'read-coils' : 'read-holding';
    return { asked: { kind, unit, address, count: field }, sent, reply };
  });

test('whatever noise and echo stand around it, the reply that comes out is the one that was said', () => {
  fc.assert(
    fc.property(
      exchange,
      noise,
      noise,
      noise,
      fc.boolean(),
      ({ asked, sent, reply }, first, between, last, echoes) => {
        const raw = Buffer.concat(echoes ? [first, sent, between, reply, last] : [first, reply, last]);
        const reading = readReply(asked, sent, raw, echoes ? 'heard' : 'none');
        assert.equal(reading.is, 'whole');
        if (reading.is === 'whole') assert.deepEqual(reading.reply, reply);
      },
    ),
    { seed: 20261126, numRuns: 2_000 },
  );
});

test('no byte is left unexplained: one that is put in, changed or left out is never read over', () => {
  const mutate = fc.record({
    at: fc.nat(400),
    how: fc.constantFrom('put', 'change', 'cut'),
    byte: fc.integer({ min: 1, max: 0xfe }),
  });
  fc.assert(
    fc.property(exchange, fc.boolean(), mutate, ({ asked, sent, reply }, echoes, { at, how, byte }) => {
      const right = Buffer.concat(echoes ? [sent, reply] : [reply]);
      const where = at % right.length;
      const bytes = [...right];
      if (how === 'put') bytes.splice(where, 0, byte);
      else if (how === 'cut') bytes.splice(where, 1);
      else bytes[where] = (bytes[where] ?? 0) ^ byte;
      const reading = readReply(asked, sent, Buffer.from(bytes), echoes ? 'heard' : 'none');
      // By its length it may still look whole; then it is not the reply that was said, which its CRC shows.
      if (reading.is === 'whole') assert.ok(!reading.reply.equals(reply) || Buffer.from(bytes).equals(right));
    }),
    { seed: 20261126, numRuns: 2_000 },
  );
});

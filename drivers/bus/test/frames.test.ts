import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { replyMismatch } from '../reply-match.ts';
import { type BusRequest, describeRequest } from '../request.ts';
import { encodeRequest } from '../rtu-frame.ts';

const program = join(import.meta.dirname, '../../test/peers/pymodbus-frames.py');

/** The frames that pymodbus makes of these requests, as hex. */
function byPymodbus(requests: readonly BusRequest[]): string[] {
  const input = requests.map((request) => `${JSON.stringify(request)}\n`).join('');
  return execFileSync('/usr/bin/python3', ['-B', program], { input, encoding: 'utf8' }).trim().split('\n');
}

const word = fc.nat(0xffff);
const where = { unit: fc.integer({ min: 1, max: 247 }), address: word };
const request: fc.Arbitrary<BusRequest> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('read-coils', 'read-inputs', 'read-holding', 'read-input-registers'),
    ...where,
    count: fc.integer({ min: 1, max: 125 }),
  }),
  fc.record({ kind: fc.constant('write-coil'), ...where, value: fc.constantFrom(0, 0xff00) }),
  fc.record({ kind: fc.constant('write-register'), ...where, value: word }),
  fc.record({ kind: fc.constant('write-one-coil'), ...where, on: fc.boolean() }),
  fc.record({
    kind: fc.constant('write-registers'),
    ...where,
    words: fc.oneof(fc.tuple(word), fc.tuple(word, word)),
  }),
  fc.record({ kind: fc.constant('mask-register'), ...where, and: word, or: word }),
) as fc.Arbitrary<BusRequest>;

test('every kind of request is framed as pymodbus frames it', () => {
  const requests = fc.sample(request, { seed: 20261126, numRuns: 600 });
  const ours = requests.map((one) => encodeRequest(one).toString('hex'));
  assert.deepEqual(ours, byPymodbus(requests));
  assert.equal(new Set(requests.map(({ kind }) => kind)).size, 9);
});

/** Examples of the application protocol V1.1b3, sections 6.12 and 6.16, behind a unit address. */
test('functions 16 and 22 are framed as the specification shows them', () => {
  const body = (one: BusRequest) => encodeRequest(one).subarray(1, -2).toString('hex');
  const two: BusRequest = { kind: 'write-registers', unit: 1, address: 1, words: [0x000a, 0x0102] };
  assert.equal(body(two), '100001000204000a0102');
  const mask: BusRequest = { kind: 'mask-register', unit: 1, address: 4, and: 0x00f2, or: 0x0025 };
  assert.equal(body(mask), '16000400f20025');
});

/**
 * LC-Tech's data sheet: the flash command and its answer. A reply of function 15 is its address and count, 1
 * coil.
 */
const answers: readonly (readonly [what: string, request: BusRequest, reply: string, isAnswer: boolean])[] = [
  ...(
    [
      ['its answer', 'ff1000030002a416', true],
      ['the answer for another relay', 'ff1000080002d5d4', false],
      ['the answer for one register', 'ff1000030001e417', false],
      ['an answer that is its own request', 'ff10000300020400040014c59f', false],
    ] as const
  ).map(
    ([what, reply, is]) =>
      [
        `function 16: ${what}`,
        { kind: 'write-registers', unit: 255, address: 3, words: [4, 20] },
        reply,
        is,
      ] as const,
  ),
  [
    'function 15: its answer',
    { kind: 'write-one-coil', unit: 1, address: 19, on: true },
    '010f00130001',
    true,
  ],
  [
    'function 15: two coils',
    { kind: 'write-one-coil', unit: 1, address: 19, on: true },
    '010f00130002',
    false,
  ],
  [
    'function 22: its echo',
    { kind: 'mask-register', unit: 1, address: 4, and: 242, or: 37 },
    '0116000400f20025',
    true,
  ],
  [
    'function 22: another mask',
    { kind: 'mask-register', unit: 1, address: 4, and: 242, or: 37 },
    '0116000400f20024',
    false,
  ],
];
for (const [what, asked, reply, isAnswer] of answers)
  test(`${what} is ${isAnswer ? 'taken' : 'refused'}`, () => {
    const body = Buffer.from(reply, 'hex');
    // Where no checksum is typed any will do: it is not looked at here.
    const frame = asked.kind === 'write-registers' ? body : Buffer.concat([body, Buffer.alloc(2)]);
    assert.equal(replyMismatch(asked, encodeRequest(asked), frame) === undefined, isAnswer);
  });

test('a request says in words what it writes', () => {
  assert.deepEqual(
    [
      describeRequest({ kind: 'write-one-coil', unit: 1, address: 3, on: false }),
      describeRequest({ kind: 'write-registers', unit: 2, address: 3, words: [4, 20] }),
      describeRequest({ kind: 'mask-register', unit: 3, address: 4, and: 0xfffb, or: 4 }),
    ],
    [
      'write of coil 3 = 0 by function 15, unit 1',
      'write of holding registers from 3 on = 0x0004 0x0014, unit 2',
      'mask of holding register 4, and 0xfffb or 0x0004, unit 3',
    ],
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { BusRequest, WriteRequest } from '../../bus/request.ts';
import { bitsIn, placeOf, spanOf } from '../bit-source.ts';
import { BoardFile } from '../board-file.ts';
import type { Profile } from '../profile.ts';
import { checkWrite, pulseRelay, releaseRelay } from '../requests.ts';

const name = { 'zh-CN': '板', en: 'Board' };
const first = fc.nat(40);
const stride = fc.integer({ min: 1, max: 5 });
const word = fc.nat(0xffff);
const bit = fc.constantFrom(0, 1);

const source = fc.oneof(
  fc.record({ by: fc.constantFrom('coils', 'inputs'), first, stride, on: bit }),
  fc.record({
    by: fc.constantFrom('holding', 'input-registers'),
    first,
    stride,
    on: fc.nat(3),
    mask: fc.constant(3),
  }),
  fc.record({
    by: fc.constantFrom('holding-bits', 'input-register-bits'),
    ...{ first, firstBit: fc.nat(15), swapped: fc.boolean(), on: bit },
  }),
);
const write = fc.oneof(
  fc.record({ by: fc.constant('coil'), first, stride, function: fc.constantFrom(5, 15) }),
  fc.record({
    by: fc.constant('register'),
    first,
    stride,
    function: fc.constantFrom(6, 16),
    on: word,
    off: word,
  }),
  fc.record({ by: fc.constant('register-bit'), first, firstBit: fc.nat(15), swapped: fc.boolean() }),
);
const steps = { stepMs: fc.constant(100), maxSteps: fc.integer({ min: 1, max: 40 }) };
const pulse = fc.oneof(
  fc.constant({ by: 'box' }),
  fc.constant({ by: 'board-fixed', ms: 500 }),
  fc.record({ by: fc.constant('board-coil'), first: fc.nat(400), stride, ...steps }),
  fc.record({ by: fc.constant('board-register'), first: fc.nat(400), stride, base: fc.nat(2000), ...steps }),
  fc.record({ by: fc.constant('board-register'), base: fc.nat(2000), ...steps }),
  fc.record({
    by: fc.constant('board-command'),
    ...{ first: fc.nat(400), stride: fc.integer({ min: 2, max: 5 }), command: word, ...steps },
  }),
);
/** Boards that the schema takes, out of any. */
const boards = fc
  .record({ count: fc.integer({ min: 1, max: 8 }), read: source, write, pulse })
  .map(({ count, read, write: how, pulse: end }) =>
    BoardFile.safeParse({
      ...{
        id: 'board',
        kind: 'board',
        name,
        note: name,
        source: 'https://example.com',
        worstTurnaroundMs: 100,
      },
      ...{ relays: { name, count, read, write: how }, pulse: end },
    }),
  )
  .filter((result) => result.success)
  .map(({ data }): Profile => {
    assert.ok(data?.relays && data.pulse);
    const { id, note, relays, pulse: end, worstTurnaroundMs } = data;
    return {
      id,
      boardId: id,
      name,
      note,
      source: '',
      relays,
      inputs: { count: 0 },
      pulse: end,
      worstTurnaroundMs,
    };
  });

/** Every write that a board makes of one of its relays. */
function writesOf(profile: Profile, channel: number): WriteRequest[] {
  const lengths = Array.from({ length: 40 }, (_, i) => 100 * (i + 1));
  return [releaseRelay(profile, 1, channel), ...lengths.map((ms) => pulseRelay(profile, 1, channel, ms))];
}
const textOf = (request: BusRequest) => JSON.stringify(Object.entries(request).toSorted());
const channelsOf = ({ relays }: Profile) => Array.from({ length: relays.count }, (_, channel) => channel);

/** Target of a write: a coil, a register, or one bit of a register. */
function reachOf(request: WriteRequest): string[] {
  const { kind, address } = request;
  if (kind === 'mask-register') return [`register ${address} bits ${0xffff & ~request.and}`];
  const words = kind === 'write-registers' ? request.words.length : 1;
  const space = kind === 'write-coil' || kind === 'write-one-coil' ? 'coil' : 'register';
  return Array.from({ length: words }, (_, i) => `${space} ${address + i}`);
}

test('no write of one relay reaches what is of another, whatever the board', () => {
  fc.assert(
    fc.property(boards, (profile) => {
      const owner = new Map<string, number>();
      for (const channel of channelsOf(profile))
        for (const request of writesOf(profile, channel)) {
          checkWrite(profile, request);
          for (const reached of reachOf(request)) {
            assert.equal(owner.get(reached) ?? channel, channel, reached);
            owner.set(reached, channel);
          }
        }
      // A word whose bits are relays is written as a whole by nothing.
      for (const reached of owner.keys())
        if (reached.includes('bits')) assert.ok(!owner.has(reached.split(' bits')[0] ?? ''), reached);
    }),
    { seed: 20261126, numRuns: 500 },
  );
});

/** A write that is one step beside a right one: another address, another value, or another function. */
function beside(right: WriteRequest, how: number, by: number): WriteRequest {
  const address = right.address + (how === 0 ? by : 0);
  const shift = how === 1 ? by : 0;
  switch (right.kind) {
    case 'write-coil':
    case 'write-register':
      if (how !== 2) return { ...right, address, value: right.value + shift };
      return { ...right, kind: right.kind === 'write-coil' ? 'write-register' : 'write-coil' };
    case 'write-one-coil':
      return { ...right, address, on: how === 1 ? !right.on : right.on };
    case 'write-registers': {
      const [head, length] = right.words;
      if (how === 2) return { ...right, words: length === undefined ? [head, by] : [head] };
      return { ...right, address, words: length === undefined ? [head + shift] : [head, length + shift] };
    }
    case 'mask-register':
      return { ...right, address, and: how === 1 ? right.and ^ (1 << (Math.abs(by) % 16)) : right.and };
  }
}

test('a write beside those of a board is forbidden, whatever it is', () => {
  const near = fc.record({
    channel: fc.nat(7),
    write: fc.nat(40),
    how: fc.nat(2),
    by: fc.integer({ min: -50, max: 50 }),
  });
  let refused = 0;
  fc.assert(
    fc.property(boards, near, (profile, { channel, write: nth, how, by }) => {
      // Switching on is a pulse where the box ends it, and else a write of its own.
      const ons = channelsOf(profile).map((one) =>
        pulseRelay({ ...profile, pulse: { by: 'box' } }, 1, one, 100),
      );
      const all = [...ons, ...channelsOf(profile).flatMap((one) => writesOf(profile, one))];
      const own = writesOf(profile, channel % profile.relays.count);
      const request = beside(own[nth % own.length] ?? ons[0] ?? assert.fail(), how, by);
      if (new Set(all.map(textOf)).has(textOf(request))) return checkWrite(profile, request);
      refused++;
      assert.throws(() => checkWrite(profile, request), { code: 'WRITE_FORBIDDEN' }, textOf(request));
    }),
    { seed: 20261126, numRuns: 3_000 },
  );
  assert.ok(refused > 1_000, `${refused}`);
});

test('a mask changes the one bit of its relay, and a broadcast is forbidden', () => {
  fc.assert(
    fc.property(boards, word, (profile, before) => {
      for (const channel of channelsOf(profile))
        for (const request of [pulseRelay(profile, 1, channel, 100), releaseRelay(profile, 1, channel)]) {
          assert.throws(() => checkWrite(profile, { ...request, unit: 0 }), { code: 'WRITE_FORBIDDEN' });
          if (request.kind !== 'mask-register') continue;
          const after = (before & request.and) | (request.or & ~request.and & 0xffff);
          const changed = (before ^ after) & 0xffff;
          assert.ok([0, 0xffff & ~request.and].includes(changed));
          assert.equal((0xffff & ~request.and).toString(2).replaceAll('0', '').length, 1);
        }
    }),
    { seed: 20261126, numRuns: 500 },
  );
});

test('each channel is read from a place of its own within what is asked for, and says what is held there', () => {
  fc.assert(
    fc.property(boards, fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }), ({ relays }, pattern) => {
      if (!('read' in relays)) return;
      const { read, count } = relays;
      const { address, count: length } = spanOf(read, count);
      const places = Array.from({ length: count }, (_, channel) => placeOf(read, channel));
      assert.equal(new Set(places.map((place) => JSON.stringify(place))).size, count);
      // Bits as a board would hold them: nothing but its channels is set.
      const registers = Array<number>(length).fill(0);
      const bits = Array<boolean>(length).fill(false);
      const off = 'mask' in read ? (read.on === 0 ? 1 : 0) : 1 - read.on;
      for (const [channel, place] of places.entries()) {
        const at = place.address - address;
        const held = pattern[channel] ? read.on : off;
        assert.ok(at >= 0 && at < length);
        bits[at] = held === 1;
        registers[at] = place.bit === undefined ? held : (registers[at] ?? 0) | (held << place.bit);
      }
      const none = Buffer.alloc(0);
      assert.deepEqual(
        bitsIn(read, count, { sent: none, received: none, bits, registers }),
        pattern.slice(0, count),
      );
    }),
    { seed: 20261126, numRuns: 1_000 },
  );
});

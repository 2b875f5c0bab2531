import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { readingOf, sensorRequests } from '../sensor.ts';
import { byteOrders, SensorFile } from '../sensor-file.ts';

const program = join(import.meta.dirname, '../../test/peers/word-orders.py');
const name = { 'zh-CN': '值', en: 'Value' };

type Type = SensorFile['values'][number]['type'];
type Order = SensorFile['values'][number]['order'];

/** A sensor of one value, as its file would have it. */
function sensorOf(type: Type, order: Order, more: Record<string, unknown> = {}): SensorFile {
  const value = {
    id: 'value',
    name,
    read: 'holding',
    register: 0,
    type,
    order,
    scale: 1,
    unit: '',
    least: -3.5e38,
    most: 3.5e38,
    ...more,
  };
  return SensorFile.parse({
    id: 'sensor',
    kind: 'sensor',
    name,
    note: name,
    source: 'https://example.com/sheet.pdf',
    worstTurnaroundMs: 100,
    values: [value],
  });
}

const read = (type: Type, order: Order, registers: readonly number[], more: Record<string, unknown> = {}) => {
  const [value] = sensorOf(type, order, more).values;
  assert.ok(value);
  return readingOf(value, registers);
};

/**
 * Data sheets: Eastron SDM meters (230.2 V), and the two examples of Phoenix Contact EMpro, whose words are
 * exchanged.
 */
test('values of 32 bits are read as the examples of data sheets have them', () => {
  assert.equal(read('float32', 'ABCD', [0x4366, 0x3334]).value, 230.2);
  assert.equal(read('float32', 'CDAB', [0xe979, 0x42f6]).value, 123.456);
  assert.equal(read('uint32', 'CDAB', [0x5678, 0x1234]).value, 305_419_896);
});

const orders = fc.constantFrom(...byteOrders);
const cases = fc.oneof(
  fc.record({
    type: fc.constant('int32'),
    order: orders,
    value: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  }),
  fc.record({ type: fc.constant('uint32'), order: orders, value: fc.integer({ min: 0, max: 2 ** 32 - 1 }) }),
  fc.record({
    type: fc.constant('float32'),
    order: orders,
    value: fc.float({
      noNaN: true,
      noDefaultInfinity: true,
      min: Math.fround(-1e30),
      max: Math.fround(1e30),
    }),
  }),
) as fc.Arbitrary<{ type: Type; order: NonNullable<Order>; value: number }>;

test('whatever pymodbus lays into two registers is read out again, in every order', () => {
  const all = fc.sample(cases, { seed: 20261126, numRuns: 500 });
  const input = all.map((one) => `${JSON.stringify(one)}\n`).join('');
  const lines = execFileSync('/usr/bin/python3', ['-B', program], { input, encoding: 'utf8' })
    .trim()
    .split('\n');
  for (const [i, { type, order, value }] of all.entries()) {
    const { value: ours } = read(type, order, JSON.parse(lines[i] ?? '[]'));
    // Seven digits are what a float32 has; -0 is 0 to people.
    const expected = type === 'float32' ? Number(value.toPrecision(7)) : value;
    assert.ok(ours === expected, `${JSON.stringify(all[i])}: ${ours}`);
  }
});

test('signs, scales and words of 16 bits are as ever; what is no number is a broken sensor', () => {
  assert.equal(read('int16', undefined, [0xff33], { scale: 0.1 }).value, -20.5);
  assert.equal(read('uint16', undefined, [0xff33]).value, 65_331);
  assert.equal(read('int32', 'ABCD', [0xffff, 0xff38], { scale: 0.01 }).value, -2);
  for (const [high, low] of [
    [0x7fc0, 0],
    [0x7f80, 0],
    [0xff80, 0],
  ] as const) {
    const { value, raw } = read('float32', 'ABCD', [high, low]);
    assert.equal(value, undefined);
    assert.equal(raw, high * 0x1_0000);
  }
});

test('both registers of a value are in one request, with its neighbours', () => {
  const [value] = sensorOf('float32', 'ABCD', { register: 10 }).values;
  const file = SensorFile.parse({
    ...sensorOf('float32', 'ABCD'),
    values: [
      { ...value, id: 'one' },
      { ...value, id: 'two', register: 12 },
      { ...value, id: 'far', register: 40, type: 'int16', order: undefined },
    ],
  });
  assert.deepEqual(sensorRequests(file, 3), [
    { kind: 'read-holding', unit: 3, address: 10, count: 4 },
    { kind: 'read-holding', unit: 3, address: 40, count: 1 },
  ]);
});

test('the order of 32 bits must be said, and belongs to nothing else', () => {
  const wrong = (type: Type, order: Order) => assert.throws(() => sensorOf(type, order), /byte-order/);
  wrong('float32', undefined);
  wrong('int16', 'ABCD');
  assert.throws(() => sensorOf('float32', 'ABCD', { register: 0xffff }), /second-register/);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventTypes } from '@gatehouse/contracts';
import fc from 'fast-check';
import { incident } from '../../test/support/events.ts';
import { takeIn } from '../intake.ts';

const event = {
  specversion: '1.0',
  id: 'box-1/epoch-0001/alarm/3',
  source: 'urn:gatehouse:box:box-1',
  type: eventTypes.incident,
  time: '2026-11-23T18:30:00.000+08:00',
  datacontenttype: 'application/json',
  boxid: 'box-1',
  epoch: 'epoch-0001',
  eventclass: 'alarm',
  sequence: 3,
  settled: 1,
  data: incident(1),
};
const topic = 'gatehouse/box-1/events/alarm';
const take = (body: unknown, on = topic, retained = false) =>
  takeIn(
    { topic: on, payload: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), retained },
    'gatehouse',
  );
const readAs = (body: unknown, on = topic, retained = false) => {
  const intake = take(body, on, retained);
  return intake.ok ? intake.event.understanding : intake.why;
};

test('a sound event is understood; newer types and faulty data are kept as such', () => {
  assert.equal(readAs(event), 'known');
  assert.equal(readAs({ ...event, type: 'gatehouse.plate.v1' }), 'unknown-type');
  assert.equal(readAs({ ...event, newattribute: 'x' }), 'known');
  assert.equal(readAs({ ...event, data: { ...incident(1), extra: 1 } }), 'invalid-data');
});

test('an event under another box’s topic, or with an identity not its own, is refused', () => {
  assert.equal(readAs(event, 'gatehouse/box-2/events/alarm'), 'wrong-topic');
  assert.equal(readAs(event, 'gatehouse/box-1/events/door'), 'wrong-topic');
  assert.equal(readAs({ ...event, source: 'urn:gatehouse:box:box-2' }), 'wrong-identity');
  assert.equal(readAs({ ...event, id: 'box-1/epoch-0001/alarm/4' }), 'wrong-identity');
  assert.equal(readAs(event, topic, true), 'retained');
  assert.equal(readAs('x'.repeat(70_000)), 'oversized');
});

test('a box cannot declare numbers beyond its event settled', () => {
  const intake = take({ ...event, settled: 900 });
  assert.equal(intake.ok && intake.event.settled, 2);
});

test('any bytes are refused or taken in; nothing throws', () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 400 }), fc.json().map(Buffer.from)), (bytes) => {
      assert.equal(takeIn({ topic, payload: Buffer.from(bytes), retained: false }, 'gatehouse').ok, false);
    }),
    { seed: 8, numRuns: 1000 },
  );
});

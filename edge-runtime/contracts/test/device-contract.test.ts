import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AuditEntry,
  AuditVerification,
  DeviceAlarmKind,
  DeviceCommand,
  DeviceEvent,
  DeviceRequest,
  DeviceState,
  EnrolledCard,
  FireReset,
  FireState,
  IncidentKind,
  InputState,
  SensorState,
  WireCommand,
} from '@gatehouse/contracts';
import type { z } from 'zod';

const id = '6f6f2f0a-3c47-4d3c-9c39-2a2f5ac2a001';
const at = '2026-08-01T08:00:00+08:00';
const name = { 'zh-CN': '外门', en: 'Outer door' };
const origin = { channel: 'schedule', user: 'morning', reason: 'deliveries' };
const outcome = {
  commandId: id,
  device: 'outer',
  action: 'hold-open',
  origin,
  state: 'confirmed',
  relay: 'actuated',
  feedback: 'reached',
  acceptedAt: at,
};
const door = {
  id: 'outer',
  kind: 'door',
  name,
  position: 'open',
  comms: 'ok',
  inputs: { open: true },
  actions: ['open'],
};

const temperature = { id: 'temperature', name, unit: '°C', state: 'normal', value: 23.5, above: 45 };
const sensor = { id: 'pump-room', name, comms: 'ok', ageMs: 900, pollS: 5, values: [temperature] };
const event = { id, sequence: 1, at };
const alarm = { ...event, type: 'alarm', alarm: id, phase: 'opened' };
const reading = {
  ...event,
  type: 'reading',
  device: 'pump-room',
  cause: 'limit',
  values: [{ id: 'temperature', value: 47, unit: '°C', state: 'alarm' }],
};
const card = {
  ...event,
  type: 'card',
  device: 'reader',
  door: 'outer',
  credential: '0123456789abcdef',
  known: false,
};
const enrolled = {
  credential: '0123456789abcdef',
  reader: 'reader',
  label: 'A-1',
  tail: 'ED',
  enrolledAt: at,
};

const accepted: readonly (readonly [what: string, schema: z.ZodType, value: unknown])[] = [
  [
    'a command that holds open for a while',
    DeviceCommand,
    { commandId: id, device: 'outer', action: 'hold-open', holdS: 600, expiresAt: at, origin },
  ],
  ['a wish of a flow to do so', DeviceRequest, { action: 'hold-open', holdS: 600 }],
  ['a state without anything new', DeviceState, door],
  ['a sensor and its reading', SensorState, sensor],
  ['a reading for the platform', DeviceEvent, reading],
  ['a card before a reader', DeviceEvent, card],
  ['an enrolled card', EnrolledCard, enrolled],
  [
    'a forced door with its alarms',
    DeviceState,
    { ...door, condition: 'forced', alarms: ['door-forced', 'device-tamper'] },
  ],
  [
    'a gate held by a lease',
    DeviceState,
    { ...door, kind: 'gate', condition: 'locked-open', hold: { by: 'lease', until: at }, maxHoldS: 900 },
  ],
  [
    'a barrier held by the fire latch',
    DeviceState,
    { ...door, kind: 'barrier', condition: 'locked-open', hold: { by: 'fire' } },
  ],
  [
    'an input of which nothing is known',
    InputState,
    { id: 'help', kind: 'help', name, state: 'unknown', comms: 'lost', ageMs: 4000 },
  ],
  ['a latched fire alarm', FireState, { latched: true, since: at, active: ['fire'], unknown: [] }],
  ['its reset', FireReset, { requestId: id, expiresAt: at, origin: { channel: 'console', user: 'guard' } }],
  [
    'an alarm',
    DeviceEvent,
    {
      ...alarm,
      kind: 'emergency',
      priority: 1,
      device: 'fire',
      gates: [{ name: 'input', value: 'fire', passed: true }],
    },
  ],
  ['what the platform is told of a schedule', WireCommand, { ...outcome, origin: { channel: 'schedule' } }],
  [
    'an audit entry',
    AuditEntry,
    {
      sequence: 1,
      at,
      what: 'outcome',
      device: 'outer',
      commandId: id,
      origin,
      facts: { state: 'confirmed', wire: [{ sent: '0105', received: '0105' }] },
      hash: '0'.repeat(64),
    },
  ],
  ['a broken chain', AuditVerification, { intact: false, entries: 7, why: 'entry', brokenAt: 3 }],
];
for (const [what, schema, value] of accepted)
  test(`the contract has ${what}`, () => {
    assert.deepEqual(schema.parse(value), value);
  });

const refused: readonly (readonly [what: string, schema: z.ZodType, value: unknown])[] = [
  ['a hold longer than a board can time', DeviceRequest, { action: 'hold-open', holdS: 3_201 }],
  ['a hold of no time', DeviceRequest, { action: 'hold-open', holdS: 0 }],
  ['a lease without an end', DeviceState, { ...door, hold: { by: 'lease' } }],
  ['an alarm of a camera', DeviceEvent, { ...alarm, kind: 'crowd', priority: 1, device: 'fire', gates: [] }],
  ['an alarm without its gates', DeviceEvent, { ...alarm, kind: 'emergency', priority: 1, device: 'fire' }],
  ['a card by its number', DeviceEvent, { ...card, credential: '62E3086CED' }],
  ['a reading of nothing', DeviceEvent, { ...reading, values: [] }],
  ['a fire reset that never expires', FireReset, { requestId: id, origin }],
  ['an audit entry without its hash', AuditEntry, { sequence: 1, at, what: 'start', facts: {} }],
];
for (const [what, schema, value] of refused)
  test(`the contract refuses ${what}`, () => {
    assert.equal(schema.safeParse(value).success, false);
  });

test('every alarm of a device is a kind of incident; its loss is told apart', () => {
  assert.deepEqual(
    [...DeviceAlarmKind.options, 'device-lost'].toSorted(),
    IncidentKind.options.filter((kind) => /^(door|device|interlock|emergency|input)/.test(kind)).toSorted(),
  );
});

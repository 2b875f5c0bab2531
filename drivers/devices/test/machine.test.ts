import assert from 'node:assert/strict';
import { test } from 'node:test';
import { actionsOf, type DeviceAction } from '@gatehouse/contracts';
import fc from 'fast-check';
import { type Contacts, type MachineState, observed, ordered, unknownState } from '../machine.ts';
import { mustRaise, refusal } from '../safety.ts';

const barrier = {
  kind: 'barrier',
  outputs: { open: 0, close: 1, stop: 2 },
  inputs: { open: 0, closed: 1, loop: 2 },
  moveWithinMs: 3000,
} as const;
const door = { kind: 'door', outputs: { open: 3 }, inputs: { open: 3 }, moveWithinMs: 3000 } as const;
const up: Contacts = { open: true, closed: false, loop: false };
const down: Contacts = { open: false, closed: true, loop: false };
const between: Contacts = { open: false, closed: false, loop: false };

/** Feeds steps 100 ms apart: contacts read, or an action that went out. */
function after(...steps: readonly (Contacts | DeviceAction | number)[]): MachineState {
  let nowMs = 0;
  let state = unknownState;
  for (const step of steps) {
    nowMs += typeof step === 'number' ? step : 100;
    if (typeof step === 'string') state = ordered(state, step, nowMs);
    else if (typeof step === 'object') state = observed(barrier, state, step, nowMs);
  }
  return state;
}

const positions: readonly (readonly [what: string, state: MachineState, position: string])[] = [
  ['an arm first seen between its limits is anywhere', after(between), 'unknown'],
  ['an arm at its lower limit is closed', after(down), 'closed'],
  ['an ordered arm that has left its limit opens', after(down, 'open', between), 'opening'],
  ['an arm that arrived is open', after(down, 'open', between, up), 'open'],
  ['an arm that leaves its limit by itself is moving too', after(up, between), 'closing'],
  [
    'a halted arm is stopped and stays so',
    after(up, 'close', between, 'stop', between, 9000, between),
    'stopped',
  ],
  ['an arm that does not arrive in time is stopped', after(up, 'close', between, 3100, between), 'stopped'],
  ['both limits at once cannot be', after({ open: true, closed: true, loop: false }), 'unknown'],
];
for (const [what, state, position] of positions)
  test(what, () => {
    assert.equal(state.position, position);
  });

test('a door is what its contact says, and unknown without one', () => {
  assert.equal(observed(door, unknownState, { open: true }, 0).position, 'open');
  assert.equal(observed(door, unknownState, { open: false }, 0).position, 'closed');
  assert.equal(observed({ ...door, inputs: {} }, unknownState, {}, 0).position, 'unknown');
});

test('a barrier without a loop detector can be raised and stopped, never lowered', () => {
  const blind = { ...barrier, inputs: { open: 0, closed: 1 } };
  assert.deepEqual(actionsOf(blind), ['open', 'stop']);
  assert.equal(refusal(blind, after(up), 'close'), 'LOOP_UNKNOWN');
});

const anyContacts = fc.record({ open: fc.boolean(), closed: fc.boolean(), loop: fc.boolean() });
const anyStep = fc.oneof(anyContacts, fc.constantFrom<DeviceAction>('open', 'close', 'stop'), fc.nat(4000));

test('whatever happened before: lowering needs sound limits and a clear loop, opening and stopping never wait', () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 30 }), (steps) => {
      const state = after(...steps);
      const { open, closed, loop } = state.contacts;
      const mayLower = loop === false && !(open && closed);
      assert.equal(refusal(barrier, state, 'close') === undefined, mayLower);
      assert.equal(refusal(barrier, state, 'open'), undefined);
      assert.equal(refusal(barrier, state, 'stop'), undefined);
    }),
  );
});

test('whatever happened before: an arm on its way down over an occupied loop must rise, and rising ends it', () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 30 }), (steps) => {
      const lowering = after(...steps, up, 'close', between);
      assert.equal(lowering.position, 'closing');
      const onVehicle = observed(barrier, lowering, { ...between, loop: true }, 1e9);
      const inTime = observed(barrier, ordered(lowering, 'close', 0), { ...between, loop: true }, 10);
      assert.equal(mustRaise(barrier, inTime), true);
      assert.equal(mustRaise(barrier, ordered(inTime, 'open', 20)), false);
      assert.equal(onVehicle.position, 'stopped');
    }),
  );
});

test('whatever happened before: a limit contact decides the position, and both together decide nothing', () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 30 }), anyContacts, (steps, contacts) => {
      const { position } = after(...steps, contacts);
      if (contacts.open && contacts.closed) assert.equal(position, 'unknown');
      else if (contacts.open) assert.equal(position, 'open');
      else if (contacts.closed) assert.equal(position, 'closed');
      else assert.ok(position !== 'open' && position !== 'closed');
    }),
  );
});

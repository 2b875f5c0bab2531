import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type BarrierState, mustRaise, type Order, stepBarrier, unknownBarrier } from '../barrier.ts';
import type { Contacts } from '../contacts.ts';

const spec = { inputs: { open: 0, closed: 1, loop: 2, loopFault: 3 }, moveWithinMs: 3000 };
const clear = { loop: false, loopFault: false };
const up: Contacts = { open: true, closed: false, ...clear };
const down: Contacts = { open: false, closed: true, ...clear };
const between: Contacts = { open: false, closed: false, ...clear };

/** Contacts read, an order that went out, the board lost, or time. */
type Step = Contacts | Order | 'answered' | 'interrupted' | 'lost' | number;

/** Feeds steps 100 ms apart. */
function after(...steps: readonly Step[]): BarrierState {
  let nowMs = 0;
  let state = unknownBarrier;
  for (const step of steps) {
    nowMs += typeof step === 'number' ? step : 100;
    if (step === 'lost' || step === 'answered' || step === 'interrupted')
      state = stepBarrier(spec, state, { type: step }, nowMs);
    else if (typeof step === 'string')
      state = stepBarrier(spec, state, { type: 'ordered', order: step }, nowMs);
    else if (typeof step === 'object')
      state = stepBarrier(spec, state, { type: 'contacts', contacts: step }, nowMs);
  }
  return state;
}

const positions: readonly (readonly [what: string, steps: readonly Step[], position: string])[] = [
  ['an arm first seen between its limits is anywhere', [between], 'unknown'],
  ['an arm at its lower limit is closed', [down], 'closed'],
  ['an ordered arm that has left its limit opens', [down, 'open', between], 'opening'],
  ['an arm that arrived is open', [down, 'open', between, up], 'open'],
  ['an arm that leaves its limit by itself is moving too', [up, between], 'closing'],
  ['a halted arm is stopped and stays so', [up, 'close', between, 'stop', between, 9000, between], 'stopped'],
  ['an arm that does not arrive in time is stopped', [up, 'close', between, 3100, between], 'stopped'],
  ['both limits at once cannot be', [{ open: true, closed: true }], 'unknown'],
  ['an arm whose board is lost is unknown', [up, 'lost'], 'unknown'],
  ['an arm that comes back between its limits is unknown', [up, 'lost', between], 'unknown'],
];
for (const [what, steps, position] of positions)
  test(what, () => {
    assert.equal(after(...steps).position, position);
  });

const raises: readonly (readonly [what: string, steps: readonly Step[], must: boolean])[] = [
  ['a vehicle below an arm that stands up raises nothing', [{ ...up, loop: true }], false],
  ['a vehicle below an arm that comes down raises it', [up, 'close', { ...between, loop: true }], true],
  ['so it does while the arm is still at its upper limit', [up, 'close', { ...up, loop: true }], true],
  [
    'a detector that says it is faulty is no clear loop',
    [up, 'close', { ...between, loopFault: true }],
    true,
  ],
  ['an arm that comes down by itself is raised, too', [up, { ...between, loop: true }], true],
  [
    'so is one that is slower than it should be',
    [up, 'close', between, 9000, { ...between, loop: true }],
    true,
  ],
  ['so is one that was out of sight meanwhile', [up, 'close', 'lost', { ...between, loop: true }], true],
  ['an arm that is down is left alone', [up, 'close', between, down, { ...down, loop: true }], false],
  [
    'an arm on its way up is left alone',
    [up, 'close', between, 'open', 'answered', { ...between, loop: true }],
    false,
  ],
  [
    'an arm whose board did not answer the order to rise is not',
    [up, 'close', between, 'open', { ...between, loop: true }],
    true,
  ],
  [
    'an arm that came down when the service died is raised',
    ['interrupted', { ...between, loop: true }],
    true,
  ],
  [
    'an arm that a person stopped is left to that person',
    [up, 'close', between, 'stop', 'answered', { ...between, loop: true }],
    false,
  ],
];
for (const [what, steps, must] of raises)
  test(what, () => {
    assert.equal(mustRaise(after(...steps)), must);
  });

test('an arm that does not arrive is obstructed until it is at a limit', () => {
  assert.equal(after(up, 'close', between, 3100, between).obstructed, 'late');
  assert.equal(after(up, 'close', between, 3100, between, 'open', between).obstructed, undefined);
  assert.equal(after(up, 'close', between, 3100, between, down).obstructed, undefined);
});

test('an arm that was raised off a vehicle is obstructed until it is up', () => {
  const raised = stepBarrier(
    spec,
    after(up, 'close', between),
    { type: 'ordered', order: 'open', reflex: true },
    900,
  );
  assert.equal(raised.obstructed, 'below');
  assert.equal(stepBarrier(spec, raised, { type: 'contacts', contacts: between }, 1000).obstructed, 'below');
  assert.equal(stepBarrier(spec, raised, { type: 'contacts', contacts: up }, 1000).obstructed, undefined);
});

test('an order that the board refused moves nothing', () => {
  const state = stepBarrier(spec, after(up, 'close'), { type: 'refused' }, 300);
  assert.equal(state.move, undefined);
});

const anyContacts = fc.record({
  open: fc.boolean(),
  closed: fc.boolean(),
  loop: fc.boolean(),
  loopFault: fc.boolean(),
});
const anyStep = fc.oneof(
  anyContacts,
  fc.constantFrom<Step>('open', 'close', 'stop', 'answered', 'interrupted', 'lost'),
  fc.nat(4000),
);

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

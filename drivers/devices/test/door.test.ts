import assert from 'node:assert/strict';
import { test } from 'node:test';
import { doorAlarms } from '../alarms.ts';
import type { Contacts } from '../contacts.ts';
import { type DoorSpec, type DoorState, doorPosition, stepDoor, unknownDoor } from '../door.ts';

const spec: DoorSpec = {
  inputs: { open: 0, exit: 1 },
  pulseMs: 500,
  moveWithinMs: 5000,
  heldOpen: { warnAfterS: 30, alarmAfterS: 60 },
};
const open: Contacts = { open: true, exit: false };
const shut: Contacts = { open: false, exit: false };
const pressed: Contacts = { open: false, exit: true };

/**
 * Contacts read, a pulse that went out, a hold that begins or ends, the board lost, or milliseconds that
 * pass.
 */
type Step = Contacts | 'pulse' | 'hold' | 'end of hold' | 'lost' | number;

function after(steps: readonly Step[], of: DoorSpec = spec): DoorState {
  let nowMs = 0;
  let state = unknownDoor;
  for (const step of steps) {
    nowMs += typeof step === 'number' ? step : 100;
    if (step === 'pulse') state = stepDoor(of, state, { type: 'unlocked' }, nowMs);
    else if (step === 'hold' || step === 'end of hold')
      state = stepDoor(of, state, { type: 'held', held: step === 'hold' }, nowMs);
    else if (step === 'lost') state = stepDoor(of, state, { type: 'lost' }, nowMs);
    else if (typeof step === 'object')
      state = stepDoor(of, state, { type: 'contacts', contacts: step }, nowMs);
  }
  return state;
}

const cases: readonly (readonly [what: string, steps: readonly Step[], is: DoorState['is']])[] = [
  ['nothing is known before the first reading', [], 'unknown'],
  ['a door that is shut is closed', [shut], 'closed'],
  ['a door that opens after a command is open', [shut, 'pulse', open], 'open'],
  ['a door that opens after the exit button is open', [shut, pressed, shut, open], 'open'],
  ['a door that nobody let open is forced', [shut, open], 'forced'],
  ['so is one that opens long after the command', [shut, 'pulse', 6000, shut, open], 'forced'],
  ['a forced door stays so however long it stands open', [shut, open, 99_000, open], 'forced'],
  ['a forced door that is shut is closed', [shut, open, shut], 'closed'],
  ['a door first found open may have been opened by anybody', [open], 'open'],
  ['so may one that opened while its board was lost', [shut, 'lost', open], 'open'],
  ['a door left open is warned of', [shut, 'pulse', open, 30_000, open], 'held-open-warning'],
  ['a door left open for too long is an alarm', [shut, 'pulse', open, 60_000, open], 'held-open'],
  [
    'a door that was shut in between starts anew',
    [shut, 'pulse', open, 29_000, shut, 'pulse', open, 29_000, open],
    'open',
  ],
  ['a door that is held open is locked open', [shut, 'hold', open, 99_000, open], 'locked-open'],
  [
    'after a hold the door has its time to close',
    [shut, 'hold', open, 99_000, open, 'end of hold', 29_000, open],
    'open',
  ],
  [
    'a door that is not shut after a hold is held open',
    [shut, 'hold', open, 'end of hold', 60_100, open],
    'held-open',
  ],
  ['a lost door is unknown, whatever it was', [shut, open, 'lost'], 'unknown'],
];
for (const [what, steps, is] of cases)
  test(what, () => {
    assert.equal(after(steps).is, is);
  });

test('without an exit button every way out would be an alarm, so none is, unless the site says so', () => {
  const noButton = { ...spec, inputs: { open: 0 } };
  assert.equal(after([shut, open], noButton).is, 'open');
  assert.equal(after([shut, open], { ...noButton, forcedOpen: true }).is, 'forced');
  assert.equal(after([shut, open], { ...spec, forcedOpen: false }).is, 'open');
});

test('a site may do without the alarm for standing open', () => {
  assert.equal(after([shut, 'pulse', open, 99_000, open], { ...spec, heldOpen: false }).is, 'open');
});

const positions: readonly (readonly [contacts: Contacts, position: string])[] = [
  [{ open: true }, 'open'],
  [{ open: false }, 'closed'],
  [{ closed: true }, 'closed'],
  [{ closed: false }, 'open'],
  [{ open: false, closed: false }, 'open'],
  [{ open: true, closed: true }, 'unknown'],
  [{}, 'unknown'],
];
for (const [contacts, position] of positions)
  test(`contacts ${JSON.stringify(contacts)} mean ${position}`, () => {
    assert.equal(doorPosition(contacts), position);
  });

test('alarms say which number decided and do not run on with the clock', () => {
  const held = doorAlarms(spec, after([shut, 'pulse', open, 60_000, open]));
  assert.deepEqual(held, [
    {
      kind: 'door-held-open',
      priority: 2,
      gates: [{ name: 'open-for', value: 60, threshold: 60, unit: 's', passed: true }],
    },
  ]);
  assert.deepEqual(doorAlarms(spec, after([shut, 'pulse', open, 70_000, open])), held);
  assert.deepEqual(
    doorAlarms(spec, after([shut, 'pulse', open, 31_000, open])).map(({ priority }) => priority),
    [3],
  );
  assert.deepEqual(
    doorAlarms(spec, after([shut, open])).map(({ kind, priority }) => [kind, priority]),
    [['door-forced', 1]],
  );
  assert.deepEqual(doorAlarms(spec, after([shut])), []);
});

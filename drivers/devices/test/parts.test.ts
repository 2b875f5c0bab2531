import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contactsOf, readContacts, settlesAtMs } from '../contacts.ts';
import { type Debounced, debounced, unread } from '../debounce.ts';
import { fireLatchAtStart, isLatched, resetRefusal, stepFireLatch } from '../fire-latch.ts';
import { RelayHolds, wantsRenewal } from '../hold.ts';
import { interlockRefusal, openTogether } from '../interlock.ts';
import { granted, isOver, leaseEnd, resumed } from '../lease.ts';
import { inTheWay } from '../reversing.ts';
import { opensOnFire } from '../safety.ts';

const stability = { stableMs: 100 };

function bounced(
  readings: readonly (readonly [atMs: number, value: boolean])[],
  atOnce?: boolean,
): Debounced {
  const how = { ...stability, ...(atOnce === undefined ? {} : { atOnce }) };
  return readings.reduce((state, [atMs, value]) => debounced(state, value, atMs, how), unread);
}

test('a contact that bounces is what it was; one that stays so for its time has changed', () => {
  assert.equal(
    bounced([
      [0, false],
      [10, true],
      [50, false],
      [60, true],
      [150, true],
    ]).value,
    false,
  );
  assert.equal(
    bounced([
      [0, false],
      [10, true],
      [110, true],
    ]).value,
    true,
  );
  assert.equal(bounced([[0, true]]).value, true, 'the first reading counts');
});

test('what waiting would make dangerous counts at once, its end does not', () => {
  assert.equal(
    bounced(
      [
        [0, false],
        [10, true],
      ],
      true,
    ).value,
    true,
  );
  assert.equal(
    bounced(
      [
        [0, true],
        [10, false],
      ],
      true,
    ).value,
    true,
  );
  assert.equal(
    bounced(
      [
        [0, true],
        [10, false],
        [110, false],
      ],
      true,
    ).value,
    false,
  );
});

test('contacts are what they mean, whichever way round they are wired', () => {
  const spec = {
    inputs: { open: 0, loop: 1, tamper: 2 },
    contacts: { tamper: { wiring: 'normally-closed', debounceMs: 0 } },
  } as const;
  const first = readContacts(spec, {}, [true, false, true], 0);
  assert.deepEqual(contactsOf(first), { open: true, loop: false, tamper: false });
  const cut = readContacts(spec, first, [true, true, false], 10);
  assert.deepEqual(
    contactsOf(cut),
    { open: true, loop: true, tamper: true },
    'a cut wire and a vehicle count at once',
  );
  const flicker = readContacts(spec, cut, [false, false, false], 20);
  assert.deepEqual(contactsOf(flicker), { open: true, loop: true, tamper: true }, 'a clear loop has to last');
  assert.equal(settlesAtMs(spec, flicker), 20 + 50, 'it is worth a look when it may count');
  assert.equal(settlesAtMs(spec, cut), undefined);
});

const door = (id: string, position: 'open' | 'closed' | 'unknown', unlocked = false) => ({
  id,
  position,
  unlocked,
});

test('an interlock lets one door open: the other known to be closed and locked', () => {
  const refusals = [
    door('b', 'closed'),
    door('b', 'open'),
    door('b', 'unknown'),
    door('b', 'closed', true),
  ].map((other) => interlockRefusal('a', [door('a', 'closed'), other]));
  assert.deepEqual(refusals, [undefined, 'INTERLOCKED', 'INTERLOCK_UNKNOWN', 'INTERLOCKED']);
  assert.equal(
    interlockRefusal('a', [door('a', 'open', true), door('b', 'closed')]),
    undefined,
    'it may open once more',
  );
});

test('two doors that are open together violate it; one that is unknown is not called open', () => {
  assert.deepEqual(openTogether([door('a', 'open'), door('b', 'open'), door('c', 'closed')]), ['a', 'b']);
  assert.deepEqual(openTogether([door('a', 'open'), door('b', 'unknown')]), []);
});

test('a lease ends by its time or when its relay lets go', () => {
  const lease = granted(10_000, { epochMs: 1e12, monotonicMs: 500 });
  const on = { on: true, sinceWriteMs: 5000 };
  assert.equal(leaseEnd(lease, on, { monotonicMs: 10_499 }), undefined);
  assert.equal(leaseEnd(lease, on, { monotonicMs: 10_500 }), 'over');
  assert.equal(leaseEnd(lease, { on: false, sinceWriteMs: 5000 }, { monotonicMs: 5500 }), 'let-go');
  assert.equal(
    leaseEnd(lease, { on: false, sinceWriteMs: 200 }, { monotonicMs: 700 }),
    undefined,
    'it has just been written',
  );
});

test('a lease found after a restart goes on for what is left, and never for longer than the site allows', () => {
  const now = { epochMs: 1e12, monotonicMs: 0 };
  assert.equal(resumed(1e12 - 1, 900_000, now), undefined);
  const left = resumed(1e12 + 60_000, 900_000, now);
  assert.ok(left && !isOver(left, { monotonicMs: 59_999 }) && isOver(left, { monotonicMs: 60_000 }));
  const clockSetBack = resumed(1e12 + 86_400_000, 900_000, now);
  assert.ok(clockSetBack && isOver(clockSetBack, { monotonicMs: 900_000 }));
});

test('the fire latch: any input sets it, none resets it, and a person only when all of them are known to be quiet', () => {
  let latch = fireLatchAtStart(['panel', 'button'], []);
  assert.deepEqual([isLatched(latch), resetRefusal(latch)], [false, 'FIRE_INPUT_UNKNOWN']);
  latch = stepFireLatch(latch, { type: 'input', id: 'panel', is: 'active' });
  assert.deepEqual([latch.setBy, resetRefusal(latch)], [['panel'], 'FIRE_STILL_ACTIVE']);
  latch = stepFireLatch(latch, { type: 'input', id: 'panel', is: 'normal' });
  assert.equal(isLatched(latch), true, 'a fire that went out stays latched');
  assert.equal(stepFireLatch(latch, { type: 'reset' }), latch, 'the other input is not known');
  latch = stepFireLatch(latch, { type: 'input', id: 'button', is: 'normal' });
  latch = stepFireLatch(latch, { type: 'reset' });
  assert.equal(isLatched(latch), false);
  assert.equal(isLatched(fireLatchAtStart(['panel'], ['panel'])), true, 'it outlives a restart');
});

test('in a fire everything opens but a door that stays locked without power, unless the site says otherwise', () => {
  const opens = (kind: 'door' | 'gate' | 'barrier', failMode: 'safe' | 'secure', onFire?: 'open' | 'none') =>
    opensOnFire({ kind, failMode, ...(onFire ? { onFire } : {}) });
  assert.deepEqual([opens('door', 'safe'), opens('door', 'secure')], [true, false]);
  assert.deepEqual([opens('barrier', 'secure'), opens('gate', 'secure')], [true, true]);
  assert.deepEqual([opens('door', 'secure', 'open'), opens('barrier', 'safe', 'none')], [true, false]);
});

test('a hold by the fire latch is written anew when its relay let go or its pulse ends soon', () => {
  const now = { epochMs: 0, monotonicMs: 0 };
  const hold = { by: 'fire', lease: granted(100_000, now), writtenMs: 0 } as const;
  assert.equal(wantsRenewal(hold, true, { epochMs: 0, monotonicMs: 1000 }), false);
  assert.equal(wantsRenewal(hold, false, { epochMs: 0, monotonicMs: 1000 }), true);
  assert.equal(wantsRenewal(hold, true, { epochMs: 0, monotonicMs: 41_000 }), true);
  assert.equal(wantsRenewal({ ...hold, by: 'lease' }, true, now), true, 'a fire takes a lease over');
});

test('a relay that is on without anybody here holding it is a stray one after a pulse and some', () => {
  const relays = new RelayHolds(500);
  relays.closed(0, 500);
  relays.read(0, true, 100);
  relays.read(0, true, 600);
  assert.equal(relays.stray(2_900), false);
  assert.equal(relays.stray(3_200), true);
  relays.read(0, false, 3_300);
  assert.equal(relays.stray(9_000), false);
});

test('in the way of a direction are the relays of the other one and of the stop that may be on, of a stop none', () => {
  const outputs = { open: 0, close: 1, stop: 2 };
  const on =
    (...channels: number[]) =>
    (channel: number) =>
      channels.includes(channel);
  assert.deepEqual(inTheWay({ outputs }, 'open', on(0, 1, 2)), [1, 2]);
  assert.deepEqual(inTheWay({ outputs }, 'hold-open', on(0, 1)), [1]);
  assert.deepEqual(inTheWay({ outputs }, 'close', on(0)), [0]);
  assert.deepEqual(inTheWay({ outputs }, 'stop', on(0, 1, 2)), []);
  assert.deepEqual(inTheWay({ outputs: { open: 0 } }, 'open', on(0)), []);
});

test('a relay may be on while our pulse may last, rounded up by the board, and while it was read as on last', () => {
  const relays = new RelayHolds(500);
  relays.closed(1, 500);
  assert.deepEqual(
    [relays.mayBeOn(1, 1_400), relays.mayBeOn(1, 1_600), relays.mayBeOn(0, 0)],
    [true, false, false],
  );
  relays.read(0, true, 2_000);
  assert.equal(relays.mayBeOn(0, 9_000), true);
  relays.read(0, false, 9_000);
  assert.equal(relays.mayBeOn(0, 9_000), false);
});

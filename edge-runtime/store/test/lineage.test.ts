import assert from 'node:assert/strict';
import { copyFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { digestOf, type OutboxClaim, type WireEvent, WireGap } from '@gatehouse/contracts';
import { scratchFolder } from '@gatehouse/harness';
import { GatehouseError, systemClock } from '@gatehouse/kit';
import { type EventStore, restoreDatabase } from '@gatehouse/store';
import Database from 'better-sqlite3';
import { judgeClaim } from '../claim.ts';
import { at, openStore } from './fixtures.ts';

const hour = 3_600_000;
const strange = 'f'.repeat(16);

function put(store: EventStore, count: number): void {
  for (let n = 0; n < count; n++)
    store.record({
      eventclass: 'door',
      type: 'gatehouse.device-comms.v1',
      time: at,
      data: { device: `d-${n}`, comms: 'lost' },
    });
}

const waiting = (store: EventStore): readonly WireEvent[] => store.outboxBatch('door', 0, 10_000).events;
const numbers = (store: EventStore) => waiting(store).map(({ sequence }) => sequence);
const ack = (store: EventStore, upTo: number, claim?: OutboxClaim) =>
  store.acknowledgeOutbox({
    epoch: store.epoch,
    eventclass: 'door',
    upTo,
    ...(claim ? { claim } : {}),
  });
/** The platform says that it has an event of another history under a number. */
const disown = (store: EventStore, sequence: number, epoch = store.epoch) =>
  store.doubtOutbox({ epoch, eventclass: 'door', claim: { as: 'held', sequence, digest: strange } });

function storeWith(t: TestContext, count: number) {
  const opened = openStore(t);
  put(opened.store, count);
  return opened;
}

test('what a word of the platform means follows from the number, the digest and what the store has', () => {
  const known = { last: 5, digest: 'a' };
  const gone = { last: 5, digest: undefined };
  const held = (sequence: number, digest?: string) => ({ as: 'held', sequence, digest }) as const;
  const refused = (digest?: string) => ({ as: 'refused', sequence: 3, digest }) as const;
  for (const [what, claim, has, verdict] of [
    ['its own', held(3, 'a'), known, undefined],
    ['another in its place', held(3, 'b'), known, 'forked'],
    ['a number that it has not given out', held(6, 'a'), known, 'forked'],
    ['the same, from a platform without digests', held(6), known, 'forked'],
    ['the last one, from a platform without digests', held(5), known, undefined],
    ['one that is deleted by now', held(3, 'b'), gone, undefined],
    ['its own refused', refused('a'), known, 'forked'],
    ['one refused, whichever', refused(), known, 'forked'],
    ['another refused', refused('b'), known, 'foreign'],
    ['one refused late, after it was acknowledged', refused('b'), gone, 'foreign'],
    ['one refused late, whichever', refused(), gone, undefined],
  ] as const)
    assert.equal(judgeClaim(claim, has), verdict, what);
});

test('each event says its digest and that of the event before it, over acknowledgements and restarts', (t) => {
  const { store, file } = storeWith(t, 3);
  ack(store, 2);
  put(store, 1);
  store.stop();
  const { store: again } = openStore(t, file);
  put(again, 1);
  const [third, fourth, fifth] = waiting(again);
  for (const event of [third, fourth, fifth]) assert.equal(event?.digest, event && digestOf(event));
  assert.deepEqual([fourth?.previous, fifth?.previous], [third?.digest, fourth?.digest]);
});

test('an event of another history under a number ends the epoch: what waits keeps its number under a new name', (t) => {
  const { store, file } = storeWith(t, 10);
  ack(store, 4);
  const { epoch } = store;
  const before = waiting(store);
  assert.equal(disown(store, 5), 'forked');
  assert.notEqual(store.epoch, epoch);
  const after = waiting(store);
  assert.deepEqual(numbers(store), [5, 6, 7, 8, 9, 10, 11]);
  for (const [i, event] of before.entries()) {
    const { id, epoch: named, formerid, ...rest } = after[i] ?? assert.fail();
    const { id: was, epoch: ended, ...content } = event;
    assert.deepEqual([rest, formerid, named, ended], [content, was, store.epoch, epoch]);
    assert.equal(id, `box-1/${store.epoch}/door/${event.sequence}`);
  }
  const gap = after.at(-1);
  assert.deepEqual(WireGap.parse(gap?.data), {
    class: 'door',
    reason: 'store-went-back',
    lostEpoch: epoch,
    lastSequence: 10,
  });
  assert.equal(gap?.formerid, undefined, 'it is new');
  assert.equal(store.outboxBatch('door', 0, 1).begins, 5);
  assert.equal(store.outboxBatch('alarm', 0, 9).events.length, 0, 'a class without events has no history');
  assert.match(store.health()[0]?.detail ?? '', /^STORE_WENT_BACK: .*events\.db\.went-back-/);

  store.stop();
  const db = new Database(file, { readonly: true });
  const audited = db.prepare("SELECT what FROM audit WHERE who = 'gatehouse'").pluck().all();
  db.close();
  assert.deepEqual(audited, [`store-went-back, epoch ${epoch} ends`]);
  const { store: again } = openStore(t, file);
  assert.deepEqual(waiting(again), after, 'a restart changes nothing of it');
  assert.equal(ack(again, 11), 'advanced');
  put(again, 1);
  const [last] = waiting(again);
  assert.deepEqual([last?.sequence, last?.formerid, last?.previous], [12, undefined, gap?.digest]);
});

test('an acknowledgement with an event of another history deletes nothing', (t) => {
  const { store } = storeWith(t, 5);
  assert.equal(ack(store, 5, { as: 'held', sequence: 5, digest: strange }), 'forked');
  assert.deepEqual(numbers(store), [1, 2, 3, 4, 5, 6]);
});

test('a store that went back twice still says under which id the platform may have an event', (t) => {
  const { store } = storeWith(t, 2);
  const [first] = waiting(store);
  disown(store, 1);
  disown(store, 2);
  assert.equal(waiting(store)[0]?.formerid, first?.id);
});

test('three words an hour end an epoch, more do not, and nothing is deleted', async (t) => {
  const { store, clock } = storeWith(t, 3);
  for (let n = 0; n < 3; n++) disown(store, 1);
  const { epoch } = store;
  assert.throws(
    () => disown(store, 1),
    (error) => error instanceof GatehouseError && error.code === 'FORKS_LIMITED',
  );
  assert.deepEqual([store.epoch, numbers(store).slice(0, 3)], [epoch, [1, 2, 3]]);
  await clock.advance(hour);
  assert.equal(disown(store, 1), 'forked');
});

test('what waits of an epoch before a restore is renamed too, and the epoch of now goes on', async (t) => {
  const { store, file } = storeWith(t, 4);
  const old = store.epoch;
  const backup = join(scratchFolder(t), 'backup.db');
  await store.withCopy(async (copy) => copyFileSync(copy, backup));
  store.stop();
  await restoreDatabase({ file, from: backup, nowMs: systemClock.epochMs() });
  const { store: restored } = openStore(t, file);
  const { epoch } = restored;
  assert.equal(waiting(restored)[0]?.epoch, old);
  assert.equal(
    restored.doubtOutbox({
      epoch: old,
      eventclass: 'door',
      claim: { as: 'refused', sequence: 2, digest: waiting(restored)[1]?.digest },
    }),
    'forked',
  );
  const renamed = waiting(restored);
  assert.equal(restored.epoch, epoch);
  assert.ok(renamed.every((event) => event.epoch !== old && event.epoch !== epoch));
  assert.deepEqual(
    renamed.map(({ formerid }) => formerid),
    [1, 2, 3, 4].map((n) => `box-1/${old}/door/${n}`),
  );
  const [{ epoch: name } = assert.fail()] = renamed;
  assert.equal(restored.acknowledgeOutbox({ epoch: name, eventclass: 'door', upTo: 4 }), 'inherited');
  assert.equal(waiting(restored)[0]?.epoch, epoch, 'then this epoch goes on');
});

test('a restore after a fork sends what waited under the name that it had, each with the id of before', async (t) => {
  const { store, file } = storeWith(t, 3);
  const first = store.epoch;
  disown(store, 1);
  const forked = store.epoch;
  const backup = join(scratchFolder(t), 'backup.db');
  await store.withCopy(async (copy) => copyFileSync(copy, backup));
  store.stop();
  await restoreDatabase({ file, from: backup, nowMs: systemClock.epochMs() });
  const { store: restored } = openStore(t, file);
  assert.deepEqual(
    waiting(restored).map(({ epoch, sequence, formerid }) => [epoch, sequence, formerid]),
    [...[1, 2, 3].map((n) => [forked, n, `box-1/${first}/door/${n}`]), [forked, 4, undefined]],
  );
});

test('of the notes that an epoch has ended the last two stay', async (t) => {
  const { store, file, clock } = storeWith(t, 1);
  for (let n = 0; n < 4; n++) {
    disown(store, 1);
    await clock.advance(hour);
  }
  const notes = readdirSync(dirname(file)).filter((name) => name.includes('.went-back-'));
  assert.equal(notes.length, 2);
});

test('a file of the version before numbers on: its rows have no digest, new ones say theirs', (t) => {
  const { store, file } = storeWith(t, 2);
  store.stop();
  const db = new Database(file);
  db.exec(`
    UPDATE outbox SET body = json_remove(body, '$.digest', '$.previous');
    ALTER TABLE outbox_heads DROP COLUMN digest;
    ALTER TABLE outbox_heads DROP COLUMN begins;
    ALTER TABLE outbox_heads DROP COLUMN foreign_upto;
    PRAGMA user_version = 5;`);
  db.close();
  const { store: again } = openStore(t, file);
  put(again, 2);
  const [, old, next, last] = waiting(again);
  assert.deepEqual([old?.digest, next?.previous, last?.previous], [undefined, undefined, next?.digest]);
  assert.equal(
    ack(again, 4, { as: 'held', sequence: 2, digest: strange }),
    'advanced',
    'nothing to hold it to',
  );
});

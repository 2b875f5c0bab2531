import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { DeviceEvent } from '@gatehouse/contracts';
import { scratchFolder } from '@gatehouse/harness';
import { GatehouseError } from '@gatehouse/kit';
import { EventStore } from '@gatehouse/store';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { at, incident, opening, openStore } from './fixtures.ts';

const hasCode = (code: string) => (error: unknown) => error instanceof GatehouseError && error.code === code;

test('an incident, its change, its outbox row and the rule state are committed together', (t) => {
  const { store } = openStore(t);
  const write = opening();
  const [change] = store.commit([write], { camera: 'east', state: { dwell: 30 } });
  assert.equal(change?.sequence, 1);
  assert.deepEqual(store.incident(write.incident.id), write.incident);
  assert.deepEqual(store.incidentByDedupeKey(write.dedupeKey), write.incident);
  assert.deepEqual(store.engineState('east'), { dwell: 30 });
  const [event] = store.outboxBatch('alarm', 0, 10).events;
  assert.equal(event?.id, `box-1/${store.epoch}/alarm/1`);
  assert.deepEqual(event?.data, { id: write.incident.id });
});

test('a commit that fails half way leaves nothing of itself', (t) => {
  const { store } = openStore(t);
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  const good = opening();
  const bad = {
    ...opening(),
    outbox: { eventclass: 'alarm', type: 'gatehouse.incident.v1', time: at, data: circular } as const,
  };
  assert.throws(() => store.commit([good, bad], { camera: 'east', state: 1 }), /circular/);
  assert.equal(store.incident(good.incident.id), undefined);
  assert.equal(store.engineState('east'), undefined);
  assert.equal(store.lastChange(), 0);
  assert.deepEqual(store.outboxBatch('alarm', 0, 10).events, []);
  assert.equal(store.commit([good])[0]?.sequence, 1);
  assert.equal(store.outboxBatch('alarm', 0, 10).events[0]?.sequence, 1);
});

test('everything is there after a restart, in the same epoch', (t) => {
  const { store, file } = openStore(t);
  const write = opening();
  store.commit([write]);
  const { epoch } = store;
  store.stop();
  const again = openStore(t, file).store;
  assert.equal(again.epoch, epoch);
  assert.deepEqual(again.incident(write.incident.id), write.incident);
  assert.equal(again.outboxBatch('alarm', 0, 10).last, 1);
});

test('a new store is a new epoch, so that its numbers are never taken for repeats', (t) => {
  assert.notEqual(openStore(t).store.epoch, openStore(t).store.epoch);
});

test('the list is newest first, by page, and can be held to what is open or not yet handled', (t) => {
  const { store } = openStore(t);
  const all = Array.from({ length: 5 }, () => incident());
  for (const one of all) store.commit([opening(one)]);
  const [first, second] = all;
  assert.ok(first && second);
  store.commit([{ ...opening({ ...first, phase: 'cleared' }), change: 'cleared' }]);
  store.commit([{ ...opening({ ...second, handling: { state: 'acknowledged' } }), change: 'acknowledged' }]);
  const ids = (rows: ReturnType<typeof store.incidents>) =>
    rows.map(({ incident: { id } }) => all.findIndex((one) => one.id === id));
  const page = store.incidents({ limit: 2 });
  assert.deepEqual(ids(page), [4, 3]);
  assert.deepEqual(ids(store.incidents({ limit: 2, before: page[1]?.order ?? 0 })), [2, 1]);
  assert.deepEqual(ids(store.incidents({ open: true, limit: 9 })), [4, 3, 2, 1]);
  assert.deepEqual(ids(store.incidents({ open: false, limit: 9 })), [0]);
  assert.deepEqual(ids(store.incidents({ handling: 'acknowledged', limit: 9 })), [1]);
});

test('a stream resumes after any change and misses none', (t) => {
  const { store } = openStore(t);
  for (let n = 0; n < 7; n++) store.commit([opening()]);
  assert.deepEqual(
    store.changesAfter(4, 10).map(({ sequence }) => sequence),
    [5, 6, 7],
  );
  assert.deepEqual(
    store.changesAfter(0, 2).map(({ sequence }) => sequence),
    [1, 2],
  );
  assert.equal(store.changesSince('2026-11-22T19:00:00Z', 100).length, 7);
  assert.equal(store.changesSince('2026-11-22T19:00:01Z', 100).length, 0);
});

test('a device event is taken over once, however often the drivers resend it', (t) => {
  const { store } = openStore(t);
  const event: DeviceEvent = {
    type: 'comms',
    id: randomUUID(),
    sequence: 1,
    at,
    device: 'barrier',
    comms: 'lost',
  };
  const meaning = () => ({
    outbox: { eventclass: 'door', type: 'gatehouse.device-comms.v1', time: at, data: {} } as const,
    incidents: [opening()],
  });
  assert.equal(store.ingestDeviceEvents([event, event], meaning).length, 1);
  assert.equal(store.ingestDeviceEvents([event], meaning).length, 0);
  assert.equal(store.outboxBatch('door', 0, 10).events.length, 1);
  assert.equal(store.outboxBatch('alarm', 0, 10).events.length, 1);
});

test('what waits is what was appended and not acknowledged, whatever the order of acknowledgements', (t) => {
  const { store } = openStore(t);
  let appended = 0;
  let acked = 0;
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -600, max: 1200 }), { maxLength: 12 }), (steps) => {
      for (const step of steps) {
        if (step < 0) {
          store.commit(Array.from({ length: -step }, () => opening()));
          appended -= step;
        } else if (step <= appended) {
          store.acknowledgeOutbox({ epoch: store.epoch, eventclass: 'alarm', upTo: step });
          acked = Math.max(acked, step);
        } else
          assert.throws(
            () => store.acknowledgeOutbox({ epoch: store.epoch, eventclass: 'alarm', upTo: step }),
            hasCode('ACK_NOT_OURS'),
          );
        const waiting = store.outboxBatch('alarm', 0, 100_000).events.map(({ sequence }) => sequence);
        assert.deepEqual(
          waiting,
          Array.from({ length: appended - acked }, (_, n) => acked + 1 + n),
        );
        assert.equal(
          store.backlog().find(({ eventclass }) => eventclass === 'alarm')?.waiting,
          waiting.length,
        );
      }
    }),
    { numRuns: 8, seed: 20261123 },
  );
});

test('an acknowledgement of another epoch deletes nothing', (t) => {
  const { store } = openStore(t);
  store.commit([opening()]);
  assert.throws(
    () => store.acknowledgeOutbox({ epoch: randomUUID(), eventclass: 'alarm', upTo: 1 }),
    hasCode('ACK_NOT_OURS'),
  );
  assert.equal(store.outboxBatch('alarm', 0, 10).events.length, 1);
});

test('a second owner of the same file is refused and told what to do', (t) => {
  const { file } = openStore(t);
  assert.throws(
    () => new EventStore({ file, box: 'b', clock: openStore(t).clock }).start(),
    hasCode('STORE_TAKEN'),
  );
});

test('a store of a newer program is refused, not downgraded', (t) => {
  const file = join(scratchFolder(t), 'events.db');
  const db = new Database(file);
  db.pragma('user_version = 99');
  db.close();
  assert.throws(() => openStore(t, file), hasCode('STORE_TOO_NEW'));
});

test('a folder that cannot be written is refused by name', (t) => {
  const folder = scratchFolder(t);
  writeFileSync(join(folder, 'blocked'), '');
  assert.throws(() => openStore(t, join(folder, 'blocked', 'events.db')), hasCode('STORE_NOT_WRITABLE'));
});

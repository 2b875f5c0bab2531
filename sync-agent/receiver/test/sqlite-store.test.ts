import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { eventTypes, type WireIncident, wireId } from '@gatehouse/contracts';
import { GatehouseError } from '@gatehouse/kit';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { incident } from '../../test/support/events.ts';
import { scratchDir } from '../../test/support/scratch.ts';
import type { ReceivedEvent } from '../intake.ts';
import { listArrived } from '../query.ts';
import { migrations } from '../schema.ts';
import { SqliteReceiverStore } from '../sqlite-store.ts';

const at = '2026-11-23T18:31:00.000+08:00';

function received(
  sequence: number,
  changes: Partial<ReceivedEvent> = {},
  data: WireIncident = incident(sequence),
): ReceivedEvent {
  const base = { box: 'box-1', epoch: 'epoch-0001', eventclass: 'alarm', sequence, ...changes };
  return {
    source: `urn:gatehouse:box:${base.box}`,
    id: wireId(base.box, base.epoch, 'alarm', sequence),
    type: eventTypes.incident,
    time: at,
    historical: false,
    settled: 0,
    understanding: 'known',
    data,
    ...base,
  };
}

function open(t: TestContext) {
  const file = join(scratchDir(t), 'receiver.db');
  const store = SqliteReceiverStore.open(file);
  t.after(() => store.close());
  return { store, file };
}

test('the acknowledged number is the end of the complete run, and jumps when a hole is filled', (t) => {
  const { store } = open(t);
  const upTo = (sequences: number[]) =>
    store.apply(
      sequences.map((n) => received(n)),
      at,
    )[0]?.upTo;
  assert.equal(upTo([1, 2]), 2);
  assert.equal(upTo([4, 5]), 2);
  assert.equal(upTo([7]), 2);
  assert.equal(upTo([3]), 5);
  assert.equal(upTo([6]), 7);
});

test('a repeated event is counted, acknowledged again and not applied again', (t) => {
  const { store, file } = open(t);
  store.apply([received(1)], at);
  assert.deepEqual(store.apply([received(1), received(1)], at), [
    { boxid: 'box-1', epoch: 'epoch-0001', eventclass: 'alarm', upTo: 1 },
  ]);
  assert.deepEqual(
    listArrived(file, 'events').map((e) => e.deliveries),
    [3],
  );
  assert.deepEqual(
    listArrived(file, 'incidents').map((i) => i.applied),
    [1],
  );
});

test('a box that names the incident of another changes nothing of it', (t) => {
  const { store, file } = open(t);
  store.apply([received(1)], at);
  const forged = incident(1, { phase: 'cleared', updatedAt: '2027-01-01T00:00:00.000+08:00' });
  store.apply([received(1, { box: 'box-2', epoch: 'epoch-0002' }, forged)], at);
  assert.deepEqual(
    listArrived(file, 'incidents').map(({ box, phase, applied }) => [box, phase, applied]),
    [
      ['box-2', 'cleared', 1],
      ['box-1', 'opened', 1],
    ],
  );
});

test('a database of the first schema is taken up with its incidents and commands', (t) => {
  const file = join(scratchDir(t), 'old.db');
  const old = new Database(file);
  old.exec(migrations[0] ?? '');
  old.pragma('user_version = 1');
  old.exec(`INSERT INTO incidents VALUES ('i-1', 'box-1', 'crowd', 'opened', 2, NULL, NULL, NULL, '${at}', '${at}', NULL, NULL, 'e', 1, 1);
    INSERT INTO commands VALUES ('c-1', 'box-1', 'door', 'open', 'confirmed', NULL, 'console', 'li', '${at}', NULL, 3.5, 'e', 1, 1)`);
  old.close();
  SqliteReceiverStore.open(file).close();
  assert.deepEqual(
    listArrived(file, 'incidents').map(({ id, box, kind }) => [id, box, kind]),
    [['i-1', 'box-1', 'crowd']],
  );
  assert.deepEqual(
    listArrived(file, 'commands').map(({ commandId, box, tookMs }) => [commandId, box, tookMs]),
    [['c-1', 'box-1', 3.5]],
  );
});

test('the largest numbers a box may send do not keep the events beside them from being stored', (t) => {
  const { store } = open(t);
  const vast = Number.MAX_SAFE_INTEGER;
  const odd = incident(2, { evidence: { sinceMs: 1e300, atMs: Number.MAX_VALUE, gates: [] } });
  const acks = store.apply([received(vast, { box: 'box-2', settled: vast - 1 }, odd), received(1)], at);
  assert.deepEqual(
    acks.map(({ boxid, upTo }) => [boxid, upTo]),
    [
      ['box-2', vast],
      ['box-1', 1],
    ],
  );
});

test('changes of one incident that come in any order end in the newest state, each applied once', (t) => {
  const phases = ['opened', 'updated', 'updated', 'cleared'] as const;
  const changes = phases.map((phase, i) =>
    received(i + 1, {}, incident(1, { phase, updatedAt: `2026-11-23T18:3${i}:00.000+08:00` })),
  );
  const orders = fc.shuffledSubarray([0, 1, 2, 3, 0, 1, 2, 3], { minLength: 8, maxLength: 8 });
  fc.assert(
    fc.property(orders, (order) => {
      const file = join(scratchDir(t), 'receiver.db');
      const store = SqliteReceiverStore.open(file);
      for (const index of order) store.apply([changes[index] as ReceivedEvent], at);
      const [row] = listArrived(file, 'incidents');
      store.close();
      assert.deepEqual(
        [row?.phase, row?.applied, row?.updatedAt],
        ['cleared', 4, '2026-11-23T18:33:00.000+08:00'],
      );
    }),
    { seed: 31, numRuns: 25 },
  );
});

test('any order of batches with repeats ends complete, in step with a plain set', (t) => {
  const batches = fc.array(fc.array(fc.integer({ min: 1, max: 15 }), { minLength: 1, maxLength: 6 }), {
    maxLength: 15,
  });
  fc.assert(
    fc.property(batches, (given) => {
      const store = SqliteReceiverStore.open(join(scratchDir(t), 'receiver.db'));
      const have = new Set<number>();
      for (const batch of given) {
        for (const n of batch) have.add(n);
        let complete = 0;
        while (have.has(complete + 1)) complete++;
        assert.equal(
          store.apply(
            batch.map((n) => received(n)),
            at,
          )[0]?.upTo,
          complete,
        );
      }
      store.close();
    }),
    { seed: 32, numRuns: 40 },
  );
});

test('what the box will never send again becomes a gap on record, and the stream goes on', (t) => {
  const { store, file } = open(t);
  assert.equal(store.apply([received(12)], at)[0]?.upTo, 0);
  assert.equal(store.apply([received(14, { settled: 13 })], at)[0]?.upTo, 14);
  assert.deepEqual(
    listArrived(file, 'gaps')
      .map((g) => [g.first, g.last])
      .sort((a, b) => Number(a[0]) - Number(b[0])),
    [
      [1, 11],
      [13, 13],
    ],
  );
});

test('boxes, epochs and classes are separate streams', (t) => {
  const { store } = open(t);
  const acks = store.apply(
    [
      received(1),
      received(1, { box: 'box-2', source: 'urn:gatehouse:box:box-2' }),
      received(1, { epoch: 'epoch-0002', id: 'other' }),
    ],
    at,
  );
  assert.equal(acks.length, 3);
  assert.equal(store.positions().length, 3);
});

test('what is not understood is kept and acknowledged all the same', (t) => {
  const { store, file } = open(t);
  store.apply([received(1, { understanding: 'unknown-type', type: 'gatehouse.plate.v1' })], at);
  store.apply([received(2, { understanding: 'invalid-data' })], at);
  assert.deepEqual(
    listArrived(file, 'events').map((e) => e.understanding),
    ['invalid-data', 'unknown-type'],
  );
  assert.deepEqual(listArrived(file, 'incidents'), []);
  assert.deepEqual(
    listArrived(file, 'streams').map((s) => s.contiguous),
    [2],
  );
});

test('a batch that fails half-way leaves nothing behind', (t) => {
  const { store, file } = open(t);
  const broken = received(2, {}, { ...incident(2), priority: 'high' } as never);
  assert.throws(() => store.apply([received(1), broken], at));
  assert.deepEqual(listArrived(file, 'events'), []);
  assert.deepEqual(listArrived(file, 'incidents'), []);
});

test('the file is in WAL with FULL, keeps its rows over a restart, and one of a newer schema is refused', (t) => {
  const { store, file } = open(t);
  store.apply([received(1)], at);
  store.close();
  const again = SqliteReceiverStore.open(file);
  assert.equal(again.positions()[0]?.upTo, 1);
  again.close();
  const db = new Database(file);
  assert.equal(db.pragma('journal_mode', { simple: true }), 'wal');
  db.pragma('user_version = 99');
  db.close();
  assert.throws(
    () => SqliteReceiverStore.open(file),
    (error) => error instanceof GatehouseError && error.code === 'RECEIVER_TOO_NEW',
  );
});

test('a path that cannot be a database is one clear line', (t) => {
  const blocked = join(scratchDir(t), 'a-file');
  writeFileSync(blocked, '');
  const codeIs = (code: string) => (error: unknown) => error instanceof GatehouseError && error.code === code;
  assert.throws(
    () => SqliteReceiverStore.open(join(blocked, 'receiver.db')),
    codeIs('RECEIVER_NOT_WRITABLE'),
  );
  assert.throws(() => listArrived(join(blocked, 'receiver.db'), 'incidents'), codeIs('RECEIVER_DATABASE'));
});

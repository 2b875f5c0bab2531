import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventTypes } from '@gatehouse/contracts';
import { GatehouseError, seededRandom, silentLog } from '@gatehouse/kit';
import pg from 'pg';
import { sharedPostgres } from '../../test/support/databases.ts';
import { startPostgres } from '../../test/support/postgres.ts';
import { receivedAt as at, received } from '../../test/support/received.ts';
import type { ReceivedEvent } from '../intake.ts';
import { openReceiverStore } from '../open-store.ts';
import { openReader } from '../reader.ts';

const codeIs = (code: string) => (error: unknown) => error instanceof GatehouseError && error.code === code;
const open = (db: string) => openReceiverStore(db, silentLog);

const makeDatabase = sharedPostgres();

test('four receivers that store parts of the same streams at once: each event applied once, each stream complete', async (t) => {
  const db = makeDatabase(t);
  const stores = await Promise.all([open(db), open(db), open(db), open(db)]);
  const random = seededRandom(41);
  const [boxes, events] = [12, 60];
  const deliveries: ReceivedEvent[] = [];
  for (let box = 1; box <= boxes; box++)
    for (let n = 1; n <= events; n++)
      for (let copy = 0; copy < (random() < 0.3 ? 2 : 1); copy++)
        deliveries.push(received(n, { box: `box-${box}` }));
  const shuffled = deliveries
    .map((event) => ({ event, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ event }) => event);
  const highest = new Map<string, number>();
  await Promise.all(
    stores.map(async (store, index) => {
      const mine = shuffled.filter((_, i) => i % stores.length === index);
      for (let from = 0; from < mine.length; from += 20)
        for (const { boxid, upTo } of await store.apply(mine.slice(from, from + 20), at))
          highest.set(boxid, Math.max(highest.get(boxid) ?? 0, upTo));
    }),
  );
  assert.deepEqual(
    [...highest.values()],
    new Array(boxes).fill(events),
    'whoever came last saw the whole run',
  );
  const reader = openReader(db);
  const rows = await reader.list('events', 10_000);
  assert.equal(rows.length, boxes * events);
  assert.equal(
    rows.reduce((sum, row) => sum + Number(row.deliveries), 0),
    deliveries.length,
  );
  const incidents = await reader.list('incidents', 10_000);
  assert.ok(incidents.every((row) => row.applied === 1));
  assert.equal(incidents.length, boxes * events);
  await Promise.all([reader.close(), ...stores.map((store) => store.close())]);
});

test('two receivers that store neighbouring audit heads at once find that the log went back, whoever is first', async (t) => {
  const db = makeDatabase(t);
  const stores = await Promise.all([open(db), open(db)]);
  const head = (box: string, sequence: number, record: number) =>
    received(
      sequence,
      { box, eventclass: 'door', type: eventTypes.auditHead },
      { sequence: record, hash: record.toString(16).padStart(64, '0') },
    );
  const boxes = Array.from({ length: 40 }, (_, i) => `box-${i}`);
  for (const box of boxes)
    await Promise.all([stores[0]?.apply([head(box, 1, 9)], at), stores[1]?.apply([head(box, 2, 5)], at)]);
  const reader = openReader(db);
  const found = await reader.list('audit', 1000);
  assert.deepEqual(
    [found.length, new Set(found.map(({ kind }) => kind))],
    [boxes.length, new Set(['gone-back'])],
  );
  await Promise.all([reader.close(), ...stores.map((store) => store.close())]);
});

test('audit heads that an older receiver stored are held against new ones', async (t) => {
  const db = makeDatabase(t);
  const store = await open(db);
  const head = (sequence: number, record: number) =>
    received(
      sequence,
      { eventclass: 'door', type: eventTypes.auditHead },
      { sequence: record, hash: record.toString(16).padStart(64, '0') },
    );
  await store.apply([head(1, 9)], at);
  await store.close();
  const client = new pg.Client({ connectionString: db });
  await client.connect();
  await client.query('DROP TABLE gatehouse.audit_heads, gatehouse.audit_findings');
  await client.query('DROP INDEX gatehouse.events_of_media, gatehouse.events_by_former');
  // Undoes the step that tells events of one number apart.
  await client.query('SET search_path = gatehouse; DROP TABLE conflicts, incarnations, identity_findings');
  await client.query(
    'DROP FUNCTION advance_linked; ALTER TABLE streams DROP COLUMN digest, DROP COLUMN frozen',
  );
  await client.query(
    'ALTER TABLE events DROP COLUMN digest, DROP COLUMN previous, DROP COLUMN former, DROP COLUMN repeats',
  );
  await client.query(
    "CREATE FUNCTION advance_stream(text, text, text, bigint, timestamptz) RETURNS bigint LANGUAGE sql AS 'SELECT 0::bigint'",
  );
  await client.query('UPDATE gatehouse.schema_version SET version = 1');
  await client.end();
  const again = await open(db);
  await again.apply([head(2, 5)], at);
  const reader = openReader(db);
  assert.deepEqual(
    (await reader.list('audit', 10)).map(({ kind, record, againstRecord }) => [kind, record, againstRecord]),
    [['gone-back', 5, 9]],
  );
  await Promise.all([reader.close(), again.close()]);
});

test('a server that crashes right after a commit still has it; meanwhile every use is one clear error', async (t) => {
  const server = startPostgres(t);
  const db = server.database();
  const store = await open(db);
  await store.apply([received(1)], at);
  server.crash();
  await assert.rejects(store.apply([received(2)], at), codeIs('RECEIVER_UNREACHABLE'));
  await assert.rejects(open(db), codeIs('RECEIVER_UNREACHABLE'));
  server.restart();
  assert.equal((await store.positions())[0]?.upTo, 1);
  assert.equal((await store.apply([received(2)], at))[0]?.upTo, 2);
  await store.close();
});

test('a server that does not sync to its disk is refused', async (t) => {
  const server = startPostgres(t, ['fsync=off']);
  await assert.rejects(open(server.database()), codeIs('RECEIVER_NOT_DURABLE'));
});

test('synchronous_commit is on whatever the database was set to; a newer schema and a missing database are refused', async (t) => {
  const server = startPostgres(t);
  const db = server.database();
  const admin = new pg.Client({ connectionString: db });
  await admin.connect();
  await admin.query('ALTER DATABASE receiver1 SET synchronous_commit = off');
  const store = await open(db);
  await store.apply([received(1)], at);
  await store.close();
  await admin.query('UPDATE gatehouse.schema_version SET version = 99');
  await admin.end();
  await assert.rejects(open(db), codeIs('RECEIVER_TOO_NEW'));
  await assert.rejects(open(db.replace('receiver1', 'nowhere')), codeIs('RECEIVER_DATABASE_MISSING'));
});

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventTypes } from '@gatehouse/contracts';
import { scratchFolder } from '@gatehouse/harness';
import { GatehouseError } from '@gatehouse/kit';
import Database from 'better-sqlite3';
import { receivedAt as at, received } from '../../test/support/received.ts';
import { listArrived } from '../query.ts';
import { migrations } from '../schema.ts';
import { completeSql, SqliteReceiverStore } from '../sqlite-store.ts';

test('a database of the first schema is taken up with its events, incidents and commands', async (t) => {
  const file = join(scratchFolder(t), 'old.db');
  const old = new Database(file);
  old.exec(migrations[0] ?? '');
  old.pragma('user_version = 1');
  old.exec(`INSERT INTO events VALUES ('s', 'id-1', 'box-1', 'e', 'alarm', 1, 't', '${at}', 0, 'unknown-type', '{"a":1}', '${at}', 2);
    INSERT INTO incidents VALUES ('i-1', 'box-1', 'crowd', 'opened', 2, NULL, NULL, NULL, '${at}', '${at}', NULL, NULL, 'e', 1, 1);
    INSERT INTO commands VALUES ('c-1', 'box-1', 'door', 'open', 'confirmed', NULL, 'console', 'li', '${at}', NULL, 3.5, 'e', 1, 1)`);
  old.close();
  await SqliteReceiverStore.open(file).close();
  assert.deepEqual(
    listArrived(file, 'events').map(({ id, sequence, data, deliveries }) => [id, sequence, data, deliveries]),
    [['id-1', 1, { a: 1 }, 2]],
  );
  assert.deepEqual(
    listArrived(file, 'incidents').map(({ id, box, kind }) => [id, box, kind]),
    [['i-1', 'box-1', 'crowd']],
  );
  assert.deepEqual(
    listArrived(file, 'commands').map(({ commandId, box, tookMs }) => [commandId, box, tookMs]),
    [['c-1', 'box-1', 3.5]],
  );
});

test('the acknowledgement of a long stream reads no more rows than that of a short one', async (t) => {
  const file = join(scratchFolder(t), 'long.db');
  const store = SqliteReceiverStore.open(file);
  await store.apply([received(1)], at);
  await store.close();
  const db = new Database(file);
  const stream = { box: 'box-1', epoch: 'e', eventclass: 'alarm', from: 0, digest: null };
  const plan = db.prepare(`EXPLAIN QUERY PLAN ${completeSql}`).all(stream) as { readonly detail: string }[];
  db.close();
  // Each step of the run looks its one successor up by number.
  assert.match(plan.map(({ detail }) => detail).join('\n'), /SEARCH e USING .*\bsequence=\?/);
});

/** Undoes the step that tells events of one number apart. */
const withoutLineage = `DROP INDEX events_by_former; DROP TABLE conflicts; DROP TABLE incarnations; DROP TABLE identity_findings;
  ${['digest', 'previous', 'former', 'repeats'].map((c) => `ALTER TABLE events DROP COLUMN ${c};`).join(' ')}
  ALTER TABLE streams DROP COLUMN digest; ALTER TABLE streams DROP COLUMN frozen;`;

test('audit heads that an older receiver stored are held against new ones', async (t) => {
  const file = join(scratchFolder(t), 'old.db');
  const head = (sequence: number, record: number) =>
    received(
      sequence,
      { eventclass: 'door', type: eventTypes.auditHead },
      { sequence: record, hash: record.toString(16).padStart(64, '0') },
    );
  const store = SqliteReceiverStore.open(file);
  await store.apply([head(1, 9)], at);
  await store.close();
  const old = new Database(file);
  old.exec('DROP TABLE audit_heads; DROP TABLE audit_findings; DROP INDEX events_of_media');
  old.exec(withoutLineage);
  old.pragma(`user_version = ${migrations.length - 3}`);
  old.close();
  const again = SqliteReceiverStore.open(file);
  await again.apply([head(2, 5)], at);
  await again.close();
  assert.deepEqual(
    listArrived(file, 'audit').map(({ kind, record, againstRecord }) => [kind, record, againstRecord]),
    [['gone-back', 5, 9]],
  );
});

test('the file is in WAL with FULL, keeps its rows over a restart, and one of a newer schema is refused', async (t) => {
  const file = join(scratchFolder(t), 'receiver.db');
  const store = SqliteReceiverStore.open(file);
  await store.apply([received(1)], at);
  await store.close();
  const again = SqliteReceiverStore.open(file);
  assert.equal((await again.positions())[0]?.upTo, 1);
  await again.close();
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
  const blocked = join(scratchFolder(t), 'a-file');
  writeFileSync(blocked, '');
  const codeIs = (code: string) => (error: unknown) => error instanceof GatehouseError && error.code === code;
  assert.throws(
    () => SqliteReceiverStore.open(join(blocked, 'receiver.db')),
    codeIs('RECEIVER_NOT_WRITABLE'),
  );
  assert.throws(() => listArrived(join(blocked, 'receiver.db'), 'incidents'), codeIs('RECEIVER_DATABASE'));
});

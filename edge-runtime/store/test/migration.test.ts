import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { scratchFolder } from '@gatehouse/harness';
import { openDurable } from '@gatehouse/kit';
import Database from 'better-sqlite3';
import { migrations } from '../schema.ts';
import { incident, openStore } from './fixtures.ts';

const time = '2026-10-01T08:00:00.250+08:00';
const timeMs = Date.parse(time);

/**
 * A file as the version before wrote it: two incidents, an audit record, a device event, three unsent events.
 */
function oldFile(t: TestContext): string {
  const file = join(scratchFolder(t), 'events.db');
  const db = new Database(file);
  for (const sql of migrations.slice(0, 3)) db.exec(sql);
  db.pragma('user_version = 3');
  const one = incident({ phase: 'cleared' });
  const put = db.prepare('INSERT INTO incidents VALUES (?, ?, ?, ?, ?, ?)');
  put.run(one.id, 'o-1', 0, time, 1, JSON.stringify(one));
  const change = db.prepare('INSERT INTO incident_changes (incident, at, body) VALUES (?, ?, ?)');
  change.run(one.id, time, JSON.stringify({ change: 'cleared', at: time, incident: one }));
  db.prepare('INSERT INTO audit (at, who, what, body) VALUES (?, ?, ?, ?)').run(time, 'wang', 'login', '{}');
  db.prepare('INSERT INTO audit (at, who, what, body) VALUES (?, ?, ?, ?)').run('', 'wang', 'login', '{}');
  db.prepare('INSERT INTO device_events VALUES (?, 1, ?, ?)').run('e-1', time, '{}');
  for (const n of [1, 2, 3])
    db.prepare('INSERT INTO outbox VALUES (?, ?, ?, ?)').run('alarm', n, timeMs, `{"é":${n}}`);
  db.exec("UPDATE outbox_heads SET last = 3 WHERE class = 'alarm'");
  db.close();
  return file;
}

test('a file of the version before is brought on: ages, counts and bytes are those of what it holds', (t) => {
  const file = oldFile(t);
  const { store } = openStore(t, file);
  assert.equal(store.incidents({ limit: 9 }).length, 1);
  const alarm = store.backlog().find(({ eventclass }) => eventclass === 'alarm');
  assert.deepEqual([alarm?.waiting, alarm?.bytes], [3, 3 * Buffer.byteLength('{"é":1}')]);
  store.stop();
  const db = new Database(file);
  assert.deepEqual(db.prepare('SELECT last_ms AS ms, outbox_sequence AS s FROM incidents').all(), [
    { ms: timeMs, s: 3 },
  ]);
  assert.equal(db.prepare('SELECT at_ms FROM device_events').pluck().get(), timeMs);
  const [first, unreadable] = db
    .prepare('SELECT at_ms FROM audit ORDER BY sequence')
    .pluck()
    .all() as number[];
  assert.equal(first, timeMs);
  assert.ok((unreadable ?? 0) > timeMs, 'a record without a time is not the first to go');
  db.close();
});

test('before a migration the file is copied beside itself, and the copy is the file of before', (t) => {
  const file = oldFile(t);
  openStore(t, file).store.stop();
  const copy = new Database(`${file}.schema-3.bak`, { readonly: true });
  assert.equal(copy.pragma('user_version', { simple: true }), 3);
  assert.equal(copy.pragma('integrity_check', { simple: true }), 'ok');
  assert.equal(copy.prepare('SELECT count(*) FROM outbox').pluck().get(), 3);
  copy.close();
});

test('a new file and one that is up to date are not copied', (t) => {
  const { store, file } = openStore(t);
  store.stop();
  openStore(t, file).store.stop();
  assert.deepEqual(
    readdirSync(join(file, '..')).filter((name) => name.includes('.bak')),
    [],
  );
});

test('of many migrations the copies of the last two stay', (t) => {
  const file = join(scratchFolder(t), 'x.db');
  const steps = ['CREATE TABLE a (x)', 'CREATE TABLE b (x)', 'CREATE TABLE c (x)', 'CREATE TABLE d (x)'];
  writeFileSync(`${file}.notes`, 'not ours');
  for (let n = 1; n <= 4; n++)
    openDurable((path) => new Database(path), { file, code: 'STORE', migrations: steps.slice(0, n) }).close();
  assert.deepEqual(readdirSync(join(file, '..')).sort(), [
    'x.db',
    'x.db.notes',
    'x.db.schema-2.bak',
    'x.db.schema-3.bak',
  ]);
});

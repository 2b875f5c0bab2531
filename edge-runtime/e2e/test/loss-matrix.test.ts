import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import { killed } from '../loss-matrix/cells.ts';
import { judge } from '../loss-matrix/oracle.ts';

/** A short, seeded run of the matrix; `node edge-runtime/e2e/loss-matrix/main.ts` is the whole. */
for (const [victim, kills] of [
  ['sync', 3],
  ['receiver', 3],
  ['runtime', 2],
  ['broker', 1],
] as const)
  test(`${victim} killed -9 at ${kills} random points of a whole chain: nothing lost, nothing applied twice`, async () => {
    const result = await killed(victim)(17, kills);
    assert.ok(typeof result !== 'string' && result.committed > 20, JSON.stringify(result));
    assert.deepEqual(
      [result.lost, result.waiting, result.twice, result.wrong, result.kills],
      [[], 0, [], [], kills],
    );
  });

test('the oracle notices what is lost, doubled, made up and taken back', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'gh-lm-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const [boxFile, platformFile] = [join(dir, 'box.db'), join(dir, 'platform.db')];
  const box = new Database(boxFile);
  box.exec('CREATE TABLE incident_changes (body TEXT); CREATE TABLE outbox (class TEXT, body TEXT)');
  const change = (id: string) =>
    JSON.stringify({ change: 'opened', incident: { id, phase: 'opened', updatedAt: 'T' } });
  for (const id of ['kept', 'lost', 'doubled', 'late'])
    box.prepare('INSERT INTO incident_changes VALUES (?)').run(change(id));
  box
    .prepare('INSERT INTO outbox VALUES (?, ?)')
    .run('alarm', JSON.stringify({ data: { id: 'late', phase: 'opened', updatedAt: 'T' } }));
  box.close();
  const platform = new Database(platformFile);
  platform.exec(`CREATE TABLE events (type TEXT, data TEXT, deliveries INTEGER);
    CREATE TABLE incidents (id TEXT, applied INTEGER); CREATE TABLE device_comms (device TEXT, applied INTEGER);
    CREATE TABLE gaps (class TEXT, first INTEGER, last INTEGER); CREATE TABLE refused (why TEXT);
    INSERT INTO incidents VALUES ('kept', 1), ('doubled', 1);
    INSERT INTO device_comms VALUES ('door-1', 2)`);
  const row = platform.prepare('INSERT INTO events VALUES (?, ?, 1)');
  for (const id of ['kept', 'doubled', 'doubled', 'made-up'])
    row.run('gatehouse.incident.v1', JSON.stringify({ id, phase: 'opened', updatedAt: 'T' }));
  row.run('gatehouse.device-comms.v1', '{"device":"door-1"}');
  platform.close();
  const balance = judge(boxFile, platformFile, {
    witnessed: new Set(['kept opened T', 'gone opened T']),
    devices: new Set(['door-1', 'door-2']),
  });
  assert.equal(balance.waiting, 1, 'late is not lost');
  assert.deepEqual(balance.lost, ['lost opened T', 'door-2']);
  assert.deepEqual(balance.twice, [
    'doubled opened T',
    'incident changes applied otherwise than once: doubled 1 of 2',
    'device events applied otherwise than once: door-1',
  ]);
  assert.deepEqual(balance.wrong, ['never committed: made-up opened T', 'told and then gone: gone opened T']);
});

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { scratchFolder } from '@gatehouse/harness';
import Database from 'better-sqlite3';
import { WalCheckpointer } from '../wal-checkpointer.ts';
import { opening, openStore } from './fixtures.ts';

// Without root a user namespace lends the right to mount, inside it only.
const asUser = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
const mayMount =
  spawnSync('unshare', [...asUser, '--mount', 'sh', '-c', 'mount -t tmpfs -o size=1m none /mnt']).status ===
  0;
const skip = mayMount ? false : 'no right to mount a disk of its own here';

/** Runs tiny-disk.ts on a real disk of 8 MiB. */
function onTinyDisk(t: TestContext, reserve: 'reserve' | 'none') {
  const script = 'mount -t tmpfs -o size=8m none "$1" && exec "$2" "$3" "$1" "$4"';
  const child = join(import.meta.dirname, 'tiny-disk.ts');
  const args = ['--mount', 'sh', '-c', script, 'sh', scratchFolder(t), process.execPath, child, reserve];
  const said = execFileSync('unshare', [...asUser, ...args], { encoding: 'utf8', timeout: 60_000 });
  return JSON.parse(said);
}

test('on a disk that is really full nothing committed is lost, alarms go on, health says it, and it recovers', {
  skip,
}, (t) => {
  const said = onTinyDisk(t, 'reserve');
  assert.equal(said.held, true);
  assert.equal(said.first.code, 'STORE_FULL', 'the reserve is used up at last');
  assert.match(said.whileFull[0].detail, /STORE_ON_RESERVE: the disk of .*events\.db is full\. Free space/);
  assert.deepEqual([said.afterwards, said.heldAgain], [[], true]);
  assert.deepEqual([said.missing, said.isWhole, said.stateIsLast], [[], true, true]);
  assert.equal(said.sent, said.committed + 21);
  assert.deepEqual([said.gap.class, said.gap.reason, said.gap.firstSequence], ['telemetry', 'reserve', 1]);
  assert.ok(said.roomLeft < 0.4 * 0.25 * 1024 * 1024, `telemetry gave way to ${said.roomLeft} bytes`);
  assert.deepEqual(said.audited, ['disk-full', 'disk-has-room']);

  const without = onTinyDisk(t, 'none');
  assert.deepEqual([without.missing, without.isWhole], [[], true]);
  const more = said.first.count - without.first.count;
  assert.ok(more >= 20, `the reserve was room for ${more} alarms more`);
});

test('a write-ahead log that does not shrink is told, and no longer once it has shrunk', (t) => {
  const file = join(scratchFolder(t), 'x.db');
  const db = new Database(file);
  t.after(() => db.close());
  db.pragma('journal_mode = WAL');
  db.pragma('wal_autocheckpoint = 0');
  db.exec('CREATE TABLE x (body TEXT)');
  const insert = db.prepare('INSERT INTO x VALUES (?)');
  for (let n = 0; n < 100; n++) insert.run('x'.repeat(5000));
  // The reader of another connection holds its view, and with it the log.
  const reader = new Database(file, { readonly: true });
  reader.exec('BEGIN');
  reader.prepare('SELECT count(*) FROM x').get();
  insert.run('one more');
  const guard = new WalCheckpointer(db, file, 100_000);
  db.pragma('busy_timeout = 10');
  guard.look(0);
  assert.ok(guard.stuckBytes > 100_000);
  reader.close();
  guard.look(0);
  assert.deepEqual([guard.stuckBytes, guard.bytes()], [0, 0]);
});

test('an idle store puts its log into the file; a busy one is left alone', async (t) => {
  const { store, file, clock } = openStore(t);
  const log = () => statSync(`${file}-wal`).size;
  for (let n = 0; n < 40; n++) store.commit([opening()]);
  await clock.advance(8_000);
  store.commit([opening()]);
  await clock.advance(2_500);
  assert.ok(log() > 300_000, 'a commit two seconds ago');
  await clock.advance(10_000);
  assert.equal(log(), 0);
});

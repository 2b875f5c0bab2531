import assert from 'node:assert/strict';
import { closeSync, copyFileSync, existsSync, openSync, readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { WireGap } from '@gatehouse/contracts';
import { scratchFolder } from '@gatehouse/harness';
import { checkFile, recoverStopped, restoreDatabase } from '@gatehouse/store';
import Database from 'better-sqlite3';
import { opening, openStore } from './fixtures.ts';

const nowMs = Date.parse('2026-11-26T03:15:00Z');

/** A box with 20 alarms, 5 of them acknowledged, and a backup of it. */
async function boxWithBackup(t: TestContext) {
  const { store, file } = openStore(t);
  const writes = Array.from({ length: 20 }, () => opening());
  store.commit(writes);
  store.acknowledgeOutbox({ epoch: store.epoch, eventclass: 'alarm', upTo: 5 });
  const backup = join(scratchFolder(t), 'backup.db');
  await store.withCopy(async (copy) => copyFileSync(copy, backup));
  return { store, file, backup, writes };
}

test('a copy is whole and of one moment, although the store is written meanwhile', async (t) => {
  const { store } = openStore(t);
  for (let n = 0; n < 200; n++) store.commit([opening(), opening()]);
  let writing = true;
  const copied = store.withCopy(async (copy) => {
    writing = false;
    assert.deepEqual({ ...(await checkFile(copy)), bytes: 0 }, { intact: true, problems: [], bytes: 0 });
    const db = new Database(copy, { readonly: true });
    const count = (table: string) => Number(db.prepare(`SELECT count(*) FROM ${table}`).pluck().get());
    const counts = [count('incidents'), count('incident_changes'), count('outbox')];
    assert.equal(db.pragma('journal_mode', { simple: true }), 'delete', 'it needs no second file');
    db.close();
    return counts;
  });
  let meanwhile = 0;
  for (; writing; meanwhile++) {
    store.commit([opening(), opening()]);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const [incidents = 0, changes, outbox] = await copied;
  assert.ok(meanwhile > 2, `${meanwhile} commits meanwhile`);
  assert.deepEqual([changes, outbox, incidents % 2], [incidents, incidents, 0], 'no half of a commit');
  assert.ok(incidents >= 400 && incidents <= 400 + 2 * meanwhile);
});

test('two copies at a time are refused, and none is left behind', async (t) => {
  const { store, file } = openStore(t);
  store.commit([opening()]);
  const first = store.verify();
  await assert.rejects(store.verify(), { code: 'STORE_BUSY_COPYING' });
  assert.equal((await first).intact, true);
  assert.equal(existsSync(`${file}.copy`), false);
});

test('a backup is restored as a new epoch: what waited keeps its ids, the platform hears of the break', async (t) => {
  const { store, file, backup, writes } = await boxWithBackup(t);
  const { epoch } = store;
  const after = opening();
  store.commit([after]);
  store.stop();
  const restored = await restoreDatabase({ file, from: backup, nowMs });
  assert.match(restored.aside ?? '', /events\.db\.before-restore-20261126T031500Z$/);
  const old = new Database(restored.aside ?? '', { readonly: true });
  assert.equal(
    old.prepare('SELECT count(*) FROM incidents').pluck().get(),
    21,
    'the file of before is whole',
  );
  old.close();

  const again = openStore(t, file).store;
  assert.ok(again.epoch !== epoch && again.epoch === restored.epoch);
  assert.equal(again.incidents({ limit: 99 }).length, 20);
  assert.deepEqual(again.incident(writes[0]?.incident.id ?? ''), writes[0]?.incident);
  const first = again.outboxBatch('alarm', 0, 99);
  assert.deepEqual(
    [first.epoch, first.events.map(({ id }) => id).slice(0, 2), first.events.length],
    [epoch, [`box-1/${epoch}/alarm/6`, `box-1/${epoch}/alarm/7`], 15],
  );
  // The platform had gone further in the old epoch than the backup knows.
  again.acknowledgeOutbox({ epoch, eventclass: 'alarm', upTo: 21 });
  const [gap] = again.outboxBatch('alarm', 0, 99).events;
  assert.deepEqual(WireGap.parse(gap?.data), {
    class: 'alarm',
    reason: 'store-recovered',
    lostEpoch: epoch,
  });
  assert.deepEqual(again.health(), []);
  const [change] = again.commit([opening()]);
  assert.ok((change?.sequence ?? 0) > 1_000_000, 'streams that resume by number miss nothing');
});

test('restored twice from the same backup, each old epoch’s rows keep their ids', async (t) => {
  const { store, file, backup } = await boxWithBackup(t);
  const { epoch } = store;
  store.stop();
  await restoreDatabase({ file, from: backup, nowMs });
  const second = openStore(t, file).store;
  second.commit([opening()]);
  const between = join(scratchFolder(t), 'second.db');
  await second.withCopy(async (copy) => copyFileSync(copy, between));
  const middle = second.epoch;
  second.stop();
  await restoreDatabase({ file, from: between, nowMs: nowMs + 60_000 });
  const third = openStore(t, file).store;
  const epochs: string[] = [];
  for (
    let batch = third.outboxBatch('alarm', 0, 99);
    batch.events.length > 0;
    batch = third.outboxBatch('alarm', 0, 99)
  ) {
    epochs.push(batch.epoch);
    third.acknowledgeOutbox({ ...batch, upTo: batch.events.at(-1)?.sequence ?? 0 });
  }
  assert.deepEqual(epochs, [epoch, middle, third.epoch]);
});

test('nothing is restored over a running box, from a damaged file, or from what is no backup', async (t) => {
  const { store, file, backup } = await boxWithBackup(t);
  const restore = (from: string) => restoreDatabase({ file, from, nowMs });
  await assert.rejects(restore(backup), { code: 'STORE_TAKEN' });
  store.stop();
  const damaged = join(scratchFolder(t), 'damaged.db');
  copyFileSync(backup, damaged);
  const descriptor = openSync(damaged, 'r+');
  writeSync(descriptor, Buffer.alloc(8192, 0x5a), 0, 8192, 3 * 4096);
  closeSync(descriptor);
  await assert.rejects(restore(damaged), { code: 'RESTORE_DAMAGED' });
  const other = join(scratchFolder(t), 'other.db');
  new Database(other).exec('CREATE TABLE x (y)').close();
  await assert.rejects(restore(other), { code: 'RESTORE_NO_BACKUP' });
  await assert.rejects(restore(`${other}-none`), { code: 'RESTORE_NO_FILE' });
  const { store: untouched } = openStore(t, file);
  assert.equal(untouched.incidents({ limit: 99 }).length, 20);
  assert.deepEqual(
    readdirSync(join(file, '..')).filter((name) => /before|ready|restoring/.test(name)),
    [],
  );
});

test('a stopped box’s file is made anew on demand, a running one’s is not', (t) => {
  const { store, file } = openStore(t);
  store.commit([opening()]);
  assert.throws(() => recoverStopped(file, undefined, nowMs), { code: 'STORE_TAKEN' });
  const { epoch } = store;
  store.stop();
  assert.equal(recoverStopped(file, undefined, nowMs).copied.incidents, 1);
  assert.notEqual(openStore(t, file).store.epoch, epoch);
});

import assert from 'node:assert/strict';
import {
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { WireGap } from '@gatehouse/contracts';
import { scratchFolder } from '@gatehouse/harness';
import { seededRandom } from '@gatehouse/kit';
import Database from 'better-sqlite3';
import { recoverDatabase, recoveredTables } from '../recover.ts';
import { at, incident, opening, openStore } from './fixtures.ts';

const pageBytes = 4096;

/**
 * A store that has worked for a while: incidents with changes, unsent and acknowledged events, users, an
 * audit trail.
 */
function worked(t: TestContext) {
  const file = join(scratchFolder(t), 'events.db');
  const { store } = openStore(t, file);
  store.accounts.addFirstUser({ name: 'wang', role: 'guard', passwordHash: 'h'.repeat(60), createdAt: at });
  const writes = Array.from({ length: 900 }, () => opening());
  store.commit(writes, { camera: 'all', state: { dwell: 'x'.repeat(9000) } });
  store.commit(
    writes
      .slice(0, 300)
      .map((one) => ({ ...one, change: 'cleared', incident: { ...one.incident, phase: 'cleared' } })),
  );
  for (let n = 0; n < 60; n++)
    store.accounts.recordAudit({ at, who: 'wang', what: `did ${n} `.padEnd(300, '.') });
  store.acknowledgeOutbox({ epoch: store.epoch, eventclass: 'alarm', upTo: 40 });
  const { epoch } = store;
  store.stop();
  return { file, epoch };
}

function overwritePage(file: string, page: number, random: () => number): void {
  const rubbish = Buffer.from(Array.from({ length: pageBytes }, () => Math.floor(random() * 256)));
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, rubbish, 0, pageBytes, (page - 1) * pageBytes);
  closeSync(descriptor);
}

const tables = ['incidents', 'incident_changes', 'audit', 'users', 'engine_state'] as const;

/**
 * Every row that can be read when only its own number is asked for. Of a row over several pages SQLite reads
 * the last one as it is: rubbish there is no JSON, so such a row is not taken over.
 */
function readableOneByOne(whole: string, damaged: string): Record<string, Set<number>> {
  const good = new Database(whole, { readonly: true });
  const bad = new Database(damaged, { readonly: true });
  const found = Object.fromEntries(
    tables.map((table) => {
      const keys = good.prepare(`SELECT rowid FROM ${table}`).pluck().all() as number[];
      const one = bad.prepare(`SELECT * FROM ${table} NOT INDEXED WHERE rowid = ?`);
      return [table, new Set(keys.filter((key) => reads(() => isSound(one.get(key)))))];
    }),
  );
  good.close();
  bad.close();
  return found;
}

function isSound(row: unknown): boolean {
  const { body } = (row ?? {}) as { body?: string };
  if (body !== undefined) JSON.parse(body);
  return row !== undefined;
}

function reads(read: () => boolean): boolean {
  try {
    return read();
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_CORRUPT')) return false;
    throw error;
  }
}

test('of a file with damaged pages every row that can be read is taken over, and the damaged file is kept', (t) => {
  const { file, epoch } = worked(t);
  const pages = statSync(file).size / pageBytes;
  const random = seededRandom(20261126);
  let damagedRows = 0;
  for (let round = 0; round < 12; round++) {
    const damaged = join(scratchFolder(t), 'events.db');
    copyFileSync(file, damaged);
    for (let n = 0; n <= round % 3; n++)
      overwritePage(damaged, 2 + Math.floor(random() * (pages - 1)), random);
    const probe = join(scratchFolder(t), 'probe.db');
    copyFileSync(damaged, probe);
    const readable = readableOneByOne(file, probe);
    const { store } = openStore(t, damaged);
    const changed = store.epoch !== epoch;
    store.stop();
    const after = new Database(damaged, { readonly: true });
    assert.equal(after.pragma('integrity_check', { simple: true }), 'ok');
    for (const table of tables) {
      const rows = new Set(after.prepare(`SELECT rowid FROM ${table}`).pluck().all() as number[]);
      const missing = [...(readable[table] ?? [])].filter((key) => !rows.has(key));
      assert.deepEqual(missing, [], `${table} in round ${round}`);
    }
    after.close();
    damagedRows += 900 - (readable.incidents?.size ?? 0);
    if (!changed) continue;
    const [aside] = readdirSync(join(damaged, '..')).filter((name) =>
      /^events\.db\.corrupt-\d{8}T\d{6}Z$/.test(name),
    );
    assert.ok(aside && statSync(join(damaged, '..', aside)).size === pages * pageBytes);
  }
  assert.ok(damagedRows > 20, `${damagedRows} rows were damaged in all: the damage is real`);
});

test('no table of the schema is forgotten by a recovery', (t) => {
  const { store, file } = openStore(t);
  store.commit([opening()]);
  const refusal = { epoch: store.epoch, eventclass: 'alarm', sequence: 1, reason: 'schema' } as const;
  store.recordRefusal({ ...refusal, detail: 'data.x' });
  store.stop();
  const db = new Database(file, { readonly: true });
  const names = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all() as string[];
  db.close();
  const ownOfEachFile = ['opens', 'pruning'];
  assert.deepEqual([...recoveredTables, ...ownOfEachFile].sort(), names.sort());
  assert.equal(recoverDatabase(file, 'box-1', Date.parse(at)).copied.outbox_refusals, 1);
  assert.equal(openStore(t, file).store.refusals(), 1);
});

test('with the list of tables damaged, on the first page or another, all is read that is on whole pages', (t) => {
  const { file, epoch } = worked(t);
  const random = seededRandom(3);
  const list = new Database(file, { readonly: true });
  // dbstat knows the pages of the list of tables; the first page is always one of them.
  const pages = list
    .prepare("SELECT pageno FROM dbstat WHERE name = 'sqlite_schema'")
    .pluck()
    .all() as number[];
  list.close();
  assert.ok(pages.length > 1 && pages.includes(1));
  for (const page of pages) {
    const damaged = join(scratchFolder(t), 'events.db');
    for (const end of ['', '.roots']) copyFileSync(`${file}${end}`, `${damaged}${end}`);
    overwritePage(damaged, page, random);
    const { store } = openStore(t, damaged);
    assert.notEqual(store.epoch, epoch);
    assert.equal(store.incidents({ limit: 5000 }).length, 900, `page ${page}`);
    assert.equal(store.outboxBatch('alarm', 0, 5000).events.length, 1160);
    assert.deepEqual(store.engineState('all'), { dwell: 'x'.repeat(9000) });
    assert.equal(store.accounts.findUser('wang')?.role, 'guard');
    assert.equal(store.changesAfter(0, 5000).length, 1200);
    store.stop();
    assert.deepEqual(
      readdirSync(join(damaged, '..')).filter((name) => /spliced|first|recovering|ready/.test(name)),
      [],
    );
  }
});

test('with the first page damaged what is in the write-ahead log only is read, too', (t) => {
  const folder = scratchFolder(t);
  const file = join(folder, 'events.db');
  const { store } = openStore(t, file);
  for (let n = 0; n < 50; n++) store.commit([opening()]);
  // As after a kill: the log holds pages that the file does not have yet.
  const damaged = join(scratchFolder(t), 'events.db');
  for (const end of ['', '-wal', '.roots']) copyFileSync(`${file}${end}`, `${damaged}${end}`);
  store.stop();
  assert.ok(statSync(`${damaged}-wal`).size > 100_000);
  writeFileSync(damaged, Buffer.alloc(statSync(damaged).size, 0x5a));
  // A log that holds the first page heals it: then SQLite itself reads on. Without it the list is made anew.
  const { store: recovered } = openStore(t, damaged);
  assert.equal(recovered.incidents({ limit: 99 }).length, 50);
});

test('what waited goes out under its own ids, then the new epoch begins and says what is missing', (t) => {
  const { file, epoch } = worked(t);
  const random = seededRandom(5);
  // The pages of the outbox in the middle of the waiting rows: those that hold one of their ids.
  const bytes = readFileSync(file);
  const page = Math.floor(bytes.indexOf(`box-1/${epoch}/alarm/400"`) / pageBytes) + 1;
  overwritePage(file, page, random);
  const { store } = openStore(t, file);
  assert.notEqual(store.epoch, epoch);
  const [{ detail } = { detail: '' }] = store.health();
  assert.match(detail ?? '', /STORE_RECOVERED: .*events\.db was damaged.*events\.db\.corrupt-/);
  const waiting = store.backlog().find(({ eventclass }) => eventclass === 'alarm');
  const first = store.outboxBatch('alarm', 0, 5000);
  assert.equal(first.epoch, epoch);
  assert.equal(first.events[0]?.id, `box-1/${epoch}/alarm/41`);
  assert.ok(first.events.length < 1160 && first.events.length > 1100, `${first.events.length}`);
  assert.equal(waiting?.waiting, first.events.length + 1);

  store.commit([opening(incident())]);
  assert.equal(store.outboxBatch('alarm', 0, 5000).epoch, epoch, 'the old ones first');
  store.acknowledgeOutbox({ epoch, eventclass: 'alarm', upTo: 1300 });
  const next = store.outboxBatch('alarm', 0, 5000);
  assert.equal(next.epoch, store.epoch);
  const [gap, live] = next.events;
  assert.deepEqual(WireGap.parse(gap?.data), {
    class: 'alarm',
    reason: 'store-recovered',
    lostEpoch: epoch,
    firstSequence: 41,
    lastSequence: 1200,
    count: 1160 - first.events.length,
  });
  assert.deepEqual([live?.sequence, live?.type], [2, 'gatehouse.incident.v1']);
  assert.doesNotThrow(
    () => store.acknowledgeOutbox({ epoch, eventclass: 'alarm', upTo: 1300 }),
    'a late repeat',
  );
});

test('a file that is no database is kept aside byte for byte, and the box goes on with a new one', (t) => {
  const file = join(scratchFolder(t), 'events.db');
  const text = 'not a database, but long enough to have a header of its own\n'.repeat(100);
  writeFileSync(file, text);
  const { store } = openStore(t, file);
  store.commit([opening()]);
  assert.equal(store.health().length, 1);
  const [aside = ''] = readdirSync(join(file, '..')).filter((name) => name.includes('.corrupt-'));
  assert.equal(readFileSync(join(file, '..', aside)).toString(), text);
  store.stop();
  const again = openStore(t, file);
  assert.equal(again.store.incidents({ limit: 9 }).length, 1);
  assert.equal(again.store.health().length, 1, 'until somebody has seen it');
});

test('a store that turns out to be damaged while it runs goes on, and the write that found it is there', (t) => {
  const { store, file } = openStore(t);
  for (let n = 0; n < 300; n++) store.commit([opening()]);
  store.stop();
  const { store: running } = openStore(t, file);
  // Rubbish in every page but those of the schema, written under the running store, whose cache holds few of
  // them.
  const random = seededRandom(9);
  const pages = statSync(file).size / pageBytes;
  for (let page = Math.floor(pages / 2); page <= pages; page++) overwritePage(file, page, random);
  const last = opening();
  for (let n = 0; n < 50; n++) running.commit([opening()]);
  running.commit([last]);
  assert.deepEqual(running.incident(last.incident.id), last.incident);
  assert.ok(existsSync(file));
});

test('a power cut while the new file takes its place leaves the old or the new one, never none and never a mix', (t) => {
  const { file, epoch } = worked(t);
  const folder = join(file, '..');
  // The state after the step that makes the new file ready, with the old one's log still there.
  const ready = openStore(t);
  ready.store.commit([opening()]);
  const newEpoch = ready.store.epoch;
  ready.store.stop();
  copyFileSync(ready.file, `${file}.ready-corrupt`);
  writeFileSync(`${file}-wal`, 'log of the old file');
  const { store } = openStore(t, file);
  assert.equal(store.epoch, newEpoch);
  const [aside = ''] = readdirSync(folder).filter((name) => /\.corrupt-[^-]*$/.test(name));
  const old = new Database(join(folder, aside), { readonly: true });
  assert.equal(old.prepare("SELECT value FROM meta WHERE key = 'epoch'").pluck().get(), epoch);
  old.close();
  assert.equal(readFileSync(join(folder, `${aside}-wal`)).toString(), 'log of the old file');
});

import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { GatehouseError, ManualClock, silentLog, systemClock } from '@gatehouse/kit';
import Database from 'better-sqlite3';
import { Journal } from '../../../drivers/journal/journal.ts';
import { run } from '../run.ts';

const folder = mkdtempSync(join(tmpdir(), 'gh-audit-'));
after(() => rmSync(folder, { recursive: true }));
let files = 0;
const entry = { at: '2026-11-30T08:00:00+08:00', what: 'refused', facts: {} } as const;

/** A drivers.db of a box that was stopped, with so many entries. */
function driversDb(entries: number): { file: string; head: string; journal: () => Journal } {
  const file = join(folder, `${++files}.db`);
  const journal = () => {
    const opened = new Journal({ file, clock: new ManualClock(), log: silentLog });
    opened.start();
    return opened;
  };
  const first = journal();
  for (let i = 0; i < entries; i++) void first.keep({ fact: 'entry', entry: { ...entry, facts: { i } } });
  const { sequence, hash } = first.auditHead();
  first.stop();
  return { file, head: `${sequence}:${hash}`, journal };
}

async function verify(...args: string[]) {
  const lines: string[] = [];
  const notes: string[] = [];
  const output = {
    language: 'en' as const,
    line: (text: string) => lines.push(text),
    note: (text: string) => notes.push(text),
  };
  const status = await run(['audit', 'verify', ...args], output, systemClock);
  return { status, line: lines[0] ?? '', note: notes[0] ?? '' };
}

test('a copied file is verified without any service, and is not changed', async () => {
  const { file } = driversDb(700);
  const copy = `${file}.copy`;
  copyFileSync(file, copy);
  const before = readFileSync(copy);
  const { status, line, note } = await verify('--file', copy);
  assert.equal(status, 0);
  assert.match(line, /^intact: 700 entries, head [0-9a-f]{64}, 0 commands$/);
  assert.match(note, /no head is known that the platform has.*--head/);
  assert.ok(readFileSync(copy).equals(before));
});

test('a copy that was taken with its write-ahead log is verified with it; the file of a running box is refused', async () => {
  const { file, journal } = driversDb(3);
  const running = journal();
  void running.keep({ fact: 'entry', entry });
  running.flush();
  const copy = `${file}.copy`;
  copyFileSync(file, copy);
  copyFileSync(`${file}-wal`, `${copy}-wal`);
  assert.match((await verify('--file', copy)).line, /^intact: 4 entries/);
  await assert.rejects(verify('--file', file), { code: 'AUDIT_FILE_IN_USE' });
  running.stop();
});

test('a head that the platform has is held against the chain: given, or kept in the file', async () => {
  const { file, head, journal } = driversDb(20);
  const same = await verify('--file', file, '--head', head, '--json');
  assert.deepEqual([same.status, same.note, JSON.parse(same.line).warning], [0, '', undefined]);
  const other = await verify('--file', file, '--head', `7:${'a'.repeat(64)}`);
  assert.equal(other.status, 1);
  assert.match(other.line, /^broken: entry 7 is not the one that you gave/);
  const [sequence, hash = ''] = head.split(':');
  const acknowledging = journal();
  acknowledging.acknowledgeHead({ sequence: Number(sequence), hash });
  acknowledging.stop();
  assert.match((await verify('--file', file)).line, /as the platform has it up to entry 20$/);
  const db = new Database(file);
  db.exec(`DELETE FROM audit WHERE sequence > 15; UPDATE audit_ends SET sequence = 15,
    hash = (SELECT hash FROM audit WHERE sequence = 15) WHERE which = 'head'`);
  db.close();
  const cut = await verify('--file', file);
  assert.equal(cut.status, 1);
  assert.match(cut.line, /^broken: entry 20 is not the one that the platform has .*cut off/);
});

test('no entry at all is no success without a word', async () => {
  const { file } = driversDb(0);
  const { status, line, note } = await verify('--file', file);
  assert.equal(status, 0);
  assert.match(line, /^intact: 0 entries/);
  assert.match(note, /there is no entry at all.*was deleted/);
  assert.match(JSON.parse((await verify('--file', file, '--json')).line).warning, /no entry at all/);
});

test('what is no drivers.db, is missing, or is said wrongly is named', async () => {
  const fails = async (code: string, ...args: string[]) =>
    assert.rejects(verify(...args), (error: unknown) => {
      assert.ok(error instanceof GatehouseError);
      assert.equal(error.code, code);
      return true;
    });
  await fails('AUDIT_FILE_MISSING', '--file', join(folder, 'nothing.db'));
  const other = join(folder, 'other.db');
  new Database(other).exec('CREATE TABLE x (a)').close();
  await fails('AUDIT_FILE_OTHER', '--file', other);
  writeFileSync(other, 'no database'.repeat(1_000));
  await fails('JOURNAL_CORRUPT', '--file', other);
  await fails('USAGE', '--head', 'abc');
});

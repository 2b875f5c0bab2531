import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { GatehouseError, ManualClock, silentLog } from '@gatehouse/kit';
import type { JournalFact } from '../fact.ts';
import { JournalWriter } from '../journal-writer.ts';
import { Overflow } from '../overflow.ts';

const folder = mkdtempSync(join(tmpdir(), 'gh-writer-'));
after(() => rmSync(folder, { recursive: true }));
let files = 0;

const full = () => new GatehouseError('JOURNAL_FULL', 'environment', 'full.', 'Free space.');
const factOf = (device: string): JournalFact => ({
  fact: 'event',
  event: { type: 'comms', at: '2026-11-30T08:00:00+08:00', device, comms: 'ok' },
});
const nameOf = (fact: JournalFact) =>
  fact.fact === 'event' && fact.event.type === 'comms' ? fact.event.device : fact.fact;

/** A writer over a drivers.db that does as it is told. */
function bench() {
  const commits: string[][] = [];
  const state = { refuses: (_names: readonly string[]): Error | undefined => undefined, writable: true };
  const overflow = new Overflow(join(folder, `${++files}.overflow`));
  overflow.open();
  const clock = new ManualClock();
  const writer = new JournalWriter({
    clock,
    log: silentLog,
    overflow,
    apply: (facts) => {
      const names = facts.map(nameOf);
      const error = state.refuses(names);
      if (error) throw error;
      commits.push(names);
    },
    writable: () => state.writable,
  });
  const first = (name: string, options: { moves?: boolean; person?: boolean } = {}) =>
    writer
      .keepFirst({
        fact: () => factOf(name),
        moves: () => options.moves ?? true,
        person: options.person ?? true,
      })
      .then(
        () => 'kept',
        (error) => (error instanceof GatehouseError ? error.code : String(error)),
      );
  return { commits, state, overflow, writer, clock, first };
}

test('what comes together shares one commit, and is kept when that is said', async () => {
  const { commits, first } = bench();
  const asked = ['a', 'b', 'c'].map((name) => first(name));
  assert.deepEqual(commits, [], 'nothing is written while more may be at hand');
  assert.deepEqual(await Promise.all(asked), ['kept', 'kept', 'kept']);
  assert.deepEqual(commits, [['a', 'b', 'c']]);
});

test('what moves something does not wait for 1,000 records, which go a few at a time', async () => {
  const { commits, first, clock } = bench();
  const records = Array.from({ length: 1_000 }, (_, i) => first(`r${i}`, { moves: false }));
  assert.equal(await first('open'), 'kept');
  assert.ok(commits.some((names) => names[0] === 'open') && commits.flat().length < 100);
  for (let turn = 0; turn < 50; turn++) await clock.advance(20);
  assert.deepEqual(new Set(await Promise.all(records)), new Set(['kept']));
  assert.equal(commits.flat().length, 1_001);
  assert.ok(
    Math.max(...commits.map((names) => names.length)) <= 33,
    'no commit holds the others up for long',
  );
});

test('one record waits a little for others', async () => {
  const { commits, first, writer, clock } = bench();
  const record = first('r', { moves: false });
  const behind = writer.keep(factOf('happened'));
  await clock.advance(19);
  assert.deepEqual(commits, []);
  await clock.advance(1);
  await Promise.all([record, behind]);
  assert.deepEqual(commits, [['happened', 'r']]);
});

test('at the doorstep of the bus all that has happened before is kept in the same commit, in order', () => {
  const { commits, writer } = bench();
  void writer.keep(factOf('lease ended'));
  void writer.keep(factOf('alarm'));
  writer.keepNow(factOf('executing'), true);
  assert.deepEqual(commits, [['lease ended', 'alarm', 'executing']]);
});

test('a fact that the journal cannot take fails alone', async () => {
  const { commits, state, first, writer } = bench();
  state.refuses = (names) => (names.includes('bad') ? new Error('constraint') : undefined);
  void writer.keep(factOf('bad'));
  void writer.keep(factOf('good'));
  const answers = await Promise.all([first('a'), first('bad'), first('b')]);
  assert.deepEqual(answers, ['kept', 'Error: constraint', 'kept']);
  assert.deepEqual(commits.flat().toSorted(), ['a', 'b', 'good']);
});

test('while the disk is full people’s commands and what happens go into the overflow, others are refused', async () => {
  const { commits, state, overflow, first, writer, clock } = bench();
  state.refuses = full;
  const answers = await Promise.all([first('guard'), first('flow', { person: false })]);
  assert.deepEqual(answers, ['kept', 'JOURNAL_FULL']);
  void writer.keep(factOf('alarm'));
  await clock.advance(100);
  writer.keepNow(factOf('executing'), true);
  assert.throws(() => writer.keepNow(factOf('remote'), false), { code: 'JOURNAL_FULL' });
  assert.deepEqual(overflow.facts.map(nameOf), ['guard', 'alarm', 'executing']);
  state.refuses = () => undefined;
  writer.keepNow(factOf('later'), true);
  assert.deepEqual(overflow.facts.map(nameOf).at(-1), 'later', 'what is in the overflow comes first');
  while (writer.takeOver());
  assert.deepEqual(commits, [['guard', 'alarm', 'executing', 'later']]);
  assert.equal(overflow.facts.length, 0);
});

test('what neither file takes waits in memory, bounded, and goes in order', async () => {
  const { commits, state, writer, clock } = bench();
  state.writable = false;
  const large = 'x'.repeat(300_000);
  for (let i = 0; i < 30; i++) void writer.keep(factOf(`${i} ${large}`));
  await clock.advance(1_000);
  assert.ok(writer.stuck > 0);
  for (let i = 0; i < 2_000; i++) void writer.keep(factOf(`more ${i}`));
  await clock.advance(1_000);
  state.writable = true;
  while (writer.takeOver());
  writer.flush();
  const numbers = commits.flat().flatMap((name) => (/^\d+ /.test(name) ? [Number.parseInt(name, 10)] : []));
  assert.deepEqual(
    numbers,
    Array.from({ length: 30 }, (_, i) => i),
  );
  assert.equal(writer.stuck, 0);
});

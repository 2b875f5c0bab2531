import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { CommandOutcome } from '@gatehouse/contracts';
import { isoWithOffset, ManualClock, silentLog } from '@gatehouse/kit';
import Database from 'better-sqlite3';
import { commandFact } from '../fact.ts';
import { Journal } from '../journal.ts';

let folder = '';
let file = '';
let clock = new ManualClock();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gh-damage-'));
  file = join(folder, 'drivers.db');
  clock = new ManualClock();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function opened(): Journal {
  const journal = new Journal({ file, clock, log: silentLog });
  journal.start();
  return journal;
}

function outcomeOf(change: Partial<CommandOutcome> = {}): CommandOutcome {
  const acceptedAt = isoWithOffset(clock.epochMs());
  return CommandOutcome.parse({
    commandId: randomUUID(),
    device: 'door',
    action: 'open',
    origin: { channel: 'console', user: 'guard' },
    state: 'confirmed',
    relay: 'actuated',
    feedback: 'reached',
    acceptedAt,
    finishedAt: acceptedAt,
    ...change,
  });
}

/** Keeps a command that ended, in its three steps; its expiry is 10 s ahead. */
async function keep(journal: Journal, outcome: CommandOutcome): Promise<void> {
  const at = outcome.acceptedAt;
  const { finishedAt: _end, ...open } = outcome;
  const accepted = { ...open, state: 'accepted', relay: 'not-actuated', feedback: 'unknown' } as const;
  const expiresAt = isoWithOffset(clock.epochMs() + 10_000);
  const fact = commandFact({ expiresAt }, accepted, clock.epochMs());
  const first = journal.keepFirst({ fact: () => fact, moves: () => true, person: true });
  journal.flush();
  await first;
  journal.keepNow({ fact: 'executing', at, outcome: { ...accepted, state: 'executing' } }, true);
  void journal.keep({ fact: 'ended', at, outcome, wire: [{ sent: '01', received: '01' }] });
  journal.flush();
}

async function filled(commands: number): Promise<CommandOutcome[]> {
  const journal = opened();
  const outcomes = Array.from({ length: commands }, () => outcomeOf());
  for (const outcome of outcomes) await keep(journal, outcome);
  const at = isoWithOffset(clock.epochMs());
  const entry = { at, what: 'fire-latched', facts: {} } as const;
  void journal.keep({
    fact: 'entry',
    entry,
    standing: { change: 'fire-latched', since: at, setBy: ['fire'] },
  });
  journal.enrolCard(
    { credential: 'a'.repeat(16), reader: 'lobby', label: 'A-1', tail: '07', enrolledAt: at },
    'li',
  );
  journal.stop();
  return outcomes;
}

const aside = () => readdirSync(folder).filter((name) => /^drivers\.db\.corrupt-\d{8}T\d{6}Z$/.test(name));

test('a file that is no database is set aside, named, and the service goes on with a new one', async () => {
  const [known] = await filled(3);
  writeFileSync(file, 'this is not a database, whatever it is called'.repeat(100));
  const journal = opened();
  assert.equal(aside().length, 1);
  const [told] = journal.health();
  assert.match(told?.detail ?? '', new RegExp(`^JOURNAL_RECOVERED: .*commands.*cards.*${aside()[0]}`));
  assert.equal(journal.find(known?.commandId ?? ''), undefined);
  await keep(journal, outcomeOf());
  assert.equal((await journal.verifyAudit()).intact, true);
  const [recovered] = journal.auditAfter(0, 1);
  assert.equal(recovered?.what, 'journal-recovered');
  journal.stop();
  renameSync(join(folder, aside()[0] ?? ''), join(folder, 'seen'));
  const second = opened();
  assert.deepEqual(second.health(), [], 'somebody has seen it');
  second.stop();
});

test('what a lost file may have known is refused, and nothing that came later', async () => {
  await filled(1);
  const expiredMs = clock.epochMs() + 10_000;
  for (const what of ['damaged', 'gone'] as const) {
    if (what === 'damaged') writeFileSync(file, 'x'.repeat(10_000));
    else for (const end of ['', '-wal', '-shm']) rmSync(`${file}${end}`, { force: true });
    const journal = opened();
    assert.deepEqual(
      [journal.mayHaveBeenKnown(expiredMs), journal.mayHaveBeenKnown(expiredMs + 1)],
      [true, false],
      what,
    );
    journal.stop();
    const again = opened();
    assert.equal(again.mayHaveBeenKnown(expiredMs), true, 'also after a further start');
    again.stop();
  }
});

test('where not even the newest expiry is known nothing is taken that could be older than the start', async () => {
  await filled(1);
  writeFileSync(file, 'x'.repeat(10_000));
  rmSync(`${file}.overflow`);
  const journal = opened();
  assert.equal(journal.mayHaveBeenKnown(clock.epochMs() + 30_000), true);
  assert.equal(journal.mayHaveBeenKnown(clock.epochMs() + 30_001), false);
  journal.stop();
});

test('a new box distrusts nothing, and takes no arm for one that comes down', () => {
  const journal = opened();
  assert.equal(journal.mayHaveBeenKnown(clock.epochMs()), false);
  assert.equal(journal.lastMove('barrier'), undefined);
  journal.stop();
});

test('after a loss every arm may be on its way down', async () => {
  await filled(1);
  writeFileSync(file, 'x'.repeat(10_000));
  const journal = opened();
  assert.equal(journal.lastMove('barrier'), 'close');
  journal.stop();
});

/** Overwrites one page with noise, not the first. */
function spoil(page: number): void {
  const bytes = readFileSync(file);
  bytes.fill(0xa5, page * 4096, (page + 1) * 4096);
  writeFileSync(file, bytes);
}

test('with one page damaged the rest is taken over, the audit goes on, and nothing is taken for what it is not', async () => {
  const outcomes = await filled(200);
  const before = new Database(file);
  before.pragma('wal_checkpoint(TRUNCATE)');
  const head = before.prepare("SELECT sequence FROM audit_ends WHERE which = 'head'").pluck().get();
  const leaf = before
    .prepare("SELECT pageno FROM dbstat WHERE name = 'commands' AND pagetype = 'leaf' LIMIT 1 OFFSET 5")
    .pluck();
  let page = 20;
  try {
    page = Number(leaf.get()) - 1;
  } catch (error) {
    assert.match(String(error), /dbstat/);
  }
  before.close();
  spoil(page);
  const journal = opened();
  const known = outcomes.filter(({ commandId }) => journal.find(commandId) !== undefined);
  assert.ok(known.length > 100 && known.length <= 200, `${known.length} of 200 commands`);
  assert.equal(journal.stands().fire?.setBy[0], 'fire');
  assert.equal(journal.cards().length, 1);
  assert.ok(journal.auditHead().sequence > Number(head), 'the numbers go on');
  const verified = await journal.verifyAudit();
  assert.equal(verified.intact, true, JSON.stringify(verified));
  await keep(journal, outcomeOf());
  assert.equal((await journal.verifyAudit()).intact, true);
  journal.stop();
});

test('damage that shows while it runs is mended at once, and the same work is done', async () => {
  await filled(20);
  const ballast = new Database(file);
  const insert = ballast.prepare("INSERT INTO events (id, type, body) VALUES (?, 'comms', ?)");
  ballast.transaction(() => {
    for (let i = 0; i < 8_000; i++) insert.run(randomUUID(), 'x'.repeat(3_000));
  })();
  ballast.close();
  // More than SQLite's cache holds.
  const journal = opened();
  const bytes = readFileSync(file);
  for (let page = 2; page < bytes.length / 4096; page++) bytes.fill(0xa5, page * 4096, (page + 1) * 4096);
  writeFileSync(file, bytes, { flag: 'r+' });
  assert.equal(statSync(file).size, bytes.length);
  journal.eventsAfter(0, 500);
  const added = outcomeOf();
  await keep(journal, added);
  assert.deepEqual(journal.find(added.commandId), added);
  assert.match(journal.health()[0]?.detail ?? '', /^JOURNAL_RECOVERED/);
  journal.stop();
});

test('an unreadable record of each kind is left out and said, and keeps nothing else', async () => {
  const [known, other] = await filled(2);
  const db = new Database(file);
  db.exec(`UPDATE commands SET outcome = '{"half' WHERE command_id = '${known?.commandId}'`);
  db.exec(`INSERT INTO commands SELECT '${randomUUID()}', 'door', 'open', 'executing', '{}', NULL, 1, '' `);
  db.exec(
    `INSERT INTO alarms VALUES ('door', 'door-forced', '{"'); UPDATE fire SET set_by = '[', since = 'x'`,
  );
  db.exec(`UPDATE events SET body = '{' WHERE sequence = 1; UPDATE cards SET body = ''`);
  db.close();
  const journal = opened();
  const found = journal.find(known?.commandId ?? '');
  assert.deepEqual([found?.state, found?.reason], ['unknown', 'RECORD_UNREADABLE'], 'that id was taken');
  assert.deepEqual(journal.find(other?.commandId ?? ''), other);
  assert.deepEqual(journal.stands().alarms, []);
  assert.deepEqual(journal.stands().fire, { since: undefined, setBy: ['unknown'] }, 'the latch stays set');
  assert.ok(journal.eventsAfter(0, 100).length >= 1);
  assert.equal(journal.isEnrolled('a'.repeat(16), 'lobby'), true);
  assert.deepEqual([journal.cards(), journal.lastMove('door')], [[], 'open']);
  assert.match(journal.health()[0]?.detail ?? '', /^JOURNAL_UNREADABLE/);
  journal.stop();
});

test('an event that cannot be read holds up none behind it, also where there is nothing else', async () => {
  const journal = opened();
  for (let i = 0; i < 5; i++) await keep(journal, outcomeOf());
  journal.stop();
  const db = new Database(file);
  db.exec("UPDATE events SET body = 'x' WHERE sequence < 4");
  db.close();
  const after = opened();
  assert.deepEqual(
    after.eventsAfter(0, 2).map(({ sequence }) => sequence),
    [4],
  );
  assert.equal(after.eventsAfter(4, 2).length, 1);
  await after.acknowledge(5);
  assert.deepEqual(after.eventsAfter(0, 2), []);
  after.stop();
});

test('a place where nothing can be written keeps no door from being watched: an empty journal stands in, and nothing is kept', async () => {
  writeFileSync(file, '');
  const nowhere = new Journal({ file: join(file, 'drivers.db'), clock, log: silentLog });
  nowhere.start();
  assert.match(nowhere.health()[0]?.detail ?? '', /^JOURNAL_FULL: .*Only stops/);
  const fact = commandFact({ expiresAt: isoWithOffset(0) }, outcomeOf({ state: 'accepted' }), 0);
  const kept = nowhere.keepFirst({ fact: () => fact, moves: () => true, person: true });
  nowhere.flush();
  await assert.rejects(kept, { code: 'JOURNAL_FULL' });
  nowhere.stop();
  assert.ok(!existsSync(join(file, 'drivers.db')));
});

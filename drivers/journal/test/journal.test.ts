import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { CommandOutcome, DeviceCommand } from '@gatehouse/contracts';
import { isoWithOffset, ManualClock, silentLog } from '@gatehouse/kit';
import Database from 'better-sqlite3';
import { maxWaiting } from '../event-outbox.ts';
import { commandFact } from '../fact.ts';
import { Journal } from '../journal.ts';
import { migrations } from '../schema.ts';

let folder = '';
let file = '';
const clock = new ManualClock();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gh-journal-'));
  file = join(folder, 'drivers.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function opened(): Journal {
  const journal = new Journal({ file, clock, log: silentLog });
  journal.start();
  return journal;
}

function accepted(state: CommandOutcome['state'] = 'accepted'): {
  command: DeviceCommand;
  outcome: CommandOutcome;
} {
  const now = isoWithOffset(clock.epochMs());
  const command: DeviceCommand = {
    commandId: randomUUID(),
    device: 'door',
    action: 'open',
    expiresAt: now,
    origin: { channel: 'console', user: 'guard' },
  };
  const { commandId, device, action, origin } = command;
  const outcome: CommandOutcome = {
    commandId,
    device,
    action,
    origin,
    state,
    relay: 'not-actuated',
    feedback: 'unknown',
    acceptedAt: now,
  };
  return { command, outcome };
}

const at = '2026-11-30T08:00:00+08:00';

function keep(journal: Journal, { command, outcome }: ReturnType<typeof accepted>): void {
  void journal.keep(commandFact(command, outcome, clock.epochMs()));
  journal.flush();
}
function told(journal: Journal, comms: 'ok' | 'lost'): void {
  void journal.keep({ fact: 'event', event: { type: 'comms', at, device: 'door', comms } });
  journal.flush();
}

test('what a crash left executing becomes unknown, what it left accepted is rejected, each with one event', () => {
  const before = opened();
  const [waiting, moving] = [accepted(), accepted()];
  keep(before, waiting);
  keep(before, moving);
  before.keepNow({ fact: 'executing', at, outcome: { ...moving.outcome, state: 'executing' } }, true);
  before.stop();
  const after = opened();
  const found = [waiting, moving].map(({ command }) => after.find(command.commandId));
  assert.deepEqual(
    found.map((outcome) => [outcome?.state, outcome?.reason, outcome?.relay]),
    [
      ['rejected', 'INTERRUPTED', 'not-actuated'],
      ['unknown', 'INTERRUPTED', 'unknown'],
    ],
  );
  assert.equal(after.eventsAfter(0, 10).length, 2);
  after.stop();
  const third = opened();
  assert.equal(third.eventsAfter(0, 10).length, 2, 'a further start tells nothing twice');
  third.stop();
});

test('events are handed on in order until they are acknowledged, and a sequence never comes twice', async () => {
  const journal = opened();
  for (let i = 0; i < 1200; i++) {
    keep(journal, accepted('rejected'));
  }
  journal.flush();
  const page = journal.eventsAfter(0, 500);
  assert.deepEqual(
    page.map(({ sequence }) => sequence),
    Array.from({ length: 500 }, (_, i) => i + 1),
  );
  await journal.acknowledge(1200);
  assert.deepEqual(journal.eventsAfter(0, 10), []);
  told(journal, 'lost');
  assert.equal(journal.eventsAfter(0, 10)[0]?.sequence, 1201);
  journal.stop();
});

test('waiting comms events are bounded, the oldest go, and command events stay', () => {
  const journal = opened();
  keep(journal, accepted('rejected'));
  for (let i = 0; i < (maxWaiting.comms ?? 0) + 50; i++) told(journal, i % 2 ? 'ok' : 'lost');
  assert.equal(journal.eventsAfter(0, 1)[0]?.type, 'command');
  const comms = journal.eventsAfter(1, 10_000);
  assert.equal(comms.length, maxWaiting.comms);
  assert.equal(comms[0]?.sequence, 52);
  journal.stop();
});

test('outcomes are kept for 24 hours at least and go later, bit by bit', async () => {
  const journal = opened();
  const { command, outcome } = accepted('rejected');
  keep(journal, { command, outcome });
  journal.flush();
  await clock.advance(24 * 3_600_000);
  assert.ok(journal.find(command.commandId));
  await clock.advance(25 * 3_600_000);
  assert.equal(journal.find(command.commandId), undefined);
  journal.stop();
});

test('the file is WAL, and nobody else gets in while it is open', () => {
  const journal = opened();
  assert.throws(() => opened(), { code: 'JOURNAL_TAKEN' });
  journal.stop();
  const db = new Database(file);
  assert.equal(db.pragma('journal_mode', { simple: true }), 'wal');
  assert.equal(db.pragma('user_version', { simple: true }), migrations.length);
  db.pragma('user_version = 99');
  db.close();
  assert.throws(() => opened(), { code: 'JOURNAL_TOO_NEW' });
});

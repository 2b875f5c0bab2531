import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { CommandOutcome, DeviceCommand } from '@gatehouse/contracts';
import { isoWithOffset, ManualClock, silentLog } from '@gatehouse/kit';
import Database from 'better-sqlite3';
import { maxWaiting } from '../event-outbox.ts';
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

test('what a crash left executing becomes unknown, what it left accepted is rejected, each with one event', () => {
  const before = opened();
  const [waiting, moving] = [accepted(), accepted()];
  before.accept(waiting.command, waiting.outcome);
  before.accept(moving.command, moving.outcome);
  before.executing({ ...moving.outcome, state: 'executing' });
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
    const { command, outcome } = accepted('rejected');
    journal.accept(command, outcome);
  }
  const page = journal.eventsAfter(0, 500);
  assert.deepEqual(
    page.map(({ sequence }) => sequence),
    Array.from({ length: 500 }, (_, i) => i + 1),
  );
  await journal.acknowledge(1200);
  assert.deepEqual(journal.eventsAfter(0, 10), []);
  journal.append({ type: 'comms', at: isoWithOffset(clock.epochMs()), device: 'door', comms: 'lost' });
  assert.equal(journal.eventsAfter(0, 10)[0]?.sequence, 1201);
  journal.stop();
});

test('waiting comms events are bounded, the oldest go, and command events stay', () => {
  const journal = opened();
  const { command, outcome } = accepted('rejected');
  journal.accept(command, outcome);
  for (let i = 0; i < (maxWaiting.comms ?? 0) + 50; i++)
    journal.append({
      type: 'comms',
      at: isoWithOffset(clock.epochMs()),
      device: 'door',
      comms: i % 2 ? 'ok' : 'lost',
    });
  assert.equal(journal.eventsAfter(0, 1)[0]?.type, 'command');
  const comms = journal.eventsAfter(1, 10_000);
  assert.equal(comms.length, maxWaiting.comms);
  assert.equal(comms[0]?.sequence, 52);
  journal.stop();
});

test('outcomes are kept for 24 hours at least and go later, bit by bit', async () => {
  const journal = opened();
  const { command, outcome } = accepted('rejected');
  journal.accept(command, outcome);
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

test('a damaged file and an unwritable place are named', () => {
  writeFileSync(file, 'this is not a database, whatever it is called'.repeat(100));
  assert.throws(
    () => opened(),
    (error: Error) => error.message.includes(file),
  );
  const nowhere = new Journal({ file: join(file, 'drivers.db'), clock, log: silentLog });
  assert.throws(() => nowhere.start(), { code: 'JOURNAL_NOT_WRITABLE' });
});

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { CommandOutcome } from '@gatehouse/contracts';
import { isoWithOffset, ManualClock, silentLog } from '@gatehouse/kit';
import Database from 'better-sqlite3';
import { AuditChain } from '../audit-chain.ts';
import { verifyAudit } from '../audit-check.ts';
import { commandFact, type JournalFact } from '../fact.ts';
import { Journal } from '../journal.ts';
import { JournalFile } from '../journal-file.ts';
import { migrations } from '../schema.ts';

let folder = '';
let file = '';
let clock = new ManualClock();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gh-check-'));
  file = join(folder, 'drivers.db');
  clock = new ManualClock();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const origin = { channel: 'console', user: 'guard' } as const;

/** The three facts of a command that was carried out. */
function factsOf(commandId: string = randomUUID()): JournalFact[] {
  const at = isoWithOffset(clock.epochMs());
  const outcome = (state: CommandOutcome['state']) =>
    CommandOutcome.parse({
      commandId,
      device: 'door',
      action: 'open',
      origin,
      state,
      relay: 'unknown',
      feedback: 'unknown',
      acceptedAt: at,
    });
  return [
    commandFact({ expiresAt: at }, outcome('accepted'), clock.epochMs()),
    { fact: 'executing', at, outcome: outcome('executing') },
    { fact: 'ended', at, outcome: outcome('confirmed'), wire: [{ sent: '01', received: '01' }] },
  ];
}

/** A closed file with so many commands. */
function filled(commands: number): string[] {
  const journal = new Journal({ file, clock, log: silentLog });
  journal.start();
  const ids = Array.from({ length: commands }, () => randomUUID());
  for (const id of ids) for (const fact of factsOf(id)) void journal.keep(fact);
  journal.stop();
  return ids;
}

async function verified(sql = '') {
  const db = new Database(file);
  try {
    db.exec(sql);
    return await verifyAudit(db);
  } finally {
    db.close();
  }
}

test('untouched rows are as the audit has them, each counted', async () => {
  filled(30);
  const found = await verified();
  assert.deepEqual(found.intact && found.commands, { rows: 30, uncovered: 0 });
});

const tamperings: readonly (readonly [what: string, sql: (id: string) => string, is: string])[] = [
  [
    'whose state was changed',
    (id) => `UPDATE commands SET state = 'rejected' WHERE command_id = '${id}'`,
    'changed',
  ],
  [
    'whose outcome was changed',
    (id) => `UPDATE commands SET outcome = replace(outcome, 'guard', 'nobody') WHERE command_id = '${id}'`,
    'changed',
  ],
  [
    'whose time was changed',
    (id) => `UPDATE commands SET accepted_ms = accepted_ms + 1 WHERE command_id = '${id}'`,
    'changed',
  ],
  [
    'whose bytes were changed',
    (id) => `UPDATE commands SET wire = '[]' WHERE command_id = '${id}'`,
    'changed',
  ],
  ['that was deleted', (id) => `DELETE FROM commands WHERE command_id = '${id}'`, 'missing'],
  [
    'that was given another id',
    (id) => `UPDATE commands SET command_id = '${randomUUID()}' WHERE command_id = '${id}'`,
    'inserted',
  ],
  [
    'that was put in',
    () =>
      `INSERT INTO commands SELECT '${randomUUID()}', device, action, state, outcome, wire, accepted_ms, expires_at FROM commands LIMIT 1`,
    'inserted',
  ],
];
for (const [what, sql, is] of tamperings)
  test(`a row of commands ${what} is found`, async () => {
    const ids = filled(12);
    const found = await verified(sql(ids[7] ?? ''));
    assert.deepEqual(
      [found.intact, !found.intact && found.why, !found.intact && found.is],
      [false, 'command', is],
    );
  });

test('commands that were forgotten for their age are missed by nobody, and one too many is', async () => {
  const old = filled(700);
  const journal = new Journal({ file, clock, log: silentLog });
  journal.start();
  await clock.advance(49 * 3_600_000);
  const young = randomUUID();
  for (const fact of factsOf(young)) void journal.keep(fact);
  await clock.advance(3_600_000);
  assert.equal(journal.find(old[0] ?? ''), undefined);
  const found = await journal.verifyAudit();
  assert.deepEqual(found.intact && found.commands, { rows: 1, uncovered: 0 });
  journal.stop();
  const deleted = await verified(`DELETE FROM commands WHERE command_id = '${young}'`);
  assert.deepEqual([deleted.intact, !deleted.intact && deleted.is], [false, 'missing']);
});

test('commands that are given while it is verified are no difference', async () => {
  filled(1_500);
  const journal = new Journal({ file, clock, log: silentLog });
  journal.start();
  const verifying = journal.verifyAudit();
  for (let turn = 0; turn < 60; turn++) {
    for (const fact of factsOf()) void journal.keep(fact);
    journal.flush();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const found = await verifying;
  assert.equal(found.intact, true, JSON.stringify(found));
  journal.stop();
});

test('rows that are older than what the audit still holds are counted apart', async () => {
  const db = new Database(':memory:');
  for (const migration of migrations) db.exec(migration);
  const journal = new JournalFile(db, () => undefined);
  journal.apply(factsOf());
  await clock.advance(1_000);
  journal.apply(factsOf());
  const chain = new AuditChain(db, 3);
  chain.append({ at: isoWithOffset(clock.epochMs()), what: 'refused', facts: {} });
  const found = await verifyAudit(db);
  assert.equal(found.intact, true, JSON.stringify(found));
  assert.ok(found.intact);
  assert.deepEqual([found.commands.rows, found.commands.uncovered], [2, 1]);
});

test('a head that the platform has acknowledged must be in the chain, as it was', async () => {
  const journal = new Journal({ file, clock, log: silentLog });
  journal.start();
  for (const fact of factsOf()) void journal.keep(fact);
  const head = journal.auditHead();
  journal.acknowledgeHead(head);
  for (const fact of factsOf()) void journal.keep(fact);
  const found = await journal.verifyAudit();
  assert.equal(found.intact && found.acknowledged, head.sequence);
  const given = await journal.verifyAudit([{ sequence: 2, hash: 'f'.repeat(64), by: 'given' }]);
  assert.deepEqual(!given.intact && [given.why, given.head?.sequence, given.head?.by], ['head', 2, 'given']);
  const beyond = await journal.verifyAudit([{ sequence: 99, hash: head.hash, by: 'given' }]);
  assert.deepEqual(!beyond.intact && [beyond.why, beyond.head?.sequence], ['head', 99]);
  journal.stop();
});

test('a chain that was computed anew is given away by the head that the platform has', async () => {
  filled(5);
  const db = new Database(file);
  const before = new AuditChain(db).end('head');
  new AuditChain(db).setEnd('acknowledged', before);
  const entries = new AuditChain(db).rows(0, 100).map(({ body }) => JSON.parse(body));
  db.exec("DELETE FROM audit; DELETE FROM audit_ends WHERE which IN ('head', 'anchor')");
  const forged = new AuditChain(db);
  for (const entry of entries)
    forged.append({ ...entry, ...(entry.origin ? { origin: { ...entry.origin, user: 'nobody' } } : {}) });
  const found = await verifyAudit(db);
  db.close();
  assert.deepEqual(!found.intact && [found.why, found.head?.by], ['head', 'acknowledged']);
});

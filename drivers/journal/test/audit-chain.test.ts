import assert from 'node:assert/strict';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import { AuditChain } from '../audit-chain.ts';
import { verifyAudit } from '../audit-check.ts';
import { migrations } from '../schema.ts';

function chainOf(entries: number, limit?: number) {
  const db = new Database(':memory:');
  for (const migration of migrations) db.exec(migration);
  const chain = new AuditChain(db, limit);
  for (let i = 1; i <= entries; i++)
    chain.append({ at: '2026-08-01T08:00:00+08:00', what: 'outcome', device: 'door', facts: { i } });
  return { db, chain, verify: () => verifyAudit(db) };
}

test('an untouched chain is intact and names its head', async () => {
  const { chain, verify } = chainOf(1200);
  const found = await verify();
  assert.deepEqual([found.intact, found.entries], [true, 1200]);
  assert.ok(found.intact && found.head === chain.after(1199, 1)[0]?.hash);
  const commands = { rows: 0, uncovered: 0 };
  assert.deepEqual(await chainOf(0).verify(), { intact: true, entries: 0, head: '0'.repeat(64), commands });
});

const tamperings: readonly (readonly [what: string, sql: string, brokenAt: number])[] = [
  [
    'an entry that was changed',
    `UPDATE audit SET body = replace(body, '"i":5', '"i":6') WHERE sequence = 5`,
    5,
  ],
  ['an entry that was removed', 'DELETE FROM audit WHERE sequence = 5', 5],
  ['the newest entries removed', 'DELETE FROM audit WHERE sequence > 8', 9],
  ['the oldest entries removed', 'DELETE FROM audit WHERE sequence < 3', 1],
  [
    'an entry that was put in',
    "UPDATE audit SET sequence = 11 WHERE sequence = 10; INSERT INTO audit VALUES (10, '{}', 'x')",
    10,
  ],
  [
    'two entries that changed places',
    'UPDATE audit SET sequence = 0 WHERE sequence = 4; UPDATE audit SET sequence = 4 WHERE sequence = 5; UPDATE audit SET sequence = 5 WHERE sequence = 0',
    4,
  ],
  [
    'a hash that was made to fit its entry alone',
    `UPDATE audit SET hash = '${'a'.repeat(64)}' WHERE sequence = 5`,
    5,
  ],
];
for (const [what, sql, brokenAt] of tamperings)
  test(`${what} is found`, async () => {
    const { db, verify } = chainOf(10);
    db.exec(sql);
    const found = await verify();
    assert.deepEqual([found.intact, !found.intact && found.brokenAt], [false, brokenAt]);
  });

test('past its limit the oldest entries go, and the rest still follows from them', async () => {
  const { db, verify } = chainOf(30, 10);
  const found = await verify();
  assert.deepEqual([found.intact, found.entries, found.intact && found.first], [true, 10, 21]);
  db.exec('DELETE FROM audit WHERE sequence = 21');
  assert.equal((await verify()).intact, false);
});

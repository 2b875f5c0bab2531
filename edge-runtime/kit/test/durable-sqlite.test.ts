import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type DurableOptions, openDurable, type SqliteHandle } from '@gatehouse/kit';

/**
 * A database that answers `refused` to every setting, as SQLite does on a file system that cannot do what it
 * asks.
 */
class ScriptedDatabase implements SqliteHandle {
  readonly #refused: Readonly<Record<string, unknown>>;
  readonly #set: Record<string, unknown>;
  readonly ran: string[] = [];
  closed = false;
  constructor(userVersion: number, refused: Readonly<Record<string, unknown>> = {}) {
    this.#set = { user_version: userVersion, locking_mode: 'normal' };
    this.#refused = refused;
  }
  pragma(source: string): unknown {
    const [name = '', value] = source.split(' = ');
    const numbers: Readonly<Record<string, unknown>> = { FULL: 2, ON: 1 };
    if (value !== undefined) this.#set[name] = numbers[value] ?? value.toLowerCase();
    return this.#refused[name] ?? this.#set[name];
  }
  exec(sql: string): void {
    this.ran.push(sql);
  }
  transaction(work: () => void) {
    return { immediate: work };
  }
  close(): void {
    this.closed = true;
  }
}

function options(t: TestContext, changes: Partial<DurableOptions> = {}): DurableOptions {
  const folder = mkdtempSync(join(tmpdir(), 'gh-kit-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const migrations = ['CREATE TABLE one', 'CREATE TABLE two'];
  return { file: join(folder, 'state', 'x.db'), code: 'STORE', migrations, ...changes };
}

test('only the missing migrations run, in order', (t) => {
  for (const [found, expected] of [
    [0, ['CREATE TABLE one', 'CREATE TABLE two']],
    [1, ['CREATE TABLE two']],
    [2, []],
  ] as const) {
    const db = openDurable(() => new ScriptedDatabase(found), options(t));
    assert.deepEqual(
      db.ran.filter((sql) => /one|two/.test(sql)),
      expected,
    );
    assert.equal(Number(db.pragma('user_version')), 2);
    assert.equal(db.closed, false);
  }
});

test('a setting that is refused is no durability: the file is named, and nothing stays open', (t) => {
  for (const refused of [
    { journal_mode: 'delete' },
    { synchronous: 1 },
    { locking_mode: 'normal' },
    { foreign_keys: 0 },
  ]) {
    const db = new ScriptedDatabase(0, refused);
    assert.throws(() => openDurable(() => db, options(t)), { code: 'STORE_NOT_DURABLE', message: /x\.db/ });
    assert.equal(db.closed, true);
  }
});

test('a shared database is not locked against the readers it is shared with', (t) => {
  const db = openDurable(() => new ScriptedDatabase(0), options(t, { shared: true }));
  assert.equal(db.pragma('locking_mode'), 'normal');
});

test('a database of a newer program is left as it is', (t) => {
  const db = new ScriptedDatabase(3);
  assert.throws(() => openDurable(() => db, options(t)), { code: 'STORE_TOO_NEW' });
  assert.deepEqual([db.ran, db.closed], [[], true]);
});

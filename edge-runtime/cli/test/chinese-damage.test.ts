import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { lineInWords, seededRandom } from '@gatehouse/kit';
import Database from 'better-sqlite3';

/** SQLite's findings about a file, a line each. */
function damageOf(file: string): string[] {
  const db = new Database(file, { readonly: true });
  try {
    const found = db.pragma('integrity_check(20)') as { integrity_check: string }[];
    return found.flatMap((one) => one.integrity_check.split('\n')).filter((line) => line !== 'ok');
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  } finally {
    db.close();
  }
}

test('whatever SQLite says of a damaged file is told in Chinese', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'gh-damage-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'a.db');
  const db = new Database(file);
  db.exec('CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT NOT NULL); CREATE INDEX i ON t (b)');
  const insert = db.prepare('INSERT INTO t (b) VALUES (?)');
  db.transaction(() => {
    for (let row = 0; row < 2_000; row++) insert.run(`${row} ${'x'.repeat(40)}`);
  })();
  db.close();
  const whole = readFileSync(file);
  const random = seededRandom(7);
  const seen = new Set<string>();
  for (let round = 0; round < 150; round++) {
    const bytes = Buffer.from(whole);
    const at = 4096 + Math.floor(random() * (bytes.length - 4096));
    for (let i = at; i < Math.min(at + 60, bytes.length); i++) bytes[i] = Math.floor(random() * 256);
    writeFileSync(file, bytes);
    for (const line of damageOf(file)) seen.add(line);
  }
  assert.ok(seen.size > 50, [...seen].join('\n'));
  const english = [...seen].filter((line) => /[A-Za-z]{3,} [a-z]{2,}/.test(lineInWords(line, 'zh-CN')));
  assert.deepEqual(english, []);
});

import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratchFolder } from '@gatehouse/harness';
import { seededRandom } from '@gatehouse/kit';
import Database from 'better-sqlite3';
import { applyLog } from '../write-ahead-log.ts';
import { opening, openStore } from './fixtures.ts';

test('a log, whole, cut or damaged anywhere, is applied exactly as far as SQLite itself would', (t) => {
  const { store, file } = openStore(t);
  for (let n = 0; n < 12; n++) store.commit([opening()]);
  const folder = scratchFolder(t);
  const [kept, log] = [join(folder, 'kept.db'), join(folder, 'kept.db-wal')];
  copyFileSync(file, kept);
  copyFileSync(`${file}-wal`, log);
  const size = readFileSync(log).length;
  const random = seededRandom(20261126);
  const lengths = new Set<number>();
  for (let round = 0; round < 40; round++) {
    const copy = join(folder, `copy-${round}.db`);
    copyFileSync(kept, copy);
    copyFileSync(log, `${copy}-wal`);
    if (round > 0 && round % 2 === 0) truncateSync(`${copy}-wal`, Math.floor(random() * size));
    else if (round > 0) {
      const bytes = readFileSync(`${copy}-wal`);
      const at = Math.floor(random() * size);
      bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << Math.floor(random() * 8)), at);
      writeFileSync(`${copy}-wal`, bytes);
    }
    const ours = applyLog(readFileSync(copy), readFileSync(`${copy}-wal`));
    const db = new Database(copy);
    db.pragma('wal_checkpoint(TRUNCATE)');
    db.close();
    const theirs = readFileSync(copy);
    assert.ok(ours.equals(theirs), `round ${round}: ${ours.length} and ${theirs.length} bytes`);
    lengths.add(ours.length);
  }
  assert.ok(lengths.size > 3, 'the log was cut at different commits');
});

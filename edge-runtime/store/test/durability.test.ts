import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { scratchFolder } from '@gatehouse/harness';
import { seededRandom } from '@gatehouse/kit';
import Database from 'better-sqlite3';
import { openStore } from './fixtures.ts';

test('the store runs on WAL with synchronous FULL, also when it is opened again', (t) => {
  const { store, file } = openStore(t);
  store.stop();
  // Without a setting better-sqlite3 runs NORMAL here. This control shows that the product's own read-back
  // means something.
  const bare = new Database(file);
  assert.equal(bare.pragma('journal_mode', { simple: true }), 'wal');
  assert.equal(bare.pragma('synchronous', { simple: true }), 1);
  bare.close();
  const again = openStore(t, file);
  assert.doesNotThrow(() => again.store.commit([]));
});

test('kill -9 at random points loses nothing that was committed and leaves no half of a commit', async (t) => {
  const random = seededRandom(7);
  const file = join(scratchFolder(t), 'events.db');
  let printed = 0;
  for (let round = 0; round < 5; round++) {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'committer.ts'), file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const killAfter = printed + 1 + Math.floor(random() * 150);
    for await (const line of createInterface({ input: child.stdout })) {
      printed = Number(line);
      if (printed === killAfter) child.kill('SIGKILL');
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    const { store } = openStore(t, file);
    const last = store.lastChange();
    assert.ok(last >= printed, `${printed} were reported as committed, ${last} are there`);
    assert.equal(store.outboxBatch('alarm', 0, 100_000).events.length, last);
    assert.equal(store.engineState('east'), last);
    assert.equal(store.incidents({ limit: 100_000 }).length, last);
    store.stop();
    printed = last;
  }
  assert.ok(printed > 5);
});

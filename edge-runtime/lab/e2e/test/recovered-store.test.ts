import assert from 'node:assert/strict';
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { defaultStoreSettings, type WireEvent } from '@gatehouse/contracts';
import { boxIn, Program, scratchFolder, until } from '@gatehouse/harness';
import { systemClock } from '@gatehouse/kit';
import { EventStore, restoreDatabase } from '@gatehouse/store';
import Database from 'better-sqlite3';
import { startMosquitto } from '../../../../sync-agent/test/support/brokers.ts';

const root = join(import.meta.dirname, '../../../..');
const at = '2026-11-26T03:00:00.000+08:00';

/** A service of this tree, ended after the test. */
function started(t: TestContext, main: string, args: readonly string[], env = process.env): void {
  const service = Program.ofNode([join(root, main), ...args], { env }).start();
  t.after(() => service.end());
}

/** True if a database is there with a table in it; its owner may just be making both. */
function hasTable(file: string, table: string): boolean {
  if (!existsSync(file)) return false;
  const db = new Database(file, { readonly: true, timeout: 5000 });
  try {
    return (
      db.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?").get(table) !== undefined
    );
  } finally {
    db.close();
  }
}

/**
 * A box with a tiny quota for telemetry that was offline, was backed up, worked on, and was restored from the
 * backup.
 */
async function restoredBox(folder: string) {
  const file = join(folder, 'events.db');
  const quotaMiB = { ...defaultStoreSettings.quotaMiB, telemetry: 0.02 };
  const settings = { ...defaultStoreSettings, quotaMiB };
  const store = new EventStore({ file, box: 'box-1', clock: systemClock, settings });
  store.start();
  const put = (eventclass: WireEvent['eventclass'], count: number) => {
    const data = { device: 'barrier', comms: 'ok' };
    for (let n = 0; n < count; n++)
      store.record({ eventclass, type: 'gatehouse.device-comms.v1', time: at, data });
  };
  put('door', 40);
  put('telemetry', 200);
  const backup = join(folder, 'backup.db');
  await store.withCopy(async (copy) => copyFileSync(copy, backup));
  put('door', 7);
  const { epoch } = store;
  store.stop();
  const restored = await restoreDatabase({ file, from: backup, nowMs: systemClock.epochMs() });
  return { before: epoch, after: restored.epoch };
}

test('a restored box sends what waited once, under its old ids, and the platform is told of gaps and of the new epoch', async (t) => {
  const folder = scratchFolder(t);
  const { before, after } = await restoredBox(folder);
  const { url } = await startMosquitto(t);
  const env = boxIn(
    folder,
    `version: 1\nsite: { id: compound, name: { zh-CN: 小区, en: Compound } }\nbox: { id: box-1 }\nuplink: { url: "${url}", ackTimeoutS: 1 }\n`,
  );
  const platform = join(folder, 'platform.db');
  started(t, 'sync-agent/receiver/main.ts', ['--url', url, '--db', platform], env);
  started(t, 'edge-runtime/runtime/main.ts', [], env);
  started(t, 'sync-agent/main.ts', [], env);

  await until('the receiver has its tables', () => hasTable(platform, 'streams'));
  const db = new Database(platform, { readonly: true, timeout: 5000 });
  t.after(() => db.close());
  const all = (sql: string) => db.prepare(sql).all() as Record<string, unknown>[];
  const upTo = (epoch: string, eventclass: string) =>
    db.prepare('SELECT contiguous FROM streams WHERE epoch = ? AND class = ?').pluck().get(epoch, eventclass);
  await until(
    'the new epoch of every class has arrived',
    () => all(`SELECT 1 FROM streams WHERE epoch = '${after}' AND contiguous >= 1`).length === 4,
  );
  assert.equal(upTo(before, 'door'), 40);
  assert.equal(upTo(before, 'telemetry'), 200, 'the acknowledgement went over the range that was dropped');
  const door = all(
    `SELECT sequence FROM events WHERE epoch = '${before}' AND class = 'door' ORDER BY sequence`,
  );
  assert.deepEqual(
    door.map(({ sequence }) => sequence),
    Array.from({ length: 40 }, (_, n) => n + 1),
  );
  const gaps = all("SELECT epoch, class, sequence, data FROM events WHERE type = 'gatehouse.gap.v1'").map(
    ({ epoch, data }) => [epoch, JSON.parse(String(data))] as const,
  );
  const quota = gaps.filter(([epoch]) => epoch === before).map(([, data]) => data);
  assert.equal(quota.length, 1);
  const [dropped] = quota;
  const held = all(`SELECT count(*) AS n FROM events WHERE epoch = '${before}' AND class = 'telemetry'`)[0]
    ?.n;
  assert.deepEqual([dropped.reason, dropped.firstSequence], ['quota', 1]);
  assert.equal(Number(dropped.count) + Number(held) - 1, 200, 'each is there or named');
  assert.deepEqual(
    gaps.filter(([epoch]) => epoch === after).map(([, data]) => [data.reason, data.lostEpoch]),
    Array.from({ length: 4 }, () => ['store-recovered', before]),
  );
  assert.deepEqual(all('SELECT * FROM refused'), []);
});

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { eventTypes } from '@gatehouse/contracts';
import { until } from '@gatehouse/harness';
import { seededRandom, silentLog, systemClock } from '@gatehouse/kit';
import { openReceiverStore } from '../receiver/open-store.ts';
import { openReader } from '../receiver/reader.ts';
import { Receiver } from '../receiver/receiver.ts';
import type { ReceiverStore } from '../receiver/store.ts';
import { startBox } from './support/box.ts';
import { startMosquitto } from './support/brokers.ts';
import { incident } from './support/events.ts';
import { startPostgres } from './support/postgres.ts';
import { startService } from './support/services.ts';

const incidents = 150;
const phases = ['opened', 'updated', 'cleared'] as const;
const total = incidents * phases.length;

/** A receiver in this process; says how many events it was handed. */
async function countingReceiver(t: TestContext, name: string, url: string, db: string) {
  const store = await openReceiverStore(db, silentLog);
  const taken = { events: 0 };
  const counting: ReceiverStore = {
    apply: (batch, at) => {
      taken.events += batch.length;
      return store.apply(batch, at);
    },
    positions: () => store.positions(),
    refuse: (why, at, count) => store.refuse(why, at, count),
    prune: (terms, now) => store.prune(terms, now),
    settle: (box, by, at) => store.settle(box, by, at),
    close: () => store.close(),
  };
  const receiver = new Receiver({
    login: { url, clientId: name },
    topicPrefix: 'gatehouse',
    store: counting,
    clock: systemClock,
    random: seededRandom(3),
    log: silentLog,
  });
  receiver.start();
  t.after(() => receiver.stop());
  return taken;
}

test('three receivers share one box’s events; one is killed with -9 mid-stream: nothing lost, nothing applied twice', async (t) => {
  const db = startPostgres(t).database();
  const { url } = await startMosquitto(t);
  const [first, second] = [
    await countingReceiver(t, 'receiver-1', url, db),
    await countingReceiver(t, 'receiver-2', url, db),
  ];
  const third = startService(t, 'receiver/main.ts', ['--url', url, '--db', db]);
  await third.said(/broker-link-up/);
  const { runtime } = await startBox(t, { url }, { window: 10, ackTimeoutMs: 300 });
  for (const [change, phase] of phases.entries())
    for (let n = 1; n <= incidents; n++)
      runtime.append('alarm', eventTypes.incident, {
        ...incident(n, { phase, updatedAt: `2026-11-23T18:3${change}:00.000+08:00` }),
      });
  await until('a third acknowledged', () => runtime.acked('alarm') >= total / 3);
  const takenByTwo = first.events + second.events;
  assert.ok(takenByTwo < runtime.acked('alarm'), 'the third has had its part before it is killed');
  assert.ok(first.events > 0 && second.events > 0, 'and so have the others');
  await third.kill();
  assert.ok(runtime.waiting('alarm') > 0, 'the kill comes in the middle');
  await until('outbox empty', () => runtime.waiting('alarm') === 0);

  const reader = openReader(db);
  t.after(() => reader.close());
  const rows = await reader.list('events', 10_000);
  assert.equal(new Set(rows.map((row) => row.sequence)).size, total);
  assert.equal(rows.length, total);
  const state = await reader.list('incidents', 10_000);
  assert.deepEqual(new Set(state.map((row) => `${row.phase} ${row.applied}`)), new Set(['cleared 3']));
  assert.deepEqual([await reader.list('gaps', 10), await reader.list('refused', 10)], [[], []]);
  assert.deepEqual(runtime.impossibleAcks, []);
});

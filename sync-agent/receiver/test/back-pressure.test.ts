import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratchFolder, until } from '@gatehouse/harness';
import { type Log, seededRandom, silentLog, systemClock } from '@gatehouse/kit';
import Database from 'better-sqlite3';
import { boxEvent } from '../../simulators/box-events.ts';
import { startMosquitto } from '../../test/support/brokers.ts';
import { rawClient } from '../../test/support/raw-client.ts';
import { Receiver } from '../receiver.ts';
import { SqliteReceiverStore } from '../sqlite-store.ts';
import type { ReceiverStore } from '../store.ts';

/** The real store, but its first commit waits until it is let go. */
function heldStore(file: string) {
  const store = SqliteReceiverStore.open(file);
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
  const apply: ReceiverStore['apply'] = async (batch, receivedAt) => {
    await held;
    return store.apply(batch, receivedAt);
  };
  return {
    letGo,
    store: new Proxy(store, { get: (of, name) => (name === 'apply' ? apply : bound(of, name)) }),
  };
}

function bound(of: SqliteReceiverStore, name: string | symbol): unknown {
  const value = Reflect.get(of, name, of);
  return typeof value === 'function' ? value.bind(of) : value;
}

test('what a receiver cannot commit yet waits in the broker: each of 6,000 events is delivered once and held', async (t) => {
  const count = 6000;
  const broker = await startMosquitto(t, ['max_queued_messages 0']);
  const file = join(scratchFolder(t), 'receiver.db');
  const { store, letGo } = heldStore(file);
  let up = false;
  const info: Log['info'] = (event) => {
    up ||= event === 'broker-link-up';
  };
  const shared = { clock: systemClock, random: seededRandom(1), log: { ...silentLog, info } };
  const login = { url: broker.url, clientId: 'receiver' };
  const receiver = new Receiver({ ...shared, login, topicPrefix: 'gatehouse', store });
  receiver.start();
  t.after(() => receiver.stop());
  await until('the receiver has subscribed', () => up);
  const box = await rawClient(t, broker.url);
  const of = { box: 'box-00001', epoch: 'epoch-0001', eventclass: 'door', settled: 0 } as const;
  const sent = Array.from({ length: count }, (_, i) =>
    box.publish('gatehouse/box-00001/events/door', boxEvent({ ...of, sequence: i + 1 })),
  );
  await Promise.all(sent);
  letGo();
  const db = new Database(file, { readonly: true });
  t.after(() => db.close());
  const held = db.prepare('SELECT count(*) AS n, sum(deliveries) AS deliveries FROM events');
  await until('all events are held', () => (held.get() as { n: number }).n === count);
  assert.deepEqual(held.get(), { n: count, deliveries: count });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventClass, eventTypes } from '@gatehouse/contracts';
import { type Program, scratchFolder, until } from '@gatehouse/harness';
import { openReader } from '../receiver/reader.ts';
import { startBox, startReceiver } from './support/box.ts';
import { startMosquitto } from './support/brokers.ts';
import { sharedPostgres } from './support/databases.ts';
import { comms, incident } from './support/events.ts';
import type { FakeRuntime } from './support/fake-runtime.ts';
import { startService } from './support/services.ts';

const each = 150;

const makeDatabase = sharedPostgres();

function fill(runtime: FakeRuntime, from: number, to: number): void {
  for (let n = from; n <= to; n++) {
    runtime.append('alarm', eventTypes.incident, { ...incident(n) });
    for (const eventclass of ['door', 'health', 'telemetry'] as const)
      runtime.append(eventclass, eventTypes.comms, { ...comms(`${eventclass}-${n}`) });
  }
}

test('one receiver for alarms beside two for the rest, each killed with -9 in the middle: nothing lost, nothing applied twice', async (t) => {
  const db = makeDatabase(t);
  const { url } = await startMosquitto(t);
  const args = ['--url', url, '--db', db, '--classes'];
  const rest = ['door,health', '--classes', 'telemetry'];
  const receivers = [];
  for (const classes of [['alarm'], rest, rest]) {
    const child = startService(t, 'receiver/main.ts', [...args, ...classes]);
    await child.said(/broker-link-up/);
    receivers.push(child);
  }
  const [alarms, general, other] = receivers as [Program, Program, Program];
  assert.match(alarms.output, /"leavesToOthers":\["door","health","telemetry"\]/);
  const { runtime } = await startBox(t, { url }, { window: 20, ackTimeoutMs: 300 });
  fill(runtime, 1, each);
  await until('some of all', () => EventClass.options.every((c) => runtime.acked(c) > 0));
  for (const child of [alarms, general]) {
    await child.kill();
    fill(runtime, runtime.last('alarm') + 1, runtime.last('alarm') + each);
    child.start();
    await child.said(/broker-link-up/);
  }
  const total = 3 * each;
  await until('all acknowledged', () => EventClass.options.every((c) => runtime.acked(c) === total));

  const reader = openReader(db);
  t.after(() => reader.close());
  const rows = await reader.list('events', 10_000);
  for (const eventclass of EventClass.options) {
    const found = rows.filter((row) => row.eventclass === eventclass).map((row) => row.sequence);
    assert.deepEqual([found.length, new Set(found).size], [total, total], eventclass);
  }
  const state = [...(await reader.list('incidents', 10_000)), ...(await reader.list('comms', 10_000))];
  assert.equal(state.length, 4 * total);
  assert.ok(state.every((row) => row.applied === 1));
  assert.deepEqual([await reader.list('gaps', 10), await reader.list('refused', 10)], [[], []]);
  assert.deepEqual(runtime.impossibleAcks, []);
  for (const child of [general, other]) await child.end('SIGTERM');
});

test('a class that no receiver takes stays on the box, which names it while the others are acknowledged; it goes as soon as one does', async (t) => {
  const broker = await startMosquitto(t);
  startReceiver(t, broker, scratchFolder(t), ['alarm', 'door']);
  const { runtime, uplink } = await startBox(t, broker, { ackTimeoutMs: 200 });
  fill(runtime, 1, 5);
  await until('taken', () => runtime.acked('alarm') === 5 && runtime.acked('door') === 5);
  let n = 5;
  const told = await until('told', () => {
    // Alarms that are acknowledged all the while do not hide it.
    runtime.append('alarm', eventTypes.incident, { ...incident(++n) });
    return uplink.status().detail;
  });
  assert.match(told, /^UPLINK_UNACKNOWLEDGED: .* class health .* receiver of the platform takes this class/);
  assert.deepEqual([runtime.acked('health'), runtime.acked('telemetry')], [0, 0]);
  startReceiver(t, broker, scratchFolder(t), ['health', 'telemetry']);
  await until('all', () => runtime.acked('health') === 5 && runtime.acked('telemetry') === 5);
  await until('no longer told', () => uplink.status().detail === undefined);
});

test('a receiver of all classes beside one for alarms stores nothing twice: an alarm only comes to both', async (t) => {
  const db = makeDatabase(t);
  const { url } = await startMosquitto(t);
  for (const classes of [[], ['--classes', 'alarm']]) {
    const child = startService(t, 'receiver/main.ts', ['--url', url, '--db', db, ...classes]);
    await child.said(/broker-link-up/);
  }
  const { runtime } = await startBox(t, { url });
  fill(runtime, 1, 40);
  await until('acknowledged', () => EventClass.options.every((c) => runtime.acked(c) === 40));
  const reader = openReader(db);
  t.after(() => reader.close());
  const deliveries = async (eventclass: string) =>
    (await reader.list('events', 1000))
      .filter((row) => row.eventclass === eventclass)
      .map((row) => Number(row.deliveries));
  await until('both had it', async () => (await deliveries('alarm')).every((count) => count >= 2));
  // A busy machine may see one resent; that all were would be a receiver too many.
  assert.ok((await deliveries('door')).includes(1));
  assert.ok((await reader.list('incidents', 1000)).every((row) => row.applied === 1));
});

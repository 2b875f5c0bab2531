import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventTypes, topics, WireEvent } from '@gatehouse/contracts';
import { scratchFolder, until } from '@gatehouse/harness';
import { listArrived } from '../receiver/query.ts';
import { startBox, startReceiver } from './support/box.ts';
import { startAedes, startMosquitto } from './support/brokers.ts';
import { comms, incident } from './support/events.ts';
import { FakeRuntime } from './support/fake-runtime.ts';
import { eventFault } from './support/published.ts';
import { rawClient } from './support/raw-client.ts';

/** One contract, two brokers: what the uplink promises does not depend on MQTT 5. */
const brokers = [
  { name: 'aedes', protocol: 4 as const, start: startAedes },
  { name: 'mosquitto', protocol: 5 as const, start: startMosquitto },
];
const ackTopic = topics.acks('gatehouse', 'box-1');

for (const { name, protocol, start } of brokers) {
  test(`${name}: speaks protocol ${protocol}, delivers, and deletes only what the receiver has committed`, async (t) => {
    const broker = await start(t);
    const { runtime } = await startBox(t, broker, { ackTimeoutMs: 200 });
    for (let n = 1; n <= 50; n++) runtime.append('alarm', eventTypes.incident, { ...incident(n) });
    await until('connected', () => runtime.statuses.find((s) => s.state === 'connected'));
    assert.equal(runtime.statuses.find((s) => s.state === 'connected')?.protocol, protocol);
    assert.equal(runtime.waiting('alarm'), 50, 'nothing is deleted while nobody acknowledges');
    const { file } = startReceiver(t, broker);
    await until('outbox empty', () => runtime.waiting('alarm') === 0);
    assert.equal(listArrived(file, 'incidents').length, 50);
    assert.deepEqual(runtime.impossibleAcks, []);
    runtime.append('health', eventTypes.comms, { ...comms('gate') });
    await until('later event', () => runtime.waiting('health') === 0);
    assert.deepEqual(
      listArrived(file, 'streams').map((s) => s.contiguous),
      [50, 1],
    );
  });

  test(`${name}: an alarm of now goes ahead of a backlog of alarms, and is applied once`, async (t) => {
    const broker = await start(t);
    const watcher = await rawClient(t, broker.url);
    const runtime = await FakeRuntime.start(t, 'box-1', scratchFolder(t));
    const longAgo = new Date(Date.now() - 3_600_000).toISOString();
    for (let n = 1; n <= 400; n++) runtime.append('alarm', eventTypes.incident, { ...incident(n) }, longAgo);
    // Nobody acknowledges yet: the backlog stands still with its window in flight.
    await startBox(t, broker, { window: 20, ackTimeoutMs: 200, runtime });
    await until('the window is full', () => watcher.events().length >= 20);
    const { id } = runtime.append('alarm', eventTypes.incident, { ...incident(401) });
    await until('the alarm of now', () => watcher.events().some((event) => event.id === id));
    const ahead = watcher.events().find((event) => event.id === id);
    assert.equal(ahead?.historical, undefined);
    assert.ok((ahead?.settled ?? 0) <= 20);
    const { file } = startReceiver(t, broker);
    await until('outbox empty', () => runtime.waiting('alarm') === 0);
    assert.equal(listArrived(file, 'incidents').length, 401);
    assert.deepEqual(
      listArrived(file, 'streams').map(({ contiguous }) => contiguous),
      [401],
    );
    assert.deepEqual(listArrived(file, 'gaps'), []);
  });

  test(`${name}: a PUBACK deletes nothing; events are resent until somebody acknowledges`, async (t) => {
    const broker = await start(t);
    const watcher = await rawClient(t, broker.url);
    const { runtime } = await startBox(t, broker, { ackTimeoutMs: 30 });
    const { id } = runtime.append('door', eventTypes.comms, { ...comms('gate') });
    await until('sent three times', () => watcher.events().length >= 3);
    assert.deepEqual(new Set(watcher.events().map((e) => e.id)), new Set([id]));
    assert.equal(runtime.waiting('door'), 1);
    await watcher.publish(
      ackTopic,
      JSON.stringify({ boxid: 'box-1', epoch: runtime.epoch, eventclass: 'door', upTo: 1 }),
    );
    await until('deleted', () => runtime.waiting('door') === 0);
  });

  test(`${name}: an acknowledgement that is not ours moves nothing`, async (t) => {
    const broker = await start(t);
    const watcher = await rawClient(t, broker.url);
    const { runtime } = await startBox(t, broker);
    for (let n = 1; n <= 3; n++) runtime.append('alarm', eventTypes.incident, { ...incident(n) });
    await until('sent', () => watcher.events().length === 3);
    const good = { boxid: 'box-1', epoch: runtime.epoch, eventclass: 'alarm', upTo: 2 };
    const hostile = [
      { ...good, upTo: 4 },
      { ...good, upTo: 1e15 },
      { ...good, upTo: -1 },
      { ...good, boxid: 'box-2' },
      { ...good, epoch: 'epoch-0000' },
      { ...good, eventclass: 'telemetry' },
      { ...good, extra: 1 },
      { ...good, padding: 'x'.repeat(2000) },
      [good],
      null,
    ].map((body) => JSON.stringify(body));
    for (const body of [...hostile, '', '{', '\u0000', '1'.repeat(5000)])
      await watcher.publish(ackTopic, body);
    await watcher.publish(ackTopic, Buffer.from([0xff, 0xfe, 0x00, 0xd8]));
    // Same connection, same topic, behind them: once this one has arrived, the others have been dealt with.
    await watcher.publish(ackTopic, JSON.stringify({ ...good, upTo: 1 }));
    await until('the good one', () => runtime.acked('alarm') === 1);
    assert.deepEqual(runtime.acks, [{ epoch: good.epoch, eventclass: 'alarm', upTo: 1 }]);
  });

  test(`${name}: a retained acknowledgement of another day is refused`, async (t) => {
    const broker = await start(t);
    const watcher = await rawClient(t, broker.url);
    const retained = { boxid: 'box-1', epoch: 'epoch-0001', eventclass: 'alarm', upTo: 1 };
    await watcher.publish(ackTopic, JSON.stringify(retained), true);
    const lines: string[] = [];
    const log = {
      ...silent,
      warn: (event: string, fields = {}) => lines.push(JSON.stringify({ event, ...fields })),
    };
    const { runtime } = await startBox(t, broker, { log: { ...log, with: () => log } as never });
    runtime.append('alarm', eventTypes.incident, { ...incident(1) });
    await until('sent', () => watcher.events().length === 1);
    await until('refused', () => lines.some((line) => line.includes('"retained"')));
    assert.equal(runtime.waiting('alarm'), 1);
  });

  test(`${name}: what waited over a minute is marked historical, its id unchanged, and live alarms overtake it`, async (t) => {
    const broker = await start(t);
    const watcher = await rawClient(t, broker.url);
    const { runtime } = await startBox(t, broker, { window: 10, ackTimeoutMs: 60_000 });
    const old = '2026-01-01T00:00:00+08:00';
    for (let n = 1; n <= 30; n++) runtime.append('health', eventTypes.comms, { ...comms(`d-${n}`) }, old);
    await until('window full', () => watcher.events().length === 8);
    const alarm = runtime.append('alarm', eventTypes.incident, { ...incident(1) });
    await until('alarm', () => watcher.events().find((e) => e.id === alarm.id));
    for (const event of watcher.events()) {
      WireEvent.parse(event);
      assert.equal(eventFault(event), undefined);
      assert.equal(event.historical, event.eventclass === 'health' ? true : undefined);
      assert.equal(event.id, `box-1/epoch-0001/${event.eventclass}/${event.sequence}`);
    }
    assert.equal(watcher.events().filter((e) => e.eventclass === 'health').length, 8);
  });

  test(`${name}: the runtime may be away and come back, also with a restored store`, async (t) => {
    const broker = await start(t);
    const { runtime } = await startBox(t, broker, { ackTimeoutMs: 200 });
    const { file } = startReceiver(t, broker);
    runtime.append('alarm', eventTypes.incident, { ...incident(1) });
    await until('first', () => runtime.waiting('alarm') === 0);
    await runtime.down();
    runtime.append('alarm', eventTypes.incident, { ...incident(2) });
    await runtime.listen();
    await until('second', () => runtime.waiting('alarm') === 0);
    await runtime.down();
    runtime.restore('epoch-0002');
    runtime.append('alarm', eventTypes.incident, { ...incident(3) });
    await runtime.listen();
    await until('third', () => runtime.waiting('alarm') === 0);
    assert.equal(listArrived(file, 'incidents').length, 3);
    assert.deepEqual(listArrived(file, 'gaps'), []);
  });
}

const silent = { debug: () => undefined, info: () => undefined, error: () => undefined };

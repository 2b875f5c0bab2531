import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventTypes, topics, wireId, wireSource } from '@gatehouse/contracts';
import { until } from '@gatehouse/harness';
import { seededRandom } from '@gatehouse/kit';
import { openReader } from '../receiver/reader.ts';
import { startMosquitto } from './support/brokers.ts';
import { bothDatabases } from './support/databases.ts';
import { incident } from './support/events.ts';
import { rawClient } from './support/raw-client.ts';
import { startService } from './support/services.ts';

const topic = topics.events('gatehouse', 'box-1', 'alarm');

function sound(sequence: number, changes: Record<string, unknown> = {}): Record<string, unknown> {
  const epoch = typeof changes.epoch === 'string' ? changes.epoch : 'epoch-0001';
  return {
    specversion: '1.0',
    id: wireId('box-1', epoch, 'alarm', sequence),
    source: wireSource('box-1'),
    type: eventTypes.incident,
    time: '2026-11-23T18:30:00.000+08:00',
    datacontenttype: 'application/json',
    boxid: 'box-1',
    epoch,
    eventclass: 'alarm',
    sequence,
    data: incident(sequence),
    ...changes,
  };
}

type Hostile = readonly [why: string, payload: string | Buffer, topic?: string];

/** Messages of a broken or taken-over box, each with the reason for its refusal. */
function hostile(random: () => number): Hostile[] {
  const text = JSON.stringify(sound(900));
  const cut = Math.floor(random() * (text.length - 2)) + 1;
  const noise = Buffer.from(Array.from({ length: 40 }, () => 0x80 + Math.floor(random() * 0x80)));
  return [
    ['malformed', text.slice(0, cut)],
    ['malformed', JSON.stringify(sound(901, { sequence: -1 }))],
    ['malformed', JSON.stringify(sound(902, { sequence: 1e300 }))],
    ['malformed', JSON.stringify(sound(903, { type: 'zero \u0000' }))],
    ['malformed', JSON.stringify(sound(904, { epoch: 'epoch \ud800 half' }))],
    ['malformed', JSON.stringify(sound(905, { time: 'yesterday' }))],
    [
      'malformed',
      JSON.stringify(sound(906)).replace(
        '"data":{',
        `"data":{"deep":${'['.repeat(9000)}${']'.repeat(9000)},`,
      ),
    ],
    ['not-utf8', noise],
    ['not-utf8', Buffer.concat([Buffer.from(text.slice(0, -2)), Buffer.from([0xff]), Buffer.from('}}')])],
    ['wrong-topic', JSON.stringify(sound(907)), topics.events('gatehouse', 'box-2', 'alarm')],
    ['wrong-topic', JSON.stringify(sound(908)), topics.events('gatehouse', 'box-1', 'door')],
    ['wrong-identity', JSON.stringify(sound(909, { id: wireId('box-1', 'epoch-0001', 'alarm', 1) }))],
    ['wrong-identity', JSON.stringify(sound(910, { source: wireSource('box-2') }))],
  ];
}

for (const [name, makeDatabase] of Object.entries(bothDatabases()))
  test(`${name}: hostile messages among sound ones are counted, nothing of them is stored or acknowledged, the rest arrives`, async (t) => {
    const db = makeDatabase(t);
    const { url } = await startMosquitto(t);
    const box = await rawClient(t, url, 5);
    await box.publish(topic, JSON.stringify(sound(800)), true);
    const receiver = startService(t, 'receiver/main.ts', ['--url', url, '--db', db]);
    await receiver.said(/broker-link-up/);
    const random = seededRandom(77);
    const expected = new Map<string, number>();
    const rounds = 4;
    for (let round = 1; round <= rounds; round++) {
      for (const [why, payload, on = topic] of hostile(random)) {
        expected.set(why, (expected.get(why) ?? 0) + 1);
        await box.publish(on, payload);
      }
      // Over the broker's and the receiver's limits alike: never handed over, and the connection stays.
      await box.publish(topic, Buffer.alloc(70_000, 0x20));
      await box.publish(topic, JSON.stringify(sound(round)));
      await box.publish(topic, JSON.stringify(sound(round)));
    }
    const acks = () =>
      box.seen
        .filter((m) => m.topic === topics.acks('gatehouse', 'box-1'))
        .map((m) => JSON.parse(m.payload.toString('utf8')).upTo);
    await until('all sound ones acknowledged', () => acks().includes(rounds));
    const reader = openReader(db);
    t.after(() => reader.close());
    // MQTT 5.0, 3.3.1.3: nothing retained goes to a shared subscription, yet mosquitto 2.0.11 sends it;
    // stored it must not be.
    const counted = async () =>
      (await reader.list('refused', 20))
        .filter((r) => r.why !== 'retained')
        .map((r) => [r.why, r.count] as const);
    const wanted = [...expected].sort();
    await until(
      'counted',
      async () => JSON.stringify((await counted()).toSorted()) === JSON.stringify(wanted),
    ).catch(async () => assert.deepEqual((await counted()).toSorted(), wanted));
    const held = async () =>
      (await reader.list('events', 100))
        .map((row) => [row.sequence, row.deliveries])
        .sort((a, b) => Number(a[0]) - Number(b[0]));
    const twice = Array.from({ length: rounds }, (_, i) => [i + 1, 2]);
    // The first copy of the last one is acknowledged while its second is on its way.
    await until(
      'the second copies',
      async () => JSON.stringify(await held()) === JSON.stringify(twice),
    ).catch(async () => assert.deepEqual(await held(), twice));
    assert.ok(acks().every((upTo) => upTo <= rounds));
    assert.equal(await receiver.end('SIGTERM'), 0);
  });

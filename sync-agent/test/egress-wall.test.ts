import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { eventTypes, type WireEvent, wireId } from '@gatehouse/contracts';
import { until } from '@gatehouse/harness';
import type { Inspector } from '../uplink/egress.ts';
import { startBox } from './support/box.ts';
import { startMosquitto } from './support/brokers.ts';
import { incident } from './support/events.ts';
import { rawClient } from './support/raw-client.ts';

/** First show that the search finds what is planted when the wall is off. */
const wallOff: Inspector = (row) => ({ ok: true, event: row as WireEvent });

/**
 * A picture's worth of bytes that is easy to search for, in each of the ways that it could be written into an
 * event.
 */
const canary = `CANARY${randomBytes(300)
  .toString('base64')
  .replaceAll(/[^A-Za-z0-9]/g, 'x')}`;
const smuggled: readonly Record<string, unknown>[] = [
  { ...incident(1), face: canary },
  { ...incident(2), zone: canary },
  { ...incident(3), evidence: { ...incident(3).evidence, still: canary } },
  {
    ...incident(4),
    evidence: { ...incident(4).evidence, gates: [{ name: 'dwell', value: canary, passed: true }] },
  },
  {
    ...incident(5),
    evidence: { ...incident(5).evidence, gates: [{ name: canary.slice(0, 60), value: 1, passed: true }] },
  },
  { ...incident(6), [canary]: 1 },
  {
    ...incident(7),
    evidence: {
      ...incident(7).evidence,
      gates: [{ name: 'dwell', value: canary.slice(0, 40), passed: true }],
    },
  },
];

async function sendSmuggled(t: TestContext, inspect?: Inspector) {
  const broker = await startMosquitto(t);
  const watcher = await rawClient(t, broker.url);
  const { runtime } = await startBox(t, broker, inspect ? { inspect } : {});
  for (const data of smuggled) runtime.append('alarm', eventTypes.incident, data);
  runtime.append('alarm', eventTypes.incident, { ...incident(99) });
  await until('all sent', () => new Set(watcher.events().map((e) => e.sequence)).size > smuggled.length);
  const onTheWire = watcher.seen.map((m) => `${m.topic} ${m.payload.toString('utf8')}`).join('\n');
  // The newest may have gone ahead of those before it, too.
  const bySequence = new Map(watcher.events().map((event) => [event.sequence, event]));
  const events = [...bySequence.values()].sort((a, b) => a.sequence - b.sequence);
  return { runtime, events, found: onTheWire.split(canary.slice(0, 30)).length - 1 };
}

test('without the allow-list every planted canary is found on the wire: the search works', async (t) => {
  const { found } = await sendSmuggled(t, wallOff);
  assert.equal(found, smuggled.length);
});

test('with the allow-list none is: each is withheld, reported to the runtime, and the sound event behind flows', async (t) => {
  const { runtime, events, found } = await sendSmuggled(t);
  assert.equal(found, 0);
  assert.deepEqual(
    events.map((e) => e.type),
    [...smuggled.map(() => eventTypes.withheld), eventTypes.incident],
  );
  for (const event of events.slice(0, -1))
    assert.deepEqual(Object.keys(event.data), ['reason', 'type'], 'nothing of the content but its type');
  assert.deepEqual(
    runtime.refusals.map((r) => r.sequence),
    [1, 2, 3, 4, 5, 6, 7],
  );
  assert.ok(!JSON.stringify(runtime.refusals).includes(canary.slice(0, 20)), 'nor in the report');
});

test('a row that is no event at all, is huge, or is another box’s does not stop the queue', async (t) => {
  const broker = await startMosquitto(t);
  const watcher = await rawClient(t, broker.url);
  const { runtime } = await startBox(t, broker);
  runtime.appendRaw('door', null);
  runtime.appendRaw('door', 'text');
  runtime.appendRaw('door', { sequence: 3, data: 'x'.repeat(5 * 1024 * 1024) });
  const other = runtime.append('door', eventTypes.comms, { device: 'gate', comms: 'ok' });
  Object.assign(other, {
    boxid: 'box-2',
    source: 'urn:gatehouse:box:box-2',
    id: wireId('box-2', runtime.epoch, 'door', 4),
  });
  runtime.append('door', eventTypes.comms, { device: 'gate', comms: 'lost' });
  await until('all sent', () => watcher.events().length === 5);
  assert.deepEqual(
    watcher.events().map((e) => [e.sequence, e.type, e.data.reason]),
    [
      [1, eventTypes.withheld, 'envelope'],
      [2, eventTypes.withheld, 'envelope'],
      [3, eventTypes.withheld, 'too-large'],
      [4, eventTypes.withheld, 'envelope'],
      [5, eventTypes.comms, undefined],
    ],
  );
  assert.ok(watcher.events().every((e) => e.boxid === 'box-1'));
});

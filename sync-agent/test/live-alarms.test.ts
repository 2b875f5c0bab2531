import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventTypes } from '@gatehouse/contracts';
import { until } from '@gatehouse/harness';
import { startBox } from './support/box.ts';
import { startMosquitto } from './support/brokers.ts';
import { incident } from './support/events.ts';
import { rawClient } from './support/raw-client.ts';
import { startWebhookBox } from './support/webhook.ts';

const yesterday = '2026-01-01T00:00:00+08:00';

test('an alarm of now goes ahead of a thousand old alarms whose acknowledgement is still awaited', async (t) => {
  const broker = await startMosquitto(t);
  const watcher = await rawClient(t, broker.url);
  const { runtime } = await startBox(t, broker, { window: 10, ackTimeoutMs: 60_000 });
  for (let n = 1; n <= 1000; n++) runtime.append('alarm', eventTypes.incident, { ...incident(n) }, yesterday);
  await until('window full', () => watcher.events().length === 10);
  const alarm = runtime.append('alarm', eventTypes.incident, { ...incident(1001) });
  const ahead = await until('the live one', () => watcher.events().find(({ id }) => id === alarm.id));
  assert.deepEqual([ahead.sequence, ahead.historical, ahead.settled], [1001, undefined, 0]);
  assert.equal(watcher.events().length, 11, 'and nothing else');
  assert.equal(runtime.waiting('alarm'), 1001, 'nothing is settled by it');
});

test('what went ahead is sent again in its turn, and arrives once by its id', async (t) => {
  const { platform, runtime } = await startWebhookBox(t, {}, { maxKbps: 2000 });
  for (let n = 1; n <= 600; n++) runtime.append('alarm', eventTypes.incident, { ...incident(n) }, yesterday);
  await until('under way', () => platform.requests.length > 0);
  for (let n = 601; n <= 603; n++) runtime.append('alarm', eventTypes.incident, { ...incident(n) });
  await until('gone', () => runtime.waiting('alarm') === 0);
  assert.equal(platform.events.size, 603);
  assert.deepEqual(runtime.impossibleAcks, []);
});

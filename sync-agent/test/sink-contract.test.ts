import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { EventClass, eventTypes, topics, type WireAck } from '@gatehouse/contracts';
import { until } from '@gatehouse/harness';
import { WebhookPlatform } from '../simulators/webhook-platform.ts';
import { mqttSink, startBox } from './support/box.ts';
import { startMosquitto } from './support/brokers.ts';
import { comms, incident } from './support/events.ts';
import { eventFault } from './support/published.ts';
import { rawClient } from './support/raw-client.ts';
import { startWebhook } from './support/webhook.ts';

/** One contract, two ways up. `acks` decides what the platform says; `away` takes it out of reach. */
async function mqtt(t: TestContext) {
  const broker = await startMosquitto(t);
  const platform = new WebhookPlatform();
  const state = { acks: (honest: WireAck[]) => honest };
  const connectPlatform = async () => {
    const client = await rawClient(t, broker.url);
    let done = 0;
    const look = setInterval(() => {
      for (const { topic, payload } of client.seen.slice(done)) {
        done++;
        if (!topic.includes('/events/')) continue;
        for (const ack of state.acks(platform.store([JSON.parse(payload.toString())]) as WireAck[]))
          client.publish(topics.acks('gatehouse', 'box-1'), JSON.stringify(ack)).catch(() => undefined);
      }
    }, 2);
    t.after(() => clearInterval(look));
  };
  await connectPlatform();
  const back = async () => {
    await broker.restart();
    await connectPlatform();
  };
  const away = () => broker.kill();
  return { platform, state, sink: mqttSink('box-1', broker.url), url: broker.url, away, back };
}

async function webhook(t: TestContext) {
  const { platform, sink, url } = await startWebhook(t);
  const state = { acks: (honest: WireAck[]) => honest };
  platform.answer = ({ body }, response) => {
    response.end(JSON.stringify({ acks: state.acks(platform.store(JSON.parse(body)) as WireAck[]) }));
    return true;
  };
  return { platform, state, sink, url, away: () => platform.close(), back: () => platform.listen() };
}

for (const [name, start] of Object.entries({ mqtt, webhook })) {
  const setUp = async (t: TestContext) => {
    const way = await start(t);
    return { ...way, ...(await startBox(t, way, { sink: way.sink, ackTimeoutMs: 300 })) };
  };

  test(`${name}: every class arrives, holds by the published schemas, and leaves the outbox`, async (t) => {
    const { platform, runtime } = await setUp(t);
    for (let n = 1; n <= 250; n++)
      for (const eventclass of EventClass.options)
        runtime.append(eventclass, eventTypes.comms, { ...comms(`d-${n}`) });
    await until('outbox empty', () => EventClass.options.every((c) => runtime.acked(c) === 250));
    assert.equal(platform.events.size, 1000);
    for (const event of platform.events.values()) assert.equal(eventFault(event), undefined);
    assert.deepEqual(runtime.impossibleAcks, []);
  });

  test(`${name}: what was sent but not acknowledged stays, and is acknowledged in part as the platform says`, async (t) => {
    const { platform, runtime, state } = await setUp(t);
    state.acks = (honest) => honest.map((ack) => ({ ...ack, upTo: 0 }));
    for (let n = 1; n <= 5; n++) runtime.append('alarm', eventTypes.incident, { ...incident(n) });
    await until('all there', () => platform.events.size === 5);
    assert.equal(runtime.waiting('alarm'), 5);
    state.acks = (honest) => honest.map((ack) => ({ ...ack, upTo: Math.min(3, ack.upTo) }));
    await until('three gone', () => runtime.waiting('alarm') === 2);
    state.acks = (honest) => honest;
    await until('all gone', () => runtime.waiting('alarm') === 0);
  });

  test(`${name}: acknowledgements of another box, another epoch and numbers that never were move nothing`, async (t) => {
    const { platform, runtime, state } = await setUp(t);
    state.acks = (honest) =>
      honest.flatMap((ack) => [
        { ...ack, boxid: 'box-2' },
        { ...ack, epoch: 'epoch-0000' },
        { ...ack, upTo: ack.upTo + 1 },
        { ...ack, upTo: Number.MAX_SAFE_INTEGER },
      ]);
    for (let n = 1; n <= 3; n++) runtime.append('door', eventTypes.comms, { ...comms(`d-${n}`) });
    await until('all there', () => platform.events.size === 3);
    const sent = platform.requests.length;
    await until('sent again', () => platform.requests.length > sent || name === 'mqtt');
    assert.equal(runtime.waiting('door'), 3);
    assert.deepEqual(runtime.acks, []);
    state.acks = (honest) => honest;
    await until('gone', () => runtime.waiting('door') === 0);
  });

  test(`${name}: a platform that goes away in the middle and comes back gets everything`, async (t) => {
    const { platform, runtime, away, back } = await setUp(t);
    for (let n = 1; n <= 50; n++) runtime.append('alarm', eventTypes.incident, { ...incident(n) });
    await until('some', () => runtime.acked('alarm') > 0);
    await away();
    for (let n = 51; n <= 100; n++) runtime.append('alarm', eventTypes.incident, { ...incident(n) });
    await until('down', () => runtime.statuses.at(-1)?.state === 'down');
    await back();
    await until('outbox empty', () => runtime.waiting('alarm') === 0);
    assert.equal(platform.events.size, 100);
  });
}

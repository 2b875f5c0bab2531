import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { eventTypes, type UplinkStatus } from '@gatehouse/contracts';
import { scratchFolder, until } from '@gatehouse/harness';
import { LocalClient, type Log, ManualClock, seededRandom, silentLog } from '@gatehouse/kit';
import { Commands } from '../commands/commands.ts';
import { Desired } from '../desired/desired.ts';
import { Receiver } from '../receiver/receiver.ts';
import { SqliteReceiverStore } from '../receiver/sqlite-store.ts';
import { mqttSink, startBox } from './support/box.ts';
import { startMosquitto } from './support/brokers.ts';
import { incident } from './support/events.ts';
import { FakeRuntime } from './support/fake-runtime.ts';
import { LinkProxy } from './support/link-proxy.ts';
import { noisyJpeg, startSender } from './support/media.ts';
import { startWebhook } from './support/webhook.ts';

/** From the last word of a peer to the line that people see. */
const toldWithinMs = 30_000;

/** A runtime, and the connections of a box through one proxy, by a clock that is moved by hand. */
async function silentBox(t: TestContext) {
  const broker = await startMosquitto(t);
  const proxy = await LinkProxy.start(t, broker.port);
  const clock = new ManualClock();
  const runtime = await FakeRuntime.start(t, 'box-1', scratchFolder(t));
  const way = (name: string) => ({
    ...{ box: 'box-1', topicPrefix: 'gatehouse', clock, random: seededRandom(5), log: silentLog },
    login: { url: proxy.mqttUrl, clientId: `gatehouse-box-1-${name}` },
    runtime: new LocalClient('runtime', runtime.socket),
  });
  return { broker, proxy, clock, runtime, way };
}

/** Moves the clock second by second until this side knows; returns how long that took. */
async function knownAfter(clock: ManualClock, known: () => boolean): Promise<number> {
  const fromMs = clock.monotonicMs();
  while (!known() && clock.monotonicMs() - fromMs < 120_000) await clock.advance(1_000);
  return clock.monotonicMs() - fromMs;
}

const last = (runtime: FakeRuntime): UplinkStatus | undefined => runtime.statuses.at(-1);

test('a broker that falls silent is told as such within 30 s, also while events go out', async (t) => {
  const { proxy, clock, runtime } = await silentBox(t);
  const sink = mqttSink('box-1', proxy.mqttUrl, clock);
  const { uplink } = await startBox(t, { url: '' }, { runtime, sink, clock });
  await until('up', () => last(runtime)?.state === 'connected');
  proxy.fallSilent();
  for (let n = 1; n <= 20; n++) runtime.append('alarm', eventTypes.incident, { ...incident(n) });
  const tookMs = await knownAfter(clock, () => uplink.status().state === 'down');
  assert.ok(tookMs <= toldWithinMs, `${tookMs} ms`);
  const told = await until('told', () => last(runtime)?.state === 'down' && last(runtime));
  assert.match(told.detail ?? '', /^BROKER_SILENT: /);
});

test('silence on the connections for commands and for desired state is told within 30 s, each by its name', async (t) => {
  const { broker, proxy, clock, runtime, way } = await silentBox(t);
  const commands = new Commands(way('commands'));
  const desired = new Desired(way('desired'));
  const sink = mqttSink('box-1', broker.url, clock);
  await startBox(t, broker, { runtime, sink, clock, commands, beside: [desired] });
  for (const part of [commands, desired]) {
    part.start();
    t.after(() => part.stop());
  }
  await until('up', () => {
    const { state, commands: down } = last(runtime) ?? {};
    return state === 'connected' && down?.state === 'connected' && desired.isUp;
  });
  proxy.fallSilent();
  const known = () => commands.status().state === 'down' && desired.health().length > 0;
  const tookMs = await knownAfter(clock, known);
  assert.ok(tookMs <= toldWithinMs, `${tookMs} ms`);
  const told = await until('told', () => {
    const status = last(runtime);
    return status?.commands?.state === 'down' && status.detail?.startsWith('UPLINK_DESIRED_DOWN') && status;
  });
  assert.equal(told.state, 'connected', 'events go up as before');
  assert.match(told.commands?.detail ?? '', /^BROKER_SILENT: /);
  assert.match(told.detail ?? '', /BROKER_SILENT/);
});

test('a webhook that keeps a request waiting is told within 30 s, however long it is given to answer', async (t) => {
  const clock = new ManualClock();
  const { platform, sink } = await startWebhook(t, { clock, timeoutMs: 300_000 });
  platform.answer = () => true;
  const { runtime, uplink } = await startBox(t, { url: '' }, { sink, clock });
  await until('up', () => last(runtime)?.state === 'connected');
  runtime.append('alarm', eventTypes.incident, { ...incident(1) });
  await until('asked', async () => {
    await clock.advance(0);
    return platform.requests.length === 1;
  });
  const tookMs = await knownAfter(clock, () => uplink.status().detail !== undefined);
  // This side's knowledge is in the next report at the latest, ten seconds after the one before.
  await clock.advance(10_000);
  assert.ok(tookMs + 10_000 <= toldWithinMs, `${tookMs} ms`);
  const told = await until('told', () => runtime.statuses.find(({ detail }) => detail !== undefined));
  assert.equal(told.state, 'connected');
  assert.match(told.detail ?? '', /^WEBHOOK_SLOW: .* for \d+ s/);
});

test('a media server that says nothing is told within 30 s', async (t) => {
  const broker = await startMosquitto(t);
  const server = createServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const clock = new ManualClock();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { runtime, sender } = await startSender(t, url, { clock, timeoutMs: undefined });
  await startBox(t, broker, { runtime, clock, beside: [sender], sink: mqttSink('box-1', broker.url, clock) });
  await until('up', () => last(runtime)?.state === 'connected');
  runtime.addPicture(await noisyJpeg());
  await until('taken', async () => {
    await clock.advance(10);
    return runtime.picturesGiven === 1;
  });
  const tookMs = await knownAfter(clock, () => sender.health().length > 0);
  assert.ok(tookMs <= toldWithinMs, `${tookMs} ms`);
  await until('told', () => last(runtime)?.detail?.startsWith('MEDIA_SILENT: '));
});

test('a receiver whose broker falls silent says so within 30 s, and is there again when the broker is', async (t) => {
  const { proxy, clock } = await silentBox(t);
  const lines: string[] = [];
  const note = (event: string, fields: Readonly<Record<string, unknown>> = {}) => {
    const { error } = fields;
    lines.push(`${event} ${error instanceof Error && 'code' in error ? String(error.code) : ''}`.trim());
  };
  const log: Log = { ...silentLog, info: note, warn: note };
  const receiver = new Receiver({
    ...{ topicPrefix: 'gatehouse', clock, random: seededRandom(2), log },
    login: { url: proxy.mqttUrl, clientId: 'receiver' },
    store: SqliteReceiverStore.open(join(scratchFolder(t), 'receiver.db')),
  });
  receiver.start();
  t.after(() => receiver.stop());
  await until('up', () => lines.includes('broker-link-up'));
  proxy.fallSilent();
  const tookMs = await knownAfter(clock, () => lines.includes('broker-link-down BROKER_SILENT'));
  assert.ok(tookMs <= toldWithinMs, `${tookMs} ms`);
  proxy.speakAgain();
  await until('up again', async () => {
    await clock.advance(100);
    return lines.filter((line) => line === 'broker-link-up').length === 2;
  });
});

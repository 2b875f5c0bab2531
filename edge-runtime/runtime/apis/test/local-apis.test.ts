import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import {
  type DesiredMessage,
  driversForRuntime,
  type IncidentChange,
  maxDesiredBodyBytes,
  maxDesiredBytes,
  OutboxHead,
  type Prompt,
  TrackFrame,
  WireEvent,
} from '@gatehouse/contracts';
import { replayTracks } from '@gatehouse/incidents';
import {
  LocalClient,
  type LocalServer,
  ManualClock,
  readEventStream,
  type StreamEvent,
  silentLog,
} from '@gatehouse/kit';
import { apiClient } from '@gatehouse/local-api';
import { DeviceStates } from '../../devices/device-states.ts';
import { Hub } from '../../hub.ts';
import { siteView } from '../../site/site-view.ts';
import { frame, healthsOf, startRules, temporaryFolder, testSite } from '../../test/fixtures.ts';
import { UplinkState } from '../../upstream/uplink-state.ts';
import { cliApi } from '../cli-api.ts';
import { flowsApi } from '../flows-api.ts';
import { syncApi } from '../sync-api.ts';

const commands = { rows: 0, uncovered: 0 };
const noMedia = { next: () => undefined, content: () => Buffer.alloc(0), ended: () => undefined };

/** The runtime's APIs on a real store, over a real socket, with two incidents in it. */
async function serve(t: TestContext) {
  const folder = temporaryFolder(t);
  const bench = startRules(folder);
  t.after(() => bench.stop());
  const clock = new ManualClock();
  const { store } = bench;
  const changes = new Hub<IncidentChange>(() => undefined);
  const prompts = new Hub<Prompt>(() => undefined);
  const health = healthsOf(clock, {}, folder);
  const uplink = new UplinkState(store, health.peers, clock, silentLog);
  const devices = new DeviceStates({
    site: testSite(),
    drivers: apiClient(driversForRuntime, { socket: join(folder, 'none') }),
    clock,
    log: silentLog,
  });
  await bench.play(0, 40);
  await bench.play(40, 60, false);
  const at = (name: string) => join(folder, name, 'api.sock');
  const listen = async (name: string, api: Pick<LocalServer, 'start' | 'stop'>) => {
    await api.start();
    t.after(() => api.stop());
    return new LocalClient('runtime', at(name));
  };
  const verifyEditorToken = async (token: string) =>
    token === 'good' ? { user: 'li', role: 'installer' as const } : undefined;
  return {
    bench,
    clock,
    store,
    changes,
    prompts,
    health,
    uplink,
    cli: await listen(
      'c',
      cliApi({
        ...{ store, health, tracks: bench.tracks, log: silentLog, socket: at('c') },
        ...{ cameras: () => [], devices: () => [], inputs: () => [], sensors: () => [] },
        fire: () => ({ latched: false, active: [], unknown: [] }),
        verifyAudit: async () => ({ intact: true, entries: 0, head: '', commands }),
        setupCode: async () => undefined,
      }),
    ),
    sync: await listen(
      's',
      syncApi({
        ...{ store, uplink, clock, log: silentLog, socket: at('s') },
        platform: { take: async () => ({}) },
        desired: { take: () => ({ taken: false }) },
        media: noMedia,
      }),
    ),
    flows: await listen(
      'f',
      flowsApi({
        ...{ store, changes, prompts, devices, health: health.peers, verifyEditorToken, clock },
        ...{ log: silentLog, socket: at('f') },
        site: () => siteView(testSite()),
        onReport: () => undefined,
      }),
    ),
  };
}

/** Opens a stream; `next(count)` reads that many events more. The server has subscribed once this returns. */
async function open(t: TestContext, client: LocalClient, route: string, headers?: Record<string, string>) {
  const response = await client.open('GET', route, headers ? { headers } : {});
  t.after(() => response.destroy());
  const stream = readEventStream(response);
  return async (count: number): Promise<StreamEvent[]> => {
    const events: StreamEvent[] = [];
    while (events.length < count) {
      const { value, done } = await stream.next();
      if (done) break;
      events.push(value);
    }
    return events;
  };
}

test('the outbox is handed out in order, and a row goes only when it is acknowledged in this epoch', async (t) => {
  const { sync, store } = await serve(t);
  const pull = async () => {
    const { bytes } = await sync.callRaw('GET', '/outbox?class=alarm&after=0&limit=10');
    const [head, ...rows] = bytes.toString('utf8').trimEnd().split('\n');
    assert.deepEqual(OutboxHead.parse(JSON.parse(head ?? '')), {
      epoch: store.epoch,
      eventclass: 'alarm',
      last: 2,
    });
    return rows.map((row) => WireEvent.parse(JSON.parse(row)));
  };
  assert.deepEqual(
    (await pull()).map(({ sequence, data }) => [sequence, data.phase]),
    [
      [1, 'opened'],
      [2, 'cleared'],
    ],
  );
  await assert.rejects(
    sync.call('POST', '/outbox/ack', { body: { epoch: 'another-epoch', eventclass: 'alarm', upTo: 2 } }),
    /not of this store/,
  );
  await sync.call('POST', '/outbox/ack', { body: { epoch: store.epoch, eventclass: 'alarm', upTo: 1 } });
  assert.deepEqual(
    (await pull()).map(({ sequence }) => sequence),
    [2],
  );
});

test('malformed calls are refused with the field that is wrong, and change nothing', async (t) => {
  const { sync, store } = await serve(t);
  await assert.rejects(sync.call('GET', '/outbox?class=alarm&after=-1'), /after/);
  await assert.rejects(sync.call('POST', '/outbox/ack', { body: { eventclass: 'alarm', upTo: 2 } }), /epoch/);
  await assert.rejects(
    sync.call('POST', '/outbox/ack', { body: { epoch: store.epoch, eventclass: 'alarm', upTo: 2, more: 1 } }),
    /more|nrecognized/,
  );
  await assert.rejects(sync.call('GET', '/nothing'), /no route/);
  assert.equal(store.outboxBatch('alarm', 0, 9).events.length, 2);
});

test('a refusal of a row that never was is not recorded: whoever holds the agent cannot fill the disk with them', async (t) => {
  const { sync, store } = await serve(t);
  const refusal = {
    epoch: store.epoch,
    eventclass: 'alarm',
    sequence: 2,
    reason: 'schema',
    detail: 'data.plate: unknown',
  };
  await sync.call('POST', '/outbox/refuse', { body: refusal });
  await sync.call('POST', '/outbox/refuse', { body: refusal });
  assert.equal(store.refusals(), 1);
  for (const wrong of [{ sequence: 3 }, { eventclass: 'door' }, { epoch: 'x'.repeat(60_000) }])
    await assert.rejects(
      sync.call('POST', '/outbox/refuse', { body: { ...refusal, ...wrong } }),
      /not of this store/,
    );
  assert.equal(store.refusals(), 1);
});

test('the agent is told at once of what waits', async (t) => {
  const { sync, store } = await serve(t);
  const next = await open(t, sync, '/outbox/ready');
  const first = await next(4);
  assert.deepEqual(first.map(({ event, data }) => [event, data]).sort(), [
    ['ready', { class: 'alarm', last: 2 }],
    ['ready', { class: 'door', last: 0 }],
    ['ready', { class: 'health', last: 0 }],
    ['ready', { class: 'telemetry', last: 0 }],
  ]);
  const outbox = {
    eventclass: 'door',
    type: 'gatehouse.device-comms.v1',
    time: '2026-11-23T03:00:00Z',
    data: {},
  } as const;
  store.ingestDeviceEvents(
    [
      {
        type: 'comms',
        id: crypto.randomUUID(),
        sequence: 1,
        at: outbox.time,
        device: 'barrier',
        comms: 'ok',
      },
    ],
    () => ({ outbox, incidents: [] }),
  );
  assert.deepEqual((await next(1))[0]?.data, { class: 'door', last: 1 });
});

test('a flow that comes back hears what it missed, in order and once, then what happens next', async (t) => {
  const { flows, store, changes } = await serve(t);
  const all = store.changesAfter(0, 99);
  const next = await open(t, flows, '/incidents/stream', { 'last-event-id': '1' });
  assert.deepEqual(await next(1), [{ id: '1', event: 'resume-point', data: { sequence: 1 } }]);
  const missed = await next(all.length - 1);
  assert.deepEqual(
    missed.map(({ id }) => Number(id)),
    all.slice(1).map(({ sequence }) => sequence),
  );
  const [last] = all.slice(-1);
  assert.ok(last);
  changes.publish(last);
  changes.publish({ ...last, sequence: all.length + 1 });
  assert.deepEqual(
    (await next(1)).map(({ id }) => Number(id)),
    [all.length + 1],
  );
  await assert.rejects(
    flows.call('GET', '/incidents/stream', { headers: { 'last-event-id': 'x' } }),
    /no sequence/,
  );
});

test('a prompt is heard live on the same stream, without an id, and never again', async (t) => {
  const { flows, prompts, store } = await serve(t);
  const prompt: Prompt = {
    ...{ kind: 'fire-passage', stage: 'voice', camera: 'east', zone: 'lane', occupancy: 'lane/0a0' },
    evidence: { sinceMs: 0, atMs: 30_000, gates: [] },
  };
  const next = await open(t, flows, '/incidents/stream');
  await next(1);
  prompts.publish(prompt);
  assert.deepEqual(await next(1), [{ event: 'prompt', data: prompt }]);
  const later = await open(t, flows, '/incidents/stream', { 'last-event-id': String(store.lastChange()) });
  assert.equal((await later(1))[0]?.event, 'resume-point');
});

test('a caller that opens streams without end is refused, and the runtime serves its calls and the others', async (t) => {
  const { flows, sync } = await serve(t);
  const answers = await Promise.allSettled(
    Array.from({ length: 80 }, () => flows.open('GET', '/incidents/stream')),
  );
  const opened = answers.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  t.after(() => {
    for (const stream of opened) stream.destroy();
  });
  assert.equal(opened.filter(({ statusCode }) => statusCode === 200).length, 24);
  await flows.call('GET', '/site');
  await sync.callRaw('GET', '/outbox?class=alarm&after=0');
});

test('an id from before the store was restored counts as its newest, so that the reader hears what comes next', async (t) => {
  const { flows, store, changes } = await serve(t);
  const next = await open(t, flows, '/incidents/stream', { 'last-event-id': '999999' });
  const newest = store.lastChange();
  assert.equal((await next(1))[0]?.id, String(newest));
  const [last] = store.changesAfter(newest - 1, 1);
  assert.ok(last);
  changes.publish({ ...last, sequence: newest + 1 });
  assert.equal((await next(1))[0]?.id, String(newest + 1));
});

test('an editor token is checked by the runtime', async (t) => {
  const { flows } = await serve(t);
  assert.deepEqual(await flows.call('POST', '/editor-sessions/verify', { body: { token: 'good' } }), {
    user: 'li',
    role: 'installer',
  });
  await assert.rejects(
    flows.call('POST', '/editor-sessions/verify', { body: { token: 'bad' } }),
    /stands for nobody/,
  );
});

test('a device request while the drivers are away fails at once and is not kept for later', async (t) => {
  const { flows } = await serve(t);
  await assert.rejects(
    flows.call('POST', '/devices/barrier/requests', { body: { action: 'open' } }),
    /drivers did not answer/,
  );
  await assert.rejects(
    flows.call('POST', '/devices/nothing/requests', { body: { action: 'open' } }),
    /no device is called "nothing"/,
  );
  await assert.rejects(
    flows.call('POST', '/devices/barrier/requests', { body: { action: 'explode' } }),
    /action/,
  );
});

test('what a flow says of itself and of its reasons may be any line of text; control characters are refused', async (t) => {
  const { flows } = await serve(t);
  const ask = (text: object) =>
    flows.call('POST', '/devices/barrier/requests', { body: { action: 'open', ...text } });
  for (const text of [{ reason: 'a\u0007b' }, { user: 'a\nb' }, { user: '' }, { reason: 'x'.repeat(201) }])
    await assert.rejects(ask(text), new RegExp(Object.keys(text)[0] ?? ''));
  await assert.rejects(ask({ user: '夜间 流程', reason: '车辆在道闸前 (03:12)' }), { code: 'PEER_DOWN' });
});

test('flows ask for at most 60 movements a minute and 600 an hour, whatever limit their own process forgets', async (t) => {
  const { flows, clock } = await serve(t);
  const ask = () => flows.call('POST', '/devices/barrier/requests', { body: { action: 'open' } });
  const [taken, refused] = [{ code: 'PEER_DOWN' }, { code: 'FLOW_RATE_LIMIT' }];
  for (let minute = 0; minute < 10; minute++) {
    for (let i = 0; i < 60; i++) await assert.rejects(ask(), taken);
    await assert.rejects(ask(), refused);
    await clock.advance(60_000);
  }
  await assert.rejects(ask(), refused);
  await clock.advance(3_600_000);
  await assert.rejects(ask(), taken);
});

test('the uplink is what sync-agent last said, and unknown when it has not spoken', async (t) => {
  const { sync, uplink, health } = await serve(t);
  assert.equal(uplink.view().status.state, 'down');
  assert.equal(health.services().sync?.status, 'down');
  await sync.call('PUT', '/uplink', { body: { state: 'connected', protocol: 5 } });
  assert.equal(uplink.view().status.state, 'connected');
  assert.equal(uplink.view().backlog, 2);
  assert.equal(health.services().sync?.status, 'ok');
});

test('a lost command connection shows beside an uplink that is well, with its age and the reason', async (t) => {
  const { sync, uplink, health, clock } = await serve(t);
  const since = new Date(clock.epochMs()).toISOString();
  await clock.advance(240_000);
  const detail = 'BROKER_UNREACHABLE: cannot reach mqtt://p (ECONNREFUSED). Check the network.';
  const commands = { state: 'down', since, detail };
  await sync.call('PUT', '/uplink', { body: { state: 'connected', protocol: 5, commands } });
  assert.deepEqual(uplink.view().status.commands, commands);
  assert.equal(health.services().sync?.status, 'degraded');
  assert.match(
    health.services().sync?.detail ?? '',
    /^UPLINK_COMMANDS_DOWN: .* for 4 min .*BROKER_UNREACHABLE/,
  );
  await sync.call('PUT', '/uplink', {
    body: { state: 'connected', commands: { state: 'connected', since } },
  });
  assert.deepEqual(health.services().sync, { status: 'ok' });
});

test('the stored tracks are handed out as lines, and running the rules over them gives the incident again', async (t) => {
  const { cli, bench } = await serve(t);
  const stored = async (query: string) =>
    (await cli.callRaw('GET', `/tracks?camera=east${query}`)).bytes.toString().trimEnd().split('\n');
  const [first = '', ...others] = await stored('&fromMs=10000');
  assert.deepEqual([others.length, TrackFrame.parse(JSON.parse(first)).atMs], [99, 10_000]);
  const changes: string[] = [];
  const all = Readable.from(await stored(''));
  for await (const line of replayTracks(all, testSite().cameras)) changes.push(JSON.parse(line).phase);
  assert.deepEqual([changes, bench.store.incidents({ limit: 9 }).length], [['opened', 'cleared'], 1]);
  await assert.rejects(cli.callRaw('GET', '/tracks?camera=west'), { code: 'CAMERA_UNKNOWN' });
  for (let s = 70; s < 80; s++) bench.put({ ...frame(s * 1000, false), wallOffsetMs: 1e12 });
  assert.equal((await stored(`&fromMs=${1e12 + 78_000}`)).length, 2, 'by the clock as it was set');
});

test('a megabyte of desired state comes through its route alone; all others take 64 KiB as before', async (t) => {
  const { store, uplink, clock } = await serve(t);
  const taken: DesiredMessage[] = [];
  const desired = {
    take: (message: DesiredMessage) => {
      taken.push(message);
      return { taken: true };
    },
  };
  const platform = { take: async () => ({}) };
  const path = join(temporaryFolder(t), 's', 'api.sock');
  const parts = { store, uplink, clock, platform, desired, media: noMedia };
  const api = syncApi({ ...parts, log: silentLog, socket: path });
  await api.start();
  t.after(() => api.stop());
  const client = new LocalClient('runtime', path);
  const bytes = Buffer.alloc(maxDesiredBytes, 7).toString('base64');
  assert.deepEqual(await client.call('PUT', '/desired', { body: { bytes } }), { taken: true });
  assert.equal(taken.length, 1);
  const more = Buffer.alloc(maxDesiredBytes + 3).toString('base64');
  await assert.rejects(client.call('PUT', '/desired', { body: { bytes: more } }), {
    code: 'REQUEST_INVALID',
  });
  const most = 'x'.repeat(maxDesiredBodyBytes);
  await assert.rejects(client.call('PUT', '/desired', { body: { bytes: most } }), { code: 'BODY_INVALID' });
  const body = { bytes: 'x'.repeat(70_000), retained: false };
  await assert.rejects(client.call('POST', '/platform-messages', { body }), { code: 'BODY_INVALID' });
});

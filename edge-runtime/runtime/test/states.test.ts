import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  type CameraStatus,
  type DeviceState,
  driversForRuntime,
  type IncidentChange,
  type TrackFrame,
  visionForRuntime,
} from '@gatehouse/contracts';
import {
  EventStreamWriter,
  ManualClock,
  ProcessorMonitor,
  type StreamEvent,
  silentLog,
  systemClock,
} from '@gatehouse/kit';
import { apiClient } from '@gatehouse/local-api';
import { CameraStates } from '../cameras/camera-states.ts';
import { DeviceEventIngest } from '../devices/device-event-ingest.ts';
import { DeviceStates } from '../devices/device-states.ts';
import { Hub } from '../hub.ts';
import { IncidentRecords } from '../incidents/incident-records.ts';
import { fakeService, frame, startRules, temporaryFolder, testSite } from './fixtures.ts';

const barrier: DeviceState = {
  id: 'barrier',
  kind: 'barrier',
  name: { 'zh-CN': '道闸', en: 'Barrier' },
  position: 'closed',
  comms: 'ok',
  ageMs: 100,
  inputs: { loop: false },
  actions: ['open', 'close'],
};

/**
 * A service that sends given events on `/events`, answers `/devices`, hands out device events and keeps every
 * request.
 */
async function fakeBox(t: TestContext, first: readonly StreamEvent[]) {
  const path = join(temporaryFolder(t), 'api.sock');
  const asked: unknown[] = [];
  const writers = new Set<EventStreamWriter>();
  const outbox: unknown[] = [];
  let hanging = false;
  const api = fakeService(path, (app) => {
    app.get('/events', (_request, response) => {
      const writer = new EventStreamWriter(response, systemClock);
      writers.add(writer);
      response.once('close', () => writers.delete(writer));
      for (const event of first) writer.send(event);
    });
    app.get('/devices', (_request, response) => {
      if (!hanging) response.json([barrier]);
    });
    app.post('/commands', (request, response) => {
      asked.push(request.body);
      const { commandId, device, action, origin } = request.body;
      response.json({
        commandId,
        device,
        action,
        origin,
        state: 'confirmed',
        relay: 'actuated',
        feedback: 'reached',
        acceptedAt: '2026-11-23T03:00:00Z',
      });
    });
    app.get('/outbox', (_request, response) => void response.json(outbox));
    app.post('/outbox/ack', (request, response) => {
      asked.push(request.body);
      response.sendStatus(204);
    });
  });
  await api.start();
  t.after(() => api.stop());
  const send = (event: StreamEvent) => {
    for (const writer of writers) writer.send(event);
  };
  const hang = (on: boolean) => {
    hanging = on;
  };
  const vision = apiClient(visionForRuntime, { socket: path });
  return { vision, client: apiClient(driversForRuntime, { socket: path }), api, asked, outbox, send, hang };
}

/** The next value of a hub. */
function next<T>(hub: Hub<T>): Promise<T> {
  return new Promise((resolve) => {
    const stop = hub.subscribe((value) => {
      stop();
      resolve(value);
    });
  });
}

test('a device is what the drivers say, and unknown and lost as soon as they are away', async (t) => {
  const drivers = await fakeBox(t, [{ event: 'device', data: barrier }]);
  const states = new DeviceStates({
    site: testSite(),
    drivers: drivers.client,
    clock: systemClock,
    log: silentLog,
  });
  assert.deepEqual(
    states.list().map(({ position, comms }) => [position, comms]),
    [['unknown', 'starting']],
  );
  const heard = next(states.changes);
  states.start();
  t.after(() => states.stop());
  assert.equal((await heard).position, 'closed');
  const lost = next(states.changes);
  await drivers.api.stop();
  const { ageMs, ...rest } = await lost;
  const { ageMs: told, ...before } = barrier;
  assert.deepEqual(rest, { ...before, position: 'unknown', comms: 'lost', inputs: {} });
  assert.ok((ageMs ?? 0) >= (told ?? 0), 'its age goes on');
});

test('drivers that hang with their connection open are not believed: unknown within 8 s, with the age', async (t) => {
  const drivers = await fakeBox(t, [{ event: 'device', data: barrier }]);
  const clock = new ManualClock();
  const states = new DeviceStates({ site: testSite(), drivers: drivers.client, clock, log: silentLog });
  const heard = next(states.changes);
  states.start();
  t.after(() => states.stop());
  await heard;
  drivers.hang(true);
  for (let s = 0; s < 5; s++) await clock.advance(1_000);
  assert.equal(states.list()[0]?.position, 'closed', 'one missed refresh is no loss');
  for (let s = 0; s < 3; s++) await clock.advance(1_000);
  const [lost] = states.list();
  assert.deepEqual([lost?.position, lost?.comms, lost?.ageMs, lost?.inputs], ['unknown', 'lost', 8_100, {}]);
  const back = next(states.changes);
  drivers.hang(false);
  await clock.advance(2_000);
  assert.equal((await back).position, 'closed');
});

test('while the box is short of processor drivers and vision are given five times as long, and no longer', async (t) => {
  const live: CameraStatus = { id: 'east', state: 'live', frameAgeMs: 200, analysedFps: 5, reconnects: 0 };
  const [drivers, vision] = [
    await fakeBox(t, [{ event: 'device', data: barrier }]),
    await fakeBox(t, [{ event: 'camera', data: live }]),
  ];
  const clock = new ManualClock();
  const read = () => ({ threads: new Map(), runnable: 40, processors: 2 });
  const processor = new ProcessorMonitor({ clock, log: silentLog, read });
  processor.start();
  await clock.advance(5_000);
  const options = { site: testSite(), clock, watchClock: processor.clock, log: silentLog };
  const devices = new DeviceStates({ ...options, drivers: drivers.client });
  const cameras = new CameraStates({ ...options, vision: vision.vision });
  const heard = Promise.all([next(devices.changes), next(cameras.changes)]);
  for (const states of [devices, cameras]) {
    states.start();
    t.after(() => states.stop());
  }
  await heard;
  drivers.hang(true);
  const states = () => [devices.list()[0]?.comms, cameras.list()[0]?.state];
  for (let s = 0; s < 24; s++) await clock.advance(1_000);
  assert.deepEqual(states(), ['ok', 'live']);
  for (let s = 24; s < 42; s++) await clock.advance(1_000);
  assert.deepEqual(states(), ['lost', 'down']);
});

test('a vision service that hangs with its connection open is away: no camera stays live on its last word', async (t) => {
  const live: CameraStatus = { id: 'east', state: 'live', frameAgeMs: 200, analysedFps: 5, reconnects: 0 };
  const vision = await fakeBox(t, [{ event: 'camera', data: live }]);
  const clock = new ManualClock();
  const states = new CameraStates({ site: testSite(), vision: vision.vision, clock, log: silentLog });
  const heard = next(states.changes);
  states.start();
  t.after(() => states.stop());
  await heard;
  for (let s = 0; s < 8; s++) await clock.advance(1_000);
  assert.equal(states.list()[0]?.state, 'live', 'the next word may come this late');
  await clock.advance(1_000);
  assert.deepEqual([states.list()[0]?.state, states.list()[0]?.reason], ['down', 'VISION_DOWN']);
  const back = next(states.changes);
  vision.send({ event: 'camera', data: live });
  assert.deepEqual(await back, live);
});

test('a quiet device that goes on answering does not grow old', async (t) => {
  const drivers = await fakeBox(t, [{ event: 'device', data: barrier }]);
  const clock = new ManualClock();
  const states = new DeviceStates({ site: testSite(), drivers: drivers.client, clock, log: silentLog });
  const heard = next(states.changes);
  states.start();
  t.after(() => states.stop());
  await heard;
  await clock.advance(1_900);
  assert.equal(states.list()[0]?.ageMs, 2_000);
  const refreshed = next(states.changes);
  await clock.advance(100);
  await refreshed;
  assert.equal(states.list()[0]?.ageMs, 100);
});

test('a request becomes one command with an id and an expiry ten seconds ahead', async (t) => {
  const drivers = await fakeBox(t, []);
  const clock = new ManualClock();
  const states = new DeviceStates({ site: testSite(), drivers: drivers.client, clock, log: silentLog });
  const outcome = await states.request('barrier', { action: 'open' }, { channel: 'console', user: 'zhang' });
  assert.equal(outcome.state, 'confirmed');
  const [command] = drivers.asked as [{ commandId: string; expiresAt: string; device: string }];
  assert.match(command.commandId, /^[0-9a-f-]{36}$/);
  assert.equal(Date.parse(command.expiresAt) - clock.epochMs(), 10_000);
  assert.equal(drivers.asked.length, 1);
});

test('frames and camera states come through; with the vision service away every camera is down, not as it was', async (t) => {
  const live: CameraStatus = { id: 'east', state: 'live', frameAgeMs: 200, analysedFps: 5, reconnects: 0 };
  const vision = await fakeBox(t, [{ event: 'camera', data: live }]);
  const states = new CameraStates({
    site: testSite(),
    vision: vision.vision,
    clock: systemClock,
    log: silentLog,
  });
  assert.deepEqual(
    states.list().map(({ state, reason }) => [state, reason]),
    [['down', 'VISION_DOWN']],
  );
  const heard = next(states.changes);
  states.start();
  t.after(() => states.stop());
  assert.deepEqual(await heard, live);
  const seen = next<TrackFrame>(states.frames);
  vision.send({ event: 'track-frame', data: { camera: 'east', atMs: -1, tracks: 'nonsense' } });
  vision.send({ event: 'track-frame', data: frame(5) });
  assert.deepEqual(await seen, frame(5), 'a malformed frame is passed over');
  const down = next(states.changes);
  await vision.api.stop();
  assert.deepEqual(await down, {
    id: 'east',
    state: 'down',
    reason: 'VISION_DOWN',
    analysedFps: 0,
    reconnects: 0,
  });
});

test('a lost device is an incident until it answers again; its events are acknowledged only after they are stored', async (t) => {
  const bench = startRules(temporaryFolder(t));
  t.after(() => bench.stop());
  const { store } = bench;
  const drivers = await fakeBox(t, []);
  const changes = new Hub<IncidentChange>(() => undefined);
  const ingest = new DeviceEventIngest({
    store,
    drivers: drivers.client,
    records: new IncidentRecords(store, changes),
    clock: systemClock,
    log: silentLog,
  });
  const at = '2026-11-23T03:00:00+08:00';
  const comms = (sequence: number, state: 'lost' | 'ok') => ({
    type: 'comms',
    id: randomUUID(),
    sequence,
    at,
    device: 'barrier',
    comms: state,
  });
  drivers.outbox.push(comms(1, 'lost'));
  assert.equal(await ingest.takeOver(), 1);
  assert.deepEqual(drivers.asked, [{ upTo: 1 }]);
  assert.deepEqual(
    store.incidents({ open: true, limit: 9 }).map(({ incident }) => [incident.kind, incident.device]),
    [['device-lost', 'barrier']],
  );
  // The acknowledgement got lost: the drivers send everything again, with the events since then.
  drivers.outbox.push(comms(2, 'ok'));
  await ingest.takeOver();
  assert.deepEqual(
    store.incidents({ limit: 9 }).map(({ incident }) => incident.phase),
    ['cleared'],
  );
  assert.equal(store.outboxBatch('door', 0, 9).events.length, 2);
  assert.equal(store.outboxBatch('alarm', 0, 9).events.length, 2);
  t.mock.method(store, 'ingestDeviceEvents', () => {
    throw new Error('disk full');
  });
  drivers.outbox.push(comms(3, 'lost'));
  await assert.rejects(ingest.takeOver(), /disk full/);
  assert.deepEqual(drivers.asked.at(-1), { upTo: 2 }, 'nothing is acknowledged that is not stored');
});

test('a request whose answer is lost is "not known", never "not done"; one that was never sent is refused', async (t) => {
  const path = join(temporaryFolder(t), 'api.sock');
  const api = fakeService(path, (app) => {
    app.post('/commands', (request) => request.socket.destroy());
  });
  await api.start();
  const drivers = apiClient(driversForRuntime, { socket: path });
  const states = new DeviceStates({ site: testSite(), drivers, clock: systemClock, log: silentLog });
  const origin = { channel: 'console', user: 'zhang' } as const;
  await assert.rejects(states.request('barrier', { action: 'open' }, origin), { code: 'COMMAND_UNANSWERED' });
  await api.stop();
  await assert.rejects(states.request('barrier', { action: 'open' }, origin), { code: 'PEER_DOWN' });
});

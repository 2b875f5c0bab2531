import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { test } from 'node:test';
import { type DeviceEvent, driversForRuntime } from '@gatehouse/contracts';
import { EventStreamWriter, ManualClock, silentLog, systemClock } from '@gatehouse/kit';
import { apiClient } from '@gatehouse/local-api';
import type { EventStore } from '@gatehouse/store';
import { DeviceStates } from '../../devices/device-states.ts';
import { SensorStates } from '../../devices/sensor-states.ts';
import { fakeService, startRules, temporaryFolder, testSite } from '../../test/fixtures.ts';
import { CommandIds } from '../../upstream/command-ids.ts';
import { deviceEntry } from '../../upstream/outbox-entries.ts';
import { deviceIncidents } from '../device-incidents.ts';

type Alarm = Extract<DeviceEvent, { type: 'alarm' }>;
const at = '2026-11-23T03:00:00+08:00';

function alarm(sequence: number, over: Partial<Alarm>): Alarm {
  return {
    type: 'alarm',
    id: randomUUID(),
    sequence,
    at,
    alarm: randomUUID(),
    device: 'barrier',
    kind: 'door-held-open',
    phase: 'opened',
    priority: 3,
    gates: [],
    ...over,
  };
}

function ingest(store: EventStore, ...events: DeviceEvent[]) {
  return store.ingestDeviceEvents(events, (event) => ({
    outbox: deviceEntry(event, new CommandIds(() => 'key')),
    incidents: deviceIncidents(store, event),
  }));
}

test('an alarm is one incident from its opening to its clearing; its priority only rises', (t) => {
  const bench = startRules(temporaryFolder(t));
  t.after(() => bench.stop());
  const { store } = bench;
  const opened = alarm(1, {});
  const { alarm: id } = opened;
  const gates = [{ name: 'open-for', value: 60, threshold: 60, unit: 's', passed: true }];
  ingest(store, opened, alarm(2, { alarm: id, phase: 'updated', priority: 2, gates }));
  ingest(store, alarm(3, { alarm: id, phase: 'updated', priority: 3, gates }));
  const [open] = store.incidents({ limit: 9 });
  assert.deepEqual(
    [open?.incident.kind, open?.incident.device, open?.incident.phase, open?.incident.priority],
    ['door-held-open', 'barrier', 'updated', 2],
  );
  assert.deepEqual(open?.incident.evidence?.gates, gates);
  ingest(store, alarm(4, { alarm: id, phase: 'cleared' }));
  // An update that is sent again after the alarm has cleared changes nothing.
  assert.deepEqual(
    ingest(store, alarm(5, { alarm: id, phase: 'updated' }), alarm(6, { alarm: id, phase: 'cleared' })),
    [],
  );
  assert.deepEqual(
    store.incidents({ limit: 9 }).map(({ incident }) => [incident.phase, incident.clearedAt]),
    [['cleared', at]],
  );
  assert.equal(store.outboxBatch('alarm', 0, 9).events.length, 4, 'the platform hears of it as an incident');
  assert.equal(store.outboxBatch('door', 0, 9).events.length, 0);
});

test('an alarm whose end was never heard of clears when the next one of its kind opens', (t) => {
  const bench = startRules(temporaryFolder(t));
  t.after(() => bench.stop());
  ingest(bench.store, alarm(1, {}), alarm(2, {}), alarm(3, { kind: 'device-tamper' }));
  assert.deepEqual(
    bench.store.incidents({ limit: 9 }).map(({ incident }) => [incident.kind, incident.phase]),
    [
      ['device-tamper', 'opened'],
      ['door-held-open', 'opened'],
      ['door-held-open', 'cleared'],
    ],
  );
});

const lane = `[{ id: lane, name: { zh-CN: 消防, en: Fire lane }, polygon: [[0, 0], [1, 0], [1, 1], [0, 1]], rules: [{ kind: fire-passage, stoppedAfterS: 5, alarmAfterS: 120 }] }]`;

test('a fire alarm reaches the rules, also after an edit of the zones; while drivers are away it stays', async (t) => {
  const site = testSite(lane);
  const bench = startRules(temporaryFolder(t), site);
  t.after(() => bench.stop());
  const socket = join(temporaryFolder(t), 'api.sock');
  const api = fakeService(socket, (app) => {
    app.get('/events', (_request, response) => {
      const fire = { latched: true, since: at, active: ['fire'], unknown: [] };
      new EventStreamWriter(response, systemClock).send({ event: 'fire', data: fire });
    });
  });
  await api.start();
  const drivers = apiClient(driversForRuntime, { socket });
  const states = new DeviceStates({ site, drivers, clock: new ManualClock(), log: silentLog });
  const heard = new Promise<void>((resolve) => {
    states.fireChanges.subscribe(({ latched }) => {
      bench.rules.fireAlarm = latched;
      resolve();
    });
  });
  states.start();
  t.after(() => states.stop());
  await heard;
  await api.stop();
  assert.equal(states.fire.latched, true);
  bench.rules.reload(site);
  await bench.play(0, 10);
  assert.deepEqual(
    bench.store.incidents({ limit: 9 }).map(({ incident }) => [incident.kind, incident.priority]),
    [['fire-passage', 1]],
  );
});

test('a reading goes to the platform as telemetry, once, and is no incident', (t) => {
  const bench = startRules(temporaryFolder(t));
  t.after(() => bench.stop());
  const { store } = bench;
  const values = [{ id: 'temperature', value: 47.2, unit: '°C' as const, state: 'alarm' as const }];
  const reading: DeviceEvent = {
    type: 'reading',
    id: randomUUID(),
    sequence: 1,
    at,
    device: 'pump-room',
    cause: 'limit',
    values,
  };
  ingest(store, reading);
  ingest(store, reading);
  const { events } = store.outboxBatch('telemetry', 0, 9);
  assert.deepEqual(
    events.map(({ type, subject, data }) => [type, subject, data]),
    [['gatehouse.sensor-reading.v1', 'pump-room', { device: 'pump-room', cause: 'limit', values }]],
  );
  assert.equal(store.incidents({ limit: 9 }).length, 0);
});

test('what a sensor said is of no worth once the drivers are silent: no value, and its age goes on', async () => {
  const clock = new ManualClock();
  const name = { 'zh-CN': '水泵房', en: 'Pump room' };
  const spec = {
    id: 'pump-room',
    name,
    bus: 'b',
    unit: 5,
    profile: 'p',
    pollS: 5,
    reportMinutes: 5,
    limits: [],
  };
  const states = new SensorStates({ ...testSite(), sensors: [spec] }, clock, silentLog);
  states.take({
    id: 'pump-room',
    name,
    pollS: 5,
    comms: 'ok',
    ageMs: 100,
    values: [{ id: 'temperature', name, unit: '°C', value: 21, state: 'normal' }],
  });
  await clock.advance(5_000);
  states.loseSilent();
  assert.equal(states.list()[0]?.values[0]?.value, 21);
  await clock.advance(1);
  states.loseSilent();
  const [lost] = states.list();
  assert.deepEqual([lost?.comms, lost?.ageMs, lost?.values[0]?.state], ['lost', 5_101, 'unknown']);
  assert.equal(lost?.values[0]?.value, undefined);
});

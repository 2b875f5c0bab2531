import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type CameraStatus,
  type DeviceState,
  Endangered,
  type HealthFault,
  type ServiceHealth,
} from '@gatehouse/contracts';
import type { BoxSnapshot } from '@gatehouse/contracts/console';
import { anIncident } from '../../api/test/fakes.ts';
import type { BoxState } from '../src/state/box-state.ts';
import {
  cameraSight,
  gravity,
  reduceBox,
  sortIncidents,
  sounds,
  troubles,
  unknownBox,
} from '../src/state/box-state.ts';
import { deviceSight } from '../src/state/door-sight.ts';
import { situationOf } from '../src/state/situation.ts';

const camera: CameraStatus = { id: 'gate-1', state: 'live', frameAgeMs: 200, analysedFps: 5, reconnects: 0 };
const barrier: DeviceState = {
  id: 'barrier-1',
  kind: 'barrier',
  name: { 'zh-CN': '道闸', en: 'Barrier' },
  position: 'closed',
  comms: 'ok',
  ageMs: 100,
  inputs: {},
  actions: ['open'],
};
const picture: BoxSnapshot = {
  now: '2026-11-23T03:00:00+08:00',
  devices: [barrier],
  inputs: [],
  sensors: [],
  fire: { latched: false, active: [], unknown: [] },
  cameras: [camera],
  uplink: { status: { state: 'connected' }, backlog: 0 },
  services: { runtime: { status: 'ok' }, vision: { status: 'ok' } },
  incidents: [],
  siteVersion: '1',
};
const at = Date.parse(picture.now) - 5_000;
const live = reduceBox(unknownBox, { type: 'state', data: picture, atMs: at });

const device = (box: BoxState, nowMs: number) => {
  const heard = box.devices.get('barrier-1');
  assert.ok(heard);
  return deviceSight(box, heard, nowMs);
};

describe('what the page says of the box', () => {
  it('follows the box clock, not the browser clock', () => {
    assert.equal(live.clockOffsetMs, 5_000);
  });

  it('is the last value while it is fresh', () => {
    assert.equal(cameraSight(live, 'gate-1', at + 1_000).sight, 'live');
    assert.equal(device(live, at + 1_000).position, 'closed');
  });

  it('is unknown for everything the moment the box is lost', () => {
    const lost = reduceBox(live, { type: 'lost' });
    assert.equal(cameraSight(lost, 'gate-1', at + 1).sight, 'unknown');
    assert.deepEqual(device(lost, at + 1), { position: 'unknown', lost: false, ageMs: 101 });
  });

  it('is unknown for a value that says it is live but is old', () => {
    assert.deepEqual(cameraSight(live, 'gate-1', at + 10_000), {
      sight: 'stale',
      ageMs: 10_200,
      status: camera,
    });
    assert.equal(device(live, at + 15_000).position, 'unknown');
  });

  it('is unknown for a device that does not answer, with its age', () => {
    const box = reduceBox(live, {
      type: 'device',
      data: { ...barrier, comms: 'lost', position: 'closed', ageMs: 60_000 },
      atMs: at,
    });
    assert.deepEqual(device(box, at + 2_000), { position: 'unknown', lost: true, ageMs: 62_000 });
  });

  it('is unknown for a camera or device never heard of', () => {
    assert.equal(cameraSight(live, 'gate-2', at).sight, 'unknown');
    const { ageMs: _ageMs, ...never } = barrier;
    assert.equal(device(reduceBox(live, { type: 'device', data: never, atMs: at }), at).position, 'unknown');
  });

  it('keeps incidents over a resumed connection and replaces them on a fresh one', () => {
    const incident = anIncident();
    const one = reduceBox(live, { type: 'incident', data: incident, atMs: at });
    const { incidents: _incidents, ...resumed } = picture;
    assert.equal(reduceBox(one, { type: 'state', data: resumed, atMs: at }).incidents.size, 1);
    assert.equal(reduceBox(one, { type: 'state', data: picture, atMs: at }).incidents.size, 0);
  });

  it('forgets the least urgent incident, not the newest, when there are too many', () => {
    let box = live;
    const done = anIncident({ phase: 'cleared', handling: { state: 'acknowledged', by: 'a' } });
    box = reduceBox(box, { type: 'incident', data: done, atMs: at });
    for (let i = 0; i < 300; i++) box = reduceBox(box, { type: 'incident', data: anIncident(), atMs: at });
    assert.equal(box.incidents.size, 300);
    assert.equal(box.incidents.has(done.id), false);
  });
});

describe('the order of incidents', () => {
  const cleared = { phase: 'cleared' as const };
  const taken = { handling: { state: 'acknowledged' as const, by: 'a' } };
  const older = { openedAt: '2026-11-23T01:00:00+08:00' };

  it('puts what still holds and nobody has taken on top, urgent first, then newest', () => {
    const list = {
      urgent: anIncident({ priority: 1, ...older }),
      newest: anIncident(),
      older: anIncident(older),
      taken: anIncident({ priority: 1, ...taken }),
      cleared: anIncident({ priority: 1, ...cleared }),
      done: anIncident({ ...cleared, ...taken }),
    };
    assert.deepEqual(
      sortIncidents(Object.values(list).toReversed()).map((incident) => incident.id),
      Object.values(list).map((incident) => incident.id),
    );
  });

  it('an urgent one sounds until it is acknowledged, even if it cleared by itself', () => {
    assert.equal(sounds(anIncident({ priority: 1 })), true);
    assert.equal(sounds(anIncident({ priority: 1, ...cleared })), true);
    assert.equal(sounds(anIncident({ priority: 1, ...taken })), false);
    assert.equal(sounds(anIncident({ priority: 2 })), false);
  });
});

describe('troubles of the box', () => {
  const fault = (endangers: Endangered, code: string): HealthFault => ({
    endangers,
    code,
    detail: `${code}: something. Mend it.`,
  });

  it('the guard is told of all of them, the gravest first, but for what shows as lost in its own place', () => {
    const services: Readonly<Record<string, ServiceHealth>> = {
      runtime: {
        status: 'degraded',
        faults: [
          fault('watch', 'STORE_FULL'),
          fault('records', 'DISK_LOW'),
          fault('platform', 'PICTURES_WAIT'),
        ],
      },
      vision: {
        status: 'degraded',
        faults: [
          fault('watch', 'MODEL_CORRUPT'),
          fault('watch', 'CAMERAS_NOT_LIVE'),
          fault('comfort', 'HARDWARE_DECODE_OFF'),
        ],
      },
      drivers: { status: 'down', faults: [fault('people', 'SERVICE_DOWN')] },
      sync: { status: 'degraded', faults: [fault('platform', 'BROKER_UNREACHABLE')] },
    };
    const told = troubles(
      reduceBox(live, { type: 'beat', data: { ...picture, services }, atMs: at }).services,
    );
    assert.deepEqual(
      told.map(({ service, code, gone }) => [service, code, gone]),
      [
        ['drivers', 'SERVICE_DOWN', true],
        ['runtime', 'STORE_FULL', false],
        ['vision', 'MODEL_CORRUPT', false],
        ['runtime', 'DISK_LOW', false],
        ['runtime', 'PICTURES_WAIT', false],
        ['vision', 'HARDWARE_DECODE_OFF', false],
      ],
    );
    assert.deepEqual(troubles(live.services), []);
  });

  it('one that several services report in the same words is told once', () => {
    const services: Readonly<Record<string, ServiceHealth>> = {
      runtime: { status: 'degraded', faults: [fault('watch', 'PROCESSOR_SHORT')] },
      vision: { status: 'degraded', faults: [fault('watch', 'PROCESSOR_SHORT'), fault('watch', 'NEW_ONE')] },
      sync: { status: 'down', faults: [fault('watch', 'PROCESSOR_SHORT')] },
      flows: { status: 'degraded', faults: [fault('watch', 'NEW_ONE')] },
    };
    assert.deepEqual(
      troubles(services).map(({ service, code }) => [service, code]),
      [
        ['runtime', 'PROCESSOR_SHORT'],
        ['vision', 'NEW_ONE'],
        ['sync', 'PROCESSOR_SHORT'],
        ['flows', 'NEW_ONE'],
      ],
      'a service that is gone, and a line without words of its own, stay',
    );
  });

  it('their order is that of the contracts', () => {
    assert.deepEqual(gravity, Endangered.options);
  });
});

describe('how what an incident is about stands', () => {
  const car = anIncident();
  const tampered = anIncident({ kind: 'device-tamper', camera: undefined, device: 'barrier-1' });
  const lost = { ...tampered, kind: 'device-lost' } as const;
  const blind = anIncident({ kind: 'camera-health', zone: undefined });
  const gone = reduceBox(live, { type: 'camera', data: { ...camera, state: 'down' }, atMs: at });
  const silent = reduceBox(live, { type: 'device', data: { ...barrier, comms: 'lost' }, atMs: at });
  const how = (box: BoxState, incident: typeof car) => situationOf(box, incident, at + 1_000);

  it('is that something is there or gone; of equipment that it is faulty or well again', () => {
    assert.deepEqual(
      [car, tampered, lost, blind].map((one) => how(live, one)),
      ['open', ...Array(3).fill('faulty')],
    );
    const over = [car, tampered, lost, blind].map((one) => how(live, { ...one, phase: 'cleared' }));
    assert.deepEqual(over, ['cleared', ...Array(3).fill('restored')]);
  });

  it('is unknown while whoever could tell cannot be heard, but what is lost is known to be lost', () => {
    assert.deepEqual([how(gone, car), how(gone, blind)], ['unknown', 'faulty']);
    assert.deepEqual([how(silent, tampered), how(silent, lost)], ['unknown', 'faulty']);
    const all = [car, tampered, lost, blind].map((one) => how(reduceBox(live, { type: 'lost' }), one));
    assert.deepEqual(new Set(all), new Set(['unknown']));
  });
});

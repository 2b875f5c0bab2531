import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type CameraStatus,
  type CommandOutcome,
  type DeviceState,
  type FireState,
  healthFault,
  type ServiceHealth,
  serviceHealth,
} from '@gatehouse/contracts';
import { boxFaults } from '../box-faults.ts';
import { unquiet } from '../quiet.ts';
import { lastsMs, RollbackWatch, watchMs } from '../rollback-watch.ts';

const name = { 'zh-CN': '门', en: 'Door' };
const still: DeviceState = {
  id: 'barrier',
  kind: 'barrier',
  name,
  position: 'closed',
  comms: 'ok',
  inputs: {},
  actions: [],
};
const camera: CameraStatus = { id: 'east', state: 'live', analysedFps: 5, reconnects: 0 };
const well: Record<string, ServiceHealth> = {
  vision: { status: 'ok' },
  drivers: { status: 'ok' },
  flows: { status: 'ok' },
};
const noFire: FireState = { latched: false, active: [], unknown: [] };
const command = (state: CommandOutcome['state']): CommandOutcome => ({
  commandId: 'c',
  device: 'barrier',
  action: 'open',
  origin: { channel: 'console', user: 'wang' },
  state,
  relay: 'actuated',
  feedback: 'unknown',
  acceptedAt: '2026-11-26T04:00:00Z',
});

function waits(over: {
  device?: Partial<DeviceState>;
  fire?: Partial<FireState>;
  incidents?: number;
  services?: typeof well;
  camera?: Partial<CameraStatus>;
  upMs?: number;
}) {
  return unquiet({
    devices: { list: () => [{ ...still, ...over.device }], fire: { ...noFire, ...over.fire } },
    store: { incidents: () => Array.from({ length: over.incidents ?? 0 }, () => ({}) as never) },
    services: () => over.services ?? well,
    cameras: { list: () => [{ ...camera, ...over.camera }] },
    upMs: () => over.upMs ?? 1_000,
  });
}

test('a box is quiet when nothing moves or is being moved, there is no fire alarm and every open incident is taken', () => {
  assert.deepEqual(waits({}), []);
  for (const position of ['opening', 'closing'] as const)
    assert.deepEqual(waits({ device: { position } }), ['DEVICE_MOVING']);
  for (const state of ['accepted', 'executing'] as const)
    assert.deepEqual(waits({ device: { lastCommand: command(state) } }), ['DEVICE_MOVING']);
  assert.deepEqual(waits({ device: { lastCommand: command('confirmed') } }), []);
  assert.deepEqual(waits({ fire: { latched: true } }), ['FIRE_ALARM']);
  assert.deepEqual(waits({ fire: { active: ['smoke'] } }), ['FIRE_ALARM']);
  assert.deepEqual(waits({ incidents: 1 }), ['INCIDENT_UNHANDLED']);
});

test('what is not known is not quiet, but one board out of contact holds nothing up', () => {
  const down = { ...well, drivers: { status: 'down' as const } };
  assert.deepEqual(waits({ services: down, upMs: 61_000 }), ['DRIVERS_UNKNOWN']);
  assert.deepEqual(waits({ device: { comms: 'starting', position: 'unknown' } }), ['DRIVERS_UNKNOWN']);
  assert.deepEqual(waits({ device: { comms: 'lost', position: 'unknown' } }), []);
});

test('a box that has just started waits until all is well, and not for ever', () => {
  const ill = { ...well, vision: { status: 'degraded' as const } };
  assert.deepEqual(waits({ services: ill }), ['STARTING']);
  assert.deepEqual(waits({ camera: { state: 'starting' } }), ['STARTING']);
  assert.deepEqual(waits({ camera: { state: 'down', reason: 'VISION_DOWN' } }), ['STARTING']);
  assert.deepEqual(waits({ camera: { state: 'down', reason: 'CAMERA_UNREACHABLE' } }), []);
  assert.deepEqual(waits({ services: ill, upMs: 61_000 }), []);
});

test('faults name the camera or the service; rules that stop on a live camera are one', () => {
  const faults = (state: CameraStatus['state'], ageMs: number | undefined, services = well) =>
    boxFaults({
      cameras: { list: () => [{ ...camera, state }] },
      rules: { rulesAgeMs: () => ageMs },
      services: () => services,
    }).map(({ reason, subject }) => `${reason} ${subject}`);
  assert.deepEqual(faults('live', 500), []);
  assert.deepEqual(faults('live', 25_000), ['RULES_STOPPED east']);
  assert.deepEqual(faults('live', undefined), ['RULES_STOPPED east']);
  assert.deepEqual(faults('stale', undefined), ['CAMERA_NOT_LIVE east']);
  assert.deepEqual(faults('live', 0, { ...well, flows: { status: 'degraded' } }), ['SERVICE_DEGRADED flows']);
  assert.deepEqual(faults('live', 0, { ...well, flows: { status: 'down' } }), [
    'SERVICE_DEGRADED flows',
    'SERVICE_DOWN flows',
  ]);
});

test('a shortage of processor is no fault of a change, but what fails for it is', () => {
  const faults = (vision: ServiceHealth) =>
    boxFaults({
      cameras: { list: () => [camera] },
      rules: { rulesAgeMs: () => 0 },
      services: () => ({ ...well, vision }),
    }).map(({ reason }) => reason);
  const processor = { waitedShare: 0.9 };
  const short: ServiceHealth = {
    ...serviceHealth([healthFault('watch', 'PROCESSOR_SHORT', { percent: 90 })]),
    processor,
  };
  assert.deepEqual(faults(short), []);
  const lost = {
    endangers: 'watch',
    code: 'DETECTOR_LOST',
    detail: 'model default: DETECTOR_LOST: x',
  } as const;
  const both = serviceHealth([...(short.faults ?? []), lost]);
  assert.deepEqual(faults({ ...both, processor }), ['SERVICE_DEGRADED']);
  assert.deepEqual(faults({ status: 'down', processor }), ['SERVICE_DEGRADED', 'SERVICE_DOWN']);
});

test('a watch takes what is new and lasts for worse, and holds only once nothing new is left', () => {
  const fault = { reason: 'CAMERA_NOT_LIVE', subject: 'east' };
  const watch = new RollbackWatch(['CAMERA_NOT_LIVE west'], 0);
  assert.equal(watch.judge([{ ...fault, subject: 'west' }], 0).is, 'watching');
  assert.equal(watch.judge([fault], 10_000).is, 'watching');
  assert.equal(watch.judge([], 10_000 + lastsMs / 2).is, 'watching');
  assert.equal(watch.judge([fault], 10_000 + lastsMs).is, 'watching', 'it went in between');
  assert.deepEqual(watch.judge([fault], 10_000 + 2 * lastsMs), { is: 'worse', fault });
  const other = new RollbackWatch([], 0);
  assert.equal(other.judge([fault], watchMs - 1).is, 'watching');
  assert.equal(other.judge([fault], watchMs + 1).is, 'watching', 'not with something new that is open');
  assert.equal(other.judge([], watchMs + 2).is, 'held');
  assert.equal(new RollbackWatch([], 0).judge([{ ...fault, certain: true }], 1).is, 'worse');
});

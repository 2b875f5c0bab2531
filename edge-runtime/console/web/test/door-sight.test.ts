import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DeviceState, InputState, SensorState } from '@gatehouse/contracts';
import { type BoxState, reduceBox, unknownBox } from '../src/state/box-state.ts';
import {
  deviceSight,
  fireSight,
  holdLengths,
  inputSight,
  interlockSight,
  interlockState,
  leaseLeftMs,
  offered,
  refusedNow,
  sensorSight,
} from '../src/state/door-sight.ts';

const name = { 'zh-CN': '道闸', en: 'Barrier' };
const barrier: DeviceState = {
  id: 'barrier-1',
  kind: 'barrier',
  name,
  position: 'open',
  comms: 'ok',
  ageMs: 100,
  inputs: {},
  actions: ['open', 'close', 'stop', 'hold-open', 'release'],
  maxHoldS: 900,
};
const help: InputState = { id: 'help', kind: 'help', name, state: 'normal', comms: 'ok', ageMs: 100 };
const until = '2026-11-23T03:10:00+08:00';
const leased: DeviceState = { ...barrier, condition: 'locked-open', hold: { by: 'lease', until } };
const latched: DeviceState = { ...barrier, condition: 'locked-open', hold: { by: 'fire' } };
const at = 1_000_000;
const live = { ...unknownBox, link: 'live' } as const satisfies BoxState;

describe('what the page says of a device', () => {
  const sight = (value: DeviceState, nowMs = at, box: BoxState = live) =>
    deviceSight(box, { value, atMs: at }, nowMs);

  it('is its position and what is out of the ordinary about it', () => {
    assert.deepEqual(sight({ ...barrier, condition: 'obstructed' }), {
      position: 'open',
      lost: false,
      ageMs: 100,
      condition: 'obstructed',
    });
  });

  it('is unknown, without a condition, when it is lost, old, or the box is', () => {
    const forced: DeviceState = { ...barrier, condition: 'forced' };
    const unknown = { position: 'unknown', lost: false } as const;
    assert.deepEqual(sight({ ...forced, comms: 'lost' }), { position: 'unknown', lost: true, ageMs: 100 });
    assert.deepEqual(sight(forced, at + 15_000), { ...unknown, ageMs: 15_100 });
    assert.deepEqual(sight(forced, at, { ...live, link: 'lost' }), { ...unknown, ageMs: 100 });
    const { ageMs: _, ...never } = forced;
    assert.deepEqual(sight(never), unknown);
  });

  it('offers to end a hold in the place of beginning one', () => {
    assert.deepEqual(offered(barrier), ['open', 'close', 'stop', 'hold-open']);
    assert.deepEqual(offered(leased), ['open', 'close', 'stop', 'release']);
    assert.deepEqual(offered(latched), ['open', 'close', 'stop']);
  });

  it('keeps back what would be refused, and never opening or stopping', () => {
    for (const device of [barrier, leased, latched, { ...barrier, inputs: { loop: true } }])
      for (const action of ['open', 'stop'] as const) assert.equal(refusedNow(device, action), undefined);
    assert.equal(refusedNow(barrier, 'close'), undefined);
    assert.equal(refusedNow(leased, 'close'), 'HELD_OPEN');
    assert.equal(refusedNow(leased, 'release'), undefined);
    assert.equal(refusedNow(latched, 'close'), 'FIRE_LATCHED');
    assert.equal(refusedNow({ ...barrier, inputs: { loop: true } }, 'close'), 'LOOP_OCCUPIED');
  });

  it('says beforehand which other door of an interlock is open or not known to be closed, unless there is a fire', () => {
    const trap = [{ id: 'trap', name, doors: ['outer', 'inner'] }];
    const sight = (inner: Partial<DeviceState> | undefined, more: Partial<BoxState> = {}) => {
      const value: DeviceState = { ...barrier, id: 'inner', kind: 'door', ...inner };
      const devices = new Map(inner ? [['inner', { value, atMs: at }]] : []);
      return interlockSight({ ...live, devices, ...more }, trap, 'outer', at);
    };
    assert.deepEqual(sight({ position: 'open' }), { is: 'open', door: 'inner' });
    assert.deepEqual(sight({ position: 'unknown' }), { is: 'unknown', door: 'inner' });
    assert.deepEqual(sight({ position: 'closed', comms: 'lost' }), { is: 'unknown', door: 'inner' });
    assert.deepEqual(sight(undefined), { is: 'unknown', door: 'inner' });
    assert.equal(sight({ position: 'closed' }), undefined);
    assert.equal(sight({ position: 'open' }, { link: 'lost' }), undefined);
    assert.equal(
      sight({ position: 'open' }, { fire: { latched: true, active: [], unknown: [] } }),
      undefined,
    );
    assert.equal(interlockSight(live, trap, 'barrier-1', at), undefined);
  });

  it('calls an interlock violated when two of its doors are open, and unsure while one is not known', () => {
    const trap = { id: 'trap', name, doors: ['outer', 'inner'] };
    const state = (
      outer: DeviceState['position'],
      inner: DeviceState['position'],
      more: Partial<BoxState> = {},
    ) => {
      const devices = new Map(
        Object.entries({ outer, inner }).map(([id, position]) => [
          id,
          { value: { ...barrier, id, kind: 'door' as const, position }, atMs: at },
        ]),
      );
      return interlockState({ ...live, devices, ...more }, trap, at);
    };
    assert.equal(state('closed', 'closed'), 'kept');
    assert.equal(state('open', 'closed'), 'kept');
    assert.equal(state('open', 'open'), 'violated');
    assert.equal(state('open', 'unknown'), 'unsure');
    assert.equal(state('open', 'open', { fire: { latched: true, active: [], unknown: [] } }), 'kept');
    assert.equal(state('closed', 'closed', { link: 'lost' }), 'unknown');
  });

  it('counts a lease down to nothing, not below', () => {
    assert.equal(leaseLeftMs(leased, Date.parse(until) - 90_000), 90_000);
    assert.equal(leaseLeftMs(leased, Date.parse(until) + 5_000), 0);
    assert.equal(leaseLeftMs(latched, at), undefined);
  });

  it('offers no hold longer than the site allows', () => {
    assert.deepEqual(holdLengths(900), [60, 300, 900]);
    assert.deepEqual(holdLengths(3200), [60, 300, 900, 1800, 3180]);
    assert.deepEqual(holdLengths(60), [60]);
    assert.deepEqual(holdLengths(30), [30]);
  });
});

describe('what the page says of a dry contact', () => {
  it('is its state while it is fresh, else unknown with its age', () => {
    const sight = (value: InputState, nowMs: number) => inputSight(live, { value, atMs: at }, nowMs);
    assert.deepEqual(sight(help, at), { state: 'normal', lost: false, ageMs: 100 });
    assert.deepEqual(sight(help, at + 20_000), { state: 'unknown', lost: false, ageMs: 20_100 });
    assert.deepEqual(sight({ ...help, state: 'active', comms: 'lost' }, at), {
      state: 'unknown',
      lost: true,
      ageMs: 100,
    });
  });

  it('follows the box', () => {
    const box = reduceBox(live, { type: 'input', data: { ...help, state: 'active' }, atMs: at });
    assert.equal(box.inputs.get('help')?.value.state, 'active');
  });
});

describe('what the page says of fire', () => {
  it('names the worst first', () => {
    assert.equal(fireSight(undefined), 'quiet');
    assert.equal(fireSight({ latched: false, active: [], unknown: [] }), 'quiet');
    assert.equal(fireSight({ latched: false, active: [], unknown: ['a'] }), 'unknown');
    assert.equal(fireSight({ latched: true, active: [], unknown: ['a'] }), 'latched');
    assert.equal(fireSight({ latched: true, active: ['b'], unknown: ['a'] }), 'active');
  });

  it('follows the box', () => {
    const fire = { latched: true, active: [], unknown: [] };
    assert.deepEqual(reduceBox(live, { type: 'fire', data: fire, atMs: at }).fire, fire);
  });
});

describe('what the page says of a sensor', () => {
  const sensor: SensorState = {
    id: 'pump-room',
    name,
    comms: 'ok',
    ageMs: 1_000,
    pollS: 5,
    values: [
      { id: 'temperature', name, unit: '°C', value: 47.2, above: 45, state: 'alarm' },
      { id: 'humidity', name, unit: '%RH', value: 51, state: 'normal' },
    ],
  };
  const sight = (value: SensorState, nowMs = at, box: BoxState = live) =>
    sensorSight(box, { value, atMs: at }, nowMs);

  it('is the worst of its values, each with its limit', () => {
    assert.deepEqual([sight(sensor).state, sight(sensor).values[0]?.value], ['alarm', 47.2]);
    assert.equal(sight({ ...sensor, values: sensor.values.slice(1) }).state, 'normal');
  });

  it('is no value at all when it is lost, older than three readings, or the box is', () => {
    for (const lost of [
      sight({ ...sensor, comms: 'lost' }),
      sight(sensor, at + 30_000),
      sight(sensor, at, { ...live, link: 'lost' }),
    ])
      assert.deepEqual(
        [lost.state, lost.values.map(({ value, state, above }) => [value, state, above])],
        [
          'unknown',
          [
            [undefined, 'unknown', 45],
            [undefined, 'unknown', undefined],
          ],
        ],
      );
    assert.equal(sight({ ...sensor, pollS: 60 }, at + 150_000).state, 'alarm', 'a slow sensor may be older');
  });
});

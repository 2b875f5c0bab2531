import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Permissions } from '@gatehouse/contracts';
import { isPermitted } from '../admission.ts';
import { priorityOf, urgencyOf } from '../priority.ts';
import { RateLimit } from '../rate-limit.ts';

const permissions = Permissions.parse({
  flows: { allow: [{ actions: ['open'], devices: ['yard'] }], perMinute: 60 },
});
const may = (
  channel: 'console' | 'flows' | 'upstream' | 'schedule' | 'box',
  action: 'open' | 'close' | 'hold-open',
  device: string,
) => isPermitted({ origin: { channel, user: 'somebody' }, action, device }, permissions);

test('an origin may do what the site file names, on the devices that it names, and nothing else', () => {
  assert.deepEqual(
    [may('flows', 'open', 'yard'), may('flows', 'open', 'main'), may('flows', 'close', 'yard')],
    [true, false, false],
  );
  assert.deepEqual([may('upstream', 'close', 'main'), may('upstream', 'open', 'yard')], [false, false]);
  assert.deepEqual([may('console', 'hold-open', 'main'), may('schedule', 'hold-open', 'main')], [true, true]);
  assert.equal(may('box', 'hold-open', 'main'), true);
});

test('a third of a minute comes at once, the rest as time goes; stops are counted apart', () => {
  const limit = new RateLimit(permissions);
  const taken = (count: number, nowMs: number, action: 'open' | 'stop' = 'open') =>
    Array.from({ length: count }, () => limit.take({ channel: 'flows', user: 'flow' }, action, nowMs)).filter(
      (one) => one === 'taken',
    ).length;
  assert.equal(taken(100, 0), 20);
  assert.equal(taken(100, 0, 'stop'), 20);
  assert.equal(taken(100, 1_000), 1);
  assert.equal(taken(100, 60_000), 20);
});

test('the first refusal of a flood is told apart', () => {
  const limit = new RateLimit(permissions);
  const all = Array.from({ length: 23 }, () => limit.take({ channel: 'flows', user: 'flow' }, 'open', 0));
  assert.deepEqual(all.slice(19), ['taken', 'first', 'refused', 'refused']);
});

test('a fire goes first, then the box itself, a person, what is far, the clock; a lowering is never urgent', () => {
  const of = (
    channel: 'box' | 'console' | 'cli' | 'reader' | 'flows' | 'upstream' | 'schedule',
    action: 'open' | 'stop' | 'close' | 'hold-open' | 'release',
  ) => priorityOf({ origin: { channel, user: 'somebody' }, action });
  assert.deepEqual([of('box', 'hold-open'), of('box', 'open')], ['fire', 'safety']);
  assert.deepEqual(
    [of('console', 'open'), of('cli', 'stop'), of('console', 'hold-open')],
    ['guard', 'stop', 'guard'],
  );
  assert.deepEqual(
    [of('console', 'close'), of('cli', 'release'), of('flows', 'open'), of('upstream', 'stop')],
    ['remote', 'remote', 'remote', 'remote'],
  );
  assert.equal(of('reader', 'open'), 'guard');
  assert.deepEqual([of('schedule', 'open'), of('schedule', 'close')], ['schedule', 'schedule']);
});

test('each person at the box, each reader and each key of the platform has a rate of their own; flows have one together', () => {
  const limit = new RateLimit(Permissions.parse({ upstream: { perMinute: 3 } }));
  const flood = (
    channel: 'console' | 'cli' | 'reader' | 'flows' | 'upstream',
    user: string,
    key?: string,
  ) => {
    const origin = { channel, user, ...(key ? { key } : {}) };
    const all = Array.from({ length: 1_000 }, () => limit.take(origin, 'open', 0));
    return all.filter((one) => one === 'taken').length;
  };
  assert.deepEqual([flood('console', 'li'), flood('console', 'wang'), flood('cli', 'li')], [200, 200, 200]);
  assert.deepEqual([flood('reader', 'lobby'), flood('reader', 'yard')], [20, 20]);
  assert.deepEqual([flood('upstream', 'zhao', 'city-1'), flood('upstream', 'qian', 'city-1')], [1, 0]);
  assert.equal(flood('upstream', 'zhao', 'city-2'), 1);
  assert.deepEqual(
    [flood('flows', 'one'), flood('flows', 'another')],
    [20, 0],
    'names of flows are free text',
  );
});

test('names without end take no memory: past a thousand those who come new share one rate', () => {
  const limit = new RateLimit(Permissions.parse({}));
  const taken = Array.from({ length: 3_000 }, (_, i) =>
    limit.take({ channel: 'cli', user: `user-${i}` }, 'open', 0),
  );
  assert.equal(taken.filter((one) => one === 'taken').length, 1_000 + 200);
  assert.equal(
    limit.take({ channel: 'cli', user: 'somebody' }, 'open', 60_000),
    'taken',
    'idle ones are forgotten',
  );
});

test('what the box does by itself goes before a stop, and that before all else', () => {
  const of = (channel: 'box' | 'console' | 'flows' | 'upstream', action: 'open' | 'stop' | 'hold-open') =>
    urgencyOf({ origin: { channel, user: 'somebody' }, action });
  assert.deepEqual([of('box', 'open'), of('box', 'hold-open')], [2, 2]);
  assert.deepEqual([of('console', 'stop'), of('flows', 'stop'), of('upstream', 'stop')], [1, 0, 0]);
  assert.equal(of('console', 'open'), 0);
});

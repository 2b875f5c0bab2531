import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSite, type Site } from '@gatehouse/contracts';
import { dryRun } from '../dry-run.ts';
import { namesOf } from '../registers.ts';

function site(): Site {
  const result = parseSite(`version: 1
site: { id: compound, name: { zh-CN: 小区, en: Compound } }
box: { id: box-1 }
buses: [{ id: tcp, kind: modbus-tcp, host: 192.0.2.9 }]
devices:
  - { id: barrier, kind: barrier, name: { zh-CN: 道闸, en: Barrier }, bus: tcp, unit: 1, profile: waveshare-modbus-rtu-relay-8ch, outputs: { open: 0, close: 1 }, inputs: { open: 0, closed: 1, loop: 2 }, hold: { maxS: 600 }, failMode: safe }
  - { id: door, kind: door, name: { zh-CN: 门, en: Door }, bus: tcp, unit: 17, profile: lctech-modbus-relay-8ch, outputs: { open: 0 }, failMode: safe }
inputs:
  - { id: help, kind: help, name: { zh-CN: 求助, en: Help }, bus: tcp, unit: 1, profile: waveshare-modbus-rtu-relay-8ch, channel: 7 }
`);
  assert.ok(result.ok, JSON.stringify(result));
  return result.site;
}

const frames = (...args: Parameters<typeof dryRun>) =>
  dryRun(...args).map(({ purpose, bytes }) => [purpose, bytes]);

// CRCs computed by an independent program (Python, polynomial 0xA001).
test('a command is shown byte by byte, in the order in which the box sends', () => {
  assert.deepEqual(frames(site(), 'barrier', 'close'), [
    ['look-before', '01 02 00 00 00 08 79 cc'],
    ['write', '01 05 02 01 00 05 5d b1'],
    ['read-back', '01 01 00 00 00 08 3d cc'],
    ['feedback', '01 02 00 00 00 08 79 cc'],
  ]);
});

test('a hold is the length that was asked for, or the longest that the site allows', () => {
  assert.equal(frames(site(), 'barrier', 'hold-open', 60)[0]?.[1]?.slice(0, 17), '01 05 02 00 02 58');
  assert.equal(frames(site(), 'barrier', 'hold-open')[0]?.[1]?.slice(0, 17), '01 05 02 00 17 70');
});

test('a board without a pulse of its own is let go by a second write', () => {
  assert.deepEqual(frames(site(), 'door', 'open'), [
    ['write', '11 05 00 00 ff 00 8e aa'],
    ['read-back', '11 01 00 00 00 08 3f 5c'],
    ['let-go', '11 05 00 00 00 00 cf 5a'],
  ]);
});

test('what cannot be done is named, with what can', () => {
  assert.throws(() => dryRun(site(), 'garage', 'open'), { code: 'DEVICE_UNKNOWN', remedy: /barrier, door/ });
  assert.throws(() => dryRun(site(), 'barrier', 'stop'), {
    code: 'ACTION_UNKNOWN',
    remedy: /^There are: .*open.*close/,
  });
});

test('boards of other kinds are shown byte by byte: a command in two registers, and a gate that is looked at first', () => {
  const flash = site();
  const devices = flash.devices.map((device) => ({ ...device, profile: 'lctech-modbus-relay-8ch-flash' }));
  assert.deepEqual(frames({ ...flash, devices }, 'door', 'open'), [
    // LC-Tech's own example is unit 255, 2 s: FF 10 00 03 00 02 04 00 04 00 14 C5 9F.
    ['write', '11 10 00 03 00 02 04 00 04 00 05 66 b8'],
    ['read-back', '11 01 00 00 00 08 3f 5c'],
  ]);
  const [barrier] = site().devices;
  assert.ok(barrier);
  const gate = {
    ...barrier,
    id: 'gate',
    kind: 'gate',
    control: 'step-by-step',
    outputs: { open: 0 },
  } as const;
  assert.deepEqual(
    frames({ ...site(), devices: [gate] }, 'gate', 'open').map(([purpose]) => purpose),
    ['look-before', 'write', 'read-back', 'feedback'],
  );
});

test('an address has the name that the site gives it', () => {
  const names = namesOf(site(), 'tcp');
  assert.deepEqual(names(1, 'read-inputs', 2), ['barrier loop']);
  assert.deepEqual(names(1, 'read-inputs', 7), ['help']);
  assert.deepEqual(names(1, 'read-coils', 1), ['barrier close']);
  assert.deepEqual(names(17, 'read-coils', 0), ['door open']);
  assert.deepEqual(names(2, 'read-inputs', 2), []);
  assert.deepEqual(namesOf(site(), 'other')(1, 'read-inputs', 2), []);
});

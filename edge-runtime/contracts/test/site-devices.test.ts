import assert from 'node:assert/strict';
import { test } from 'node:test';
import { actionsOf, parseSite, type Site } from '@gatehouse/contracts';

const text = `version: 1
site: { id: compound, name: { zh-CN: 小区, en: Compound } }
box: { id: box-1 }
buses:
  - { id: tcp, kind: modbus-tcp, host: 192.0.2.9 }
devices:
  - id: outer
    kind: door
    name: { zh-CN: 外门, en: Outer door }
    bus: tcp
    unit: 1
    profile: waveshare-8
    outputs: { open: 0 }
    inputs: { open: 0, exit: 1 }
    failMode: safe
  - id: inner
    kind: door
    name: { zh-CN: 内门, en: Inner door }
    bus: tcp
    unit: 1
    profile: waveshare-8
    outputs: { open: 1 }
    inputs: { open: 2 }
    hold: {}
    failMode: safe
  - id: barrier
    kind: barrier
    name: { zh-CN: 道闸, en: Barrier }
    bus: tcp
    unit: 2
    profile: waveshare-8
    outputs: { open: 0, close: 1, stop: 2 }
    inputs: { open: 0, closed: 1, loop: 2 }
    contacts: { loop: { wiring: normally-closed } }
    failMode: secure
inputs:
  - { id: fire, kind: fire, name: { zh-CN: 火警, en: Fire }, bus: tcp, unit: 2, profile: waveshare-8, channel: 7 }
interlocks:
  - { id: trap, name: { zh-CN: 互锁, en: Mantrap }, doors: [outer, inner] }
permissions:
  flows: { allow: [{ actions: [open], devices: [outer] }] }
`;

function siteOf(yaml: string): Site {
  const result = parseSite(yaml);
  assert.ok(result.ok, JSON.stringify(result));
  return result.site;
}

test('what a site does not say of its devices is filled in', () => {
  const { devices, inputs, permissions } = siteOf(text);
  assert.deepEqual(devices[2]?.contacts, { loop: { wiring: 'normally-closed', debounceMs: 50 } });
  assert.deepEqual(devices[1]?.hold, { maxS: 900 });
  assert.deepEqual([inputs[0]?.wiring, inputs[0]?.debounceMs], ['normally-open', 100]);
  assert.deepEqual(permissions.flows, { allow: [{ actions: ['open'], devices: ['outer'] }], perMinute: 60 });
});

test('a serial line needs no word of pauses or local echo; a Modbus TCP bus knows neither', () => {
  const withBus = (bus: string) =>
    parseSite(text.replace('{ id: tcp, kind: modbus-tcp, host: 192.0.2.9 }', bus));
  const serial = withBus('{ id: tcp, kind: modbus-rtu, path: /dev/serial/by-id/usb-1 }');
  assert.ok(serial.ok);
  assert.deepEqual(serial.site.buses[0], {
    id: 'tcp',
    kind: 'modbus-rtu',
    path: '/dev/serial/by-id/usb-1',
    timeoutMs: 300,
    baudRate: 9600,
    parity: 'none',
    stopBits: 1,
    pauseMs: 0,
    localEcho: 'auto',
  });
  assert.ok(withBus('{ id: tcp, kind: modbus-rtu-tcp, host: h, port: 1, pauseMs: 20, localEcho: on }').ok);
  for (const key of ['pauseMs: 20', 'localEcho: on'])
    assert.equal(withBus(`{ id: tcp, kind: modbus-tcp, host: h, ${key} }`).ok, false, key);
});

test('holding open and the fire latch are permissions of their own', () => {
  const { permissions } = siteOf(text.slice(0, text.indexOf('permissions:')));
  const may = (origin: keyof Site['permissions'], action: string) =>
    permissions[origin].allow.some(({ actions }) => actions.some((allowed) => allowed === action));
  for (const origin of ['console', 'cli', 'schedule'] as const) assert.ok(may(origin, 'hold-open'), origin);
  assert.deepEqual([may('flows', 'hold-open'), may('flows', 'open')], [false, true]);
  assert.deepEqual(permissions.upstream.allow, [], 'the platform moves nothing that the site does not name');
  assert.ok(permissions.console.resetFire && permissions.cli.resetFire);
  for (const origin of ['flows', 'upstream', 'schedule'])
    assert.equal(
      parseSite(
        `${text.slice(0, text.indexOf('permissions:'))}permissions: { ${origin}: { resetFire: true } }`,
      ).ok,
      false,
    );
});

test('a device offers what it is wired for and what the site allows', () => {
  const [outer, inner, barrier] = siteOf(text).devices;
  assert.ok(outer && inner && barrier);
  assert.deepEqual(actionsOf(outer), ['open']);
  assert.deepEqual(actionsOf(inner), ['open', 'hold-open', 'release']);
  assert.deepEqual(actionsOf(barrier), ['open', 'close', 'stop']);
  assert.deepEqual(actionsOf({ ...barrier, inputs: { open: 0, closed: 1 } }), ['open', 'stop']);
});

const mistakes: readonly (readonly [
  what: string,
  from: string,
  to: string,
  path: string,
  message: RegExp,
])[] = [
  [
    'two buses on one serial line',
    '  - { id: tcp, kind: modbus-tcp, host: 192.0.2.9 }\n',
    `  - { id: tcp, kind: modbus-tcp, host: 192.0.2.9 }
  - { id: one, kind: modbus-rtu, path: /dev/ttyUSB0 }
  - { id: two, kind: modbus-rtu, path: /dev/ttyUSB0, baudRate: 19200 }
`,
    'buses[2].path',
    /one is on this line already/,
  ],
  [
    'a pause that is no pause any more',
    '  - { id: tcp, kind: modbus-tcp, host: 192.0.2.9 }\n',
    '  - { id: tcp, kind: modbus-rtu, path: /dev/ttyUSB0, pauseMs: 5000 }\n',
    'buses[0].pauseMs',
    /expected a whole number from 0 to 500 \(milliseconds\)/,
  ],
  ['an input named like a device', 'id: fire,', 'id: outer,', 'inputs[0].id', /used twice/],
  [
    'an input on a bus that is not there',
    'bus: tcp, unit: 2, profile: waveshare-8, channel',
    'bus: rs485, unit: 2, profile: waveshare-8, channel',
    'inputs[0].bus',
    /nothing is called "rs485" below "buses"/,
  ],
  [
    'an interlock of a barrier',
    'doors: [outer, inner]',
    'doors: [outer, barrier]',
    'interlocks[0].doors[1]',
    /nothing is called "barrier" below "devices \(kind: door\)"/,
  ],
  [
    'an interlock of one door twice',
    'doors: [outer, inner]',
    'doors: [outer, outer]',
    'interlocks[0].doors[1]',
    /named twice/,
  ],
  [
    'an interlock of a door without contact',
    'inputs: { open: 2 }',
    'inputs: {}',
    'interlocks[0].doors[1]',
    /no position contact/,
  ],
  [
    'a contact that is not wired',
    'contacts: { loop:',
    'contacts: { tamper:',
    'devices[2].contacts.tamper',
    /no input is wired as "tamper"/,
  ],
  [
    'a warning after its alarm',
    'hold: {}',
    'heldOpen: { warnAfterS: 90 }',
    'devices[1].heldOpen.warnAfterS',
    /after the alarm/,
  ],
  [
    'a lease longer than a board can time',
    'hold: {}',
    'hold: { maxS: 3600 }',
    'devices[1].hold.maxS',
    /3200/,
  ],
  [
    'a door that is to be closed',
    'outputs: { open: 1 }',
    'outputs: { open: 1, close: 2 }',
    'devices[1].outputs.close',
    /closes by itself/,
  ],
  [
    'a forced alarm that nobody can see',
    'inputs: { open: 0, exit: 1 }',
    'inputs: {}\n    forcedOpen: true',
    'devices[0].forcedOpen',
    /position contact/,
  ],
  [
    'a permission on a device that is not there',
    'devices: [outer]',
    'devices: [garage]',
    'permissions.flows.allow[0].devices[0]',
    /nothing is called "garage" below "devices"/,
  ],
  ['a permission of the box', 'flows: { allow', 'box: { allow', 'permissions.box', /unknown key/],
];
for (const [what, from, to, path, message] of mistakes)
  test(`${what} is an error that names its path`, () => {
    assert.ok(text.includes(from), from);
    const result = parseSite(text.replace(from, to));
    const problem = result.ok ? undefined : result.problems[0];
    assert.equal(problem?.path, path);
    assert.match(problem?.message ?? '', message);
  });

test('a sensor’s limit has a side and room between its sides; a reader has a door and a line of its own', () => {
  const sensor = (limit: string) => `${text}sensors:
  - { id: pump, name: { zh-CN: 泵房, en: Pump room }, bus: tcp, unit: 9, profile: s, limits: [${limit}] }
`;
  const reader = (more: string) => `${text}readers:
  - { id: lobby, name: { zh-CN: 大堂, en: Lobby }, ${more} }
`;
  const problemOf = (yaml: string) => {
    const result = parseSite(yaml);
    return result.ok ? undefined : `${result.problems[0]?.path}: ${result.problems[0]?.message}`;
  };
  assert.equal(problemOf(sensor('{ value: t, above: 45, below: 2 }')), undefined);
  assert.match(
    problemOf(sensor('{ value: t }')) ?? '',
    /sensors\[0\]\.limits\[0\]\.above: the limit has no side/,
  );
  assert.match(problemOf(sensor('{ value: t, above: 5, below: 4 }')) ?? '', /no room between the limits/);
  assert.match(
    problemOf(sensor('').replace('bus: tcp, unit: 9', 'bus: none, unit: 9')) ?? '',
    /nothing is called "none" below "buses"/,
  );
  assert.match(problemOf(sensor('').replace('id: pump', 'id: outer')) ?? '', /used twice/);
  assert.equal(problemOf(reader('path: /dev/a, door: outer')), undefined);
  assert.match(problemOf(reader('path: /dev/a, door: none')) ?? '', /readers\[0\]\.door: nothing is called/);
  const line = '  - { id: line, kind: modbus-rtu, path: /dev/a }\ndevices:';
  assert.match(
    problemOf(reader('path: /dev/a, door: outer').replace('devices:', line)) ?? '',
    /readers\[0\]\.path: line is on this line already/,
  );
});

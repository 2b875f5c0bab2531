import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { outOfService } from '../../devices/out-of-service.ts';
import { pulseProfile, siteOf } from '../../test/rig.ts';
import { profileJsonSchema } from '../json-schema.ts';
import { loadCatalogue, loadProfiles, type Profile } from '../profile.ts';
import { checkWrite, pulseRelay, releaseRelay } from '../requests.ts';
import { readingOf, sensorRequests } from '../sensor.ts';

const barrierWiring = 'barrier-dry-contact-waveshare-8ch';

function profile(id: string): Profile {
  const found = loadProfiles().get(id);
  assert.ok(found);
  return found;
}

function fileOf(id: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(import.meta.dirname, '..', `${id}.json`), 'utf8'));
}

test('every profile of the package is valid', () => {
  const { boards, sensors } = loadCatalogue();
  assert.deepEqual([...boards.keys()].toSorted(), [
    barrierWiring,
    'gate-one-button-waveshare-8ch',
    'gate-three-wires-waveshare-8ch',
    'gate-two-buttons-waveshare-8ch',
    'jy-dam1600d-input-16ch',
    'lctech-modbus-relay-8ch',
    'lctech-modbus-relay-8ch-flash',
    'r413d08-relay-8ch',
    pulseProfile,
  ]);
  assert.deepEqual([...sensors.keys()].toSorted(), [
    'renke-rs-sj-water',
    'renke-rs-ws-temperature-humidity',
    'xy-md02-temperature-humidity',
  ]);
});

test('the published schema is the one that the product checks with', () => {
  const published = readFileSync(join(import.meta.dirname, '../profile.schema.json'), 'utf8');
  const same = isDeepStrictEqual(JSON.parse(published), JSON.parse(profileJsonSchema()));
  assert.ok(same, 'run drivers/profiles/write-schema.ts, then the formatter');
});

/**
 * Waveshare wiki: "01 05 02 00 00 07 8D B0", relay 0 on for 7 x 100 ms; "01 05 02 01 00 08 9C 74", relay 1
 * for 800 ms.
 */
test('a pulse asks the board for its own steps, rounded up, never none, never too many', () => {
  const board = profile(pulseProfile);
  const value = (pulseMs: number) => {
    const request = pulseRelay(board, 1, 1, pulseMs);
    return 'value' in request && [request.address, request.value];
  };
  assert.deepEqual(value(800), [0x0201, 8]);
  assert.deepEqual(value(701), [0x0201, 8]);
  assert.deepEqual(value(1), [0x0201, 1]);
  assert.deepEqual(value(1e9), [0x0201, 32_767]);
});

test('a board without its own pulse is switched on and off', () => {
  const board = profile('lctech-modbus-relay-8ch');
  assert.deepEqual(pulseRelay(board, 1, 3, 500), { kind: 'write-coil', unit: 1, address: 3, value: 0xff00 });
  assert.deepEqual(releaseRelay(board, 1, 3), { kind: 'write-coil', unit: 1, address: 3, value: 0 });
});

test('toggles, writes to all relays, broadcasts and foreign registers never reach a wire', () => {
  const coils = profile(pulseProfile);
  const registers = profile('r413d08-relay-8ch');
  const command = profile('lctech-modbus-relay-8ch-flash');
  const forbidden = [
    // Waveshare: 0x5500 toggles, coil 0x00FF is all relays. R413D08: 0x0300 toggles, 0x0700 and 0x0800 are
    // all channels.
    [coils, { kind: 'write-coil', unit: 1, address: 0, value: 0x5500 }],
    [coils, { kind: 'write-coil', unit: 1, address: 0x00ff, value: 0xff00 }],
    [coils, { kind: 'write-coil', unit: 0, address: 0, value: 0xff00 }],
    [coils, { kind: 'write-coil', unit: 1, address: 8, value: 0xff00 }],
    [coils, { kind: 'write-coil', unit: 1, address: 0x0200, value: 0 }],
    [coils, { kind: 'write-register', unit: 1, address: 0x4000, value: 2 }],
    [registers, { kind: 'write-register', unit: 1, address: 1, value: 0x0300 }],
    [registers, { kind: 'write-register', unit: 1, address: 0, value: 0x0700 }],
    [registers, { kind: 'write-register', unit: 1, address: 1, value: 0x0600 }],
    [registers, { kind: 'write-register', unit: 1, address: 9, value: 0x0100 }],
    [profile('jy-dam1600d-input-16ch'), { kind: 'write-coil', unit: 1, address: 0, value: 0xff00 }],
    // LC-Tech: command 2 switches off for a time and on again; registers between two channels are of neither.
    [command, { kind: 'write-registers', unit: 1, address: 3, words: [2, 20] }],
    [command, { kind: 'write-registers', unit: 1, address: 3, words: [4, 0] }],
    [command, { kind: 'write-registers', unit: 1, address: 4, words: [4, 20] }],
    [command, { kind: 'write-registers', unit: 1, address: 3, words: [4] }],
    [command, { kind: 'write-registers', unit: 0, address: 3, words: [4, 20] }],
    // LC-Tech: register 0 is the unit address of the board.
    [command, { kind: 'write-registers', unit: 1, address: 0, words: [7] }],
    [command, { kind: 'write-one-coil', unit: 1, address: 0, on: true }],
    [command, { kind: 'mask-register', unit: 1, address: 3, and: 0, or: 4 }],
  ] as const;
  for (const [board, request] of forbidden)
    assert.throws(() => checkWrite(board, request), { code: 'WRITE_FORBIDDEN' }, JSON.stringify(request));
  for (const board of [coils, registers, command, profile('lctech-modbus-relay-8ch')])
    for (const request of [
      pulseRelay(board, 1, 7, 100),
      pulseRelay(board, 1, 0, 20_000),
      releaseRelay(board, 1, 7),
    ])
      checkWrite(board, request);
});

function folderWith(t: TestContext, files: Readonly<Record<string, unknown>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'gh-profiles-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  return folder;
}

const board = fileOf(pulseProfile);
const wrongFiles: readonly (readonly [why: string, file: unknown, message: RegExp])[] = [
  ['no JSON', '{', /JSON/],
  ['an unknown pulse', { ...board, pulse: { by: 'magic' } }, /pulse\.by/],
  ['an unknown key', { ...board, relay: 8 }, /relay/],
  [
    'an address beyond 65535',
    { ...board, inputs: { ...Object(board.inputs), read: { by: 'inputs', first: 65_536 } } },
    /inputs\.read\.first/,
  ],
  ['a name in one language only', { ...board, name: { en: 'Board' } }, /name\.zh-CN/],
  ['relays without a pulse', { ...board, pulse: undefined }, /pulse: a pulse is of relays/],
  [
    'a toggle that is on and off at once',
    {
      ...fileOf('r413d08-relay-8ch'),
      id: pulseProfile,
      relays: {
        ...Object(fileOf('r413d08-relay-8ch').relays),
        write: { by: 'register', first: 1, on: 0x0300, off: 0x0300 },
      },
    },
    /relays\.write\.off: "off" is the same as "on"/,
  ],
  [
    'another id than its file name',
    { ...board, id: 'other' },
    /id: the id "other" is not the name of the file/,
  ],
  [
    'a wiring to a board that is not there',
    { ...fileOf(barrierWiring), id: pulseProfile },
    /board: no profile is called/,
  ],
];

for (const [why, file, message] of wrongFiles)
  test(`a profile with ${why} is refused, with file and field named`, (t) => {
    const name = `${pulseProfile}.json`;
    const folder = folderWith(t, { [name]: file });
    assert.throws(() => loadProfiles(folder), { code: 'PROFILE_INVALID', message });
    assert.throws(() => loadProfiles(folder), { message: new RegExp(name) });
  });

test('a wiring to channels that its board lacks is refused', (t) => {
  const wiring = {
    ...fileOf(barrierWiring),
    inputs: { loop: { channel: 8, name: { 'zh-CN': '地感', en: 'LOOP' } } },
  };
  const folder = folderWith(t, { [`${pulseProfile}.json`]: board, [`${barrierWiring}.json`]: wiring });
  assert.throws(() => loadProfiles(folder), {
    message: /inputs\.loop\.channel: .* has no input 8; expected 0 to 7/,
  });
});

test('an unknown profile, a channel the board lacks, or other wires than its wiring put a device out of service', () => {
  const site = siteOf({ id: 'bus', kind: 'modbus-tcp', host: '127.0.0.1', port: 1 });
  const refused = (change: Record<string, unknown>, message: RegExp) => {
    const devices = site.devices.map((device) => ({ ...device, ...change }));
    assert.match(outOfService({ ...site, devices }, loadCatalogue()).get('barrier') ?? '', message);
  };
  refused({ profile: 'toaster' }, /devices\[\d\]\.profile: no profile is called "toaster"/);
  refused({ outputs: { open: 8 } }, /no relay 8/);
  refused({ inputs: { open: 9 } }, /no input 9/);
  refused({ profile: 'xy-md02-temperature-humidity' }, /no profile is called/);
  const wired = { profile: barrierWiring, kind: 'barrier' };
  refused(
    { ...wired, outputs: { open: 1, close: 0, stop: 2 } },
    /outputs\.open: .* wires it to channel 0, and 1 stands here/,
  );
  refused({ ...wired, inputs: { open: 0, closed: 1 } }, /inputs\.loop: .* channel 2, and - stands here/);
  refused({ ...wired, kind: 'door' }, /is the wiring of a barrier/);
  assert.deepEqual([...outOfService(site, loadCatalogue())], []);
});

test('a value that the sensor lacks is named, and one it cannot have measured has no value', () => {
  const sensor = loadCatalogue().sensors.get('xy-md02-temperature-humidity');
  assert.ok(sensor);
  assert.throws(() => sensorRequests(sensor, 1, ['pressure']), {
    code: 'SENSOR_VALUE_UNKNOWN',
    message: /xy-md02.* no value "pressure"/,
    remedy: /temperature, humidity/,
  });
  const [temperature] = sensor.values;
  assert.ok(temperature);
  assert.equal(readingOf(temperature, [0xff33]).value, -20.5);
  assert.deepEqual(readingOf(temperature, [0x7fff]), {
    id: 'temperature',
    name: { 'zh-CN': '温度', en: 'Temperature' },
    unit: '°C',
    raw: 0x7fff,
  });
});

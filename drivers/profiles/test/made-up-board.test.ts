import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { loadSite } from '@gatehouse/contracts';
import { until } from '@gatehouse/harness';
import { encodeRequest } from '../../bus/rtu-frame.ts';
import { dryRun } from '../../commissioning/dry-run.ts';
import { namesOf } from '../../commissioning/registers.ts';
import { BadAdapter } from '../../simulators/bad-adapter.ts';
import { PeerBoard } from '../../test/peers/peer-board.ts';
import { Service } from '../../test/rig.ts';
import { readCatalogue, siteProfiles } from '../profile.ts';
import { ProfileFile } from '../profile-file.ts';
import { readInputs, readRelays, releaseRelay } from '../requests.ts';

const here = join(import.meta.dirname, 'made-up-board');
const baudRate = 19_200;

describe('a board that nobody here knows, by its sheet and the page on profiles alone', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gh-made-up-'));
  const siteFile = join(folder, 'site.yaml');
  const cable = new BadAdapter(join(folder, 'line'), baudRate);
  const catalogue = () => readCatalogue(undefined, siteProfiles(siteFile));
  let board: PeerBoard;
  let service: Service;

  before(async () => {
    mkdirSync(siteProfiles(siteFile));
    copyFileSync(join(here, 'site-hx-io6.json'), join(siteProfiles(siteFile), 'site-hx-io6.json'));
    writeFileSync(
      siteFile,
      `version: 1
site: { id: yard, name: { zh-CN: 院子, en: Yard } }
box: { id: box-1 }
buses: [{ id: yard-bus, kind: modbus-rtu, path: ${cable.path}, baudRate: ${baudRate}, timeoutMs: 2000 }]
devices:
  - id: yard-door
    kind: door
    name: { zh-CN: 院门, en: Yard door }
    bus: yard-bus
    unit: 1
    profile: site-hx-io6
    outputs: { open: 0 }
    inputs: { open: 0 }
    pulseMs: 5000
    moveWithinMs: 10000
    hold: { maxS: 30 }
    failMode: safe
`,
    );
    await cable.start();
    const place = { path: cable.boardsPath, baudRate, unit: 1 };
    board = await PeerBoard.start('pymodbus', place, join(here, 'hx-io6.py'));
    service = await Service.start(loadSite(siteFile), { siteProfiles: siteProfiles(siteFile) });
    await until('yard-door is in contact', async () => (await service.device('yard-door')).comms === 'ok');
  });
  after(async () => {
    await service?.stop();
    await board?.stop();
    await cable.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('its frames are those of the sheet', () => {
    const sheet = readFileSync(join(here, 'data-sheet.md'), 'utf8');
    const profile = catalogue().boards.get('site-hx-io6');
    assert.ok(profile);
    const frames = [
      ...[readRelays(profile, 1), readInputs(profile, 1), releaseRelay(profile, 1, 0)].map((request) =>
        (encodeRequest(request).toString('hex').toUpperCase().match(/../g) ?? []).join(' '),
      ),
    ];
    for (const frame of frames) assert.ok(sheet.includes(`\`${frame}\``), frame);
    const shown = dryRun(loadSite(siteFile), 'yard-door', 'open', undefined, catalogue());
    // Output 1 for 5 s: 100 steps of 50 ms.
    assert.equal(shown[0]?.bytes.slice(0, 17), '01 06 00 c8 00 64');
  });

  test('its door is opened, and the opening is read from its contact; the board lets go by itself', async () => {
    assert.equal((await service.device('yard-door')).position, 'closed');
    const outcome = await service.command('yard-door', 'open');
    assert.deepEqual(
      [outcome.state, outcome.relay, outcome.feedback, outcome.reason],
      ['confirmed', 'actuated', 'reached', undefined],
    );
    assert.deepEqual(await board.writes(), [[6, 200, [100]]]);
    await until('yard-door is closed', async () => (await service.device('yard-door')).position === 'closed');
  });

  test('it is held open for a time that its own clock ends, and let go at once when that is asked', async () => {
    const held = await service.command('yard-door', 'hold-open', { holdS: 30 });
    assert.equal(held.state, 'confirmed', JSON.stringify(held));
    assert.deepEqual((await board.writes()).at(-1), [6, 200, [600]]);
    const released = await service.command('yard-door', 'release');
    assert.equal(released.state, 'confirmed', JSON.stringify(released));
    assert.deepEqual((await board.writes()).at(-1), [6, 100, [0]]);
  });

  test('its registers are named to whoever reads them by hand', () => {
    const names = namesOf(loadSite(siteFile), 'yard-bus', catalogue());
    assert.deepEqual(names(1, 'read-holding', 100), ['yard-door open']);
    assert.deepEqual(names(1, 'read-input-registers', 0), ['yard-door open']);
    assert.deepEqual(names(1, 'read-coils', 0), []);
  });
});

test('the examples of the page are profiles that load', () => {
  const page = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
  const blocks = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');
  const whole = blocks
    .filter((block) => block.startsWith('{'))
    .map((block) => ProfileFile.parse(JSON.parse(block)));
  assert.deepEqual(
    whole.map(({ id }) => id),
    ['site-acme-rb4', 'site-yard-gate', 'site-acme-level'],
  );
});

test('the page names every way to read, write and pulse, and every field of them', () => {
  const page = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
  const schema = readFileSync(join(import.meta.dirname, '../profile.schema.json'), 'utf8');
  const said = (word: string) => page.includes(`\`${word}\``) || page.includes(`"${word}"`);
  const kinds = [...schema.matchAll(/"const": "([a-z0-9-]+)"/g)].map((match) => match[1] ?? '');
  const fields = [...JSON.stringify(JSON.parse(schema)).matchAll(/"properties":\{(.*?)\},"required"/g)]
    .flatMap((match) => [
      ...(match[1] ?? '').matchAll(/"(\w+)":\{"(?:title|description|type|default|anyOf)/g),
    ])
    .map((match) => match[1] ?? '');
  const missing = [...new Set([...kinds, ...fields])].filter((word) => !said(word));
  assert.deepEqual(missing, []);
  assert.ok(kinds.length >= 14 && fields.length >= 20, JSON.stringify({ kinds, fields }));
});

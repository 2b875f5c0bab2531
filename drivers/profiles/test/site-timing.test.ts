import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { dotted, type Site, type SiteFault, Site as SiteSchema, said } from '@gatehouse/contracts';
import { siteOf } from '../../test/rig.ts';
import { type Catalogue, readCatalogue } from '../profile.ts';
import { longestPulseMs, pulseRelay } from '../requests.ts';
import { deviceProblems } from '../site-devices.ts';
import { holdProblems } from '../site-inputs.ts';

const folder = mkdtempSync(join(tmpdir(), 'gh-timing-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const name = { 'zh-CN': '板', en: 'Board' };
/** A board on a jumper that makes every relay let go after a second. */
const jogged = {
  ...{ id: 'site-jogged', kind: 'board', name, note: name, source: 'https://example.com/sheet.pdf' },
  relays: { name, count: 8, read: { by: 'coils', first: 0 }, write: { by: 'coil', first: 0 } },
  inputs: { name, count: 8, read: { by: 'inputs', first: 0 } },
  ...{ pulse: { by: 'board-fixed', ms: 1000 }, worstTurnaroundMs: 100 },
};
writeFileSync(join(folder, 'site-jogged.json'), JSON.stringify(jogged));
const catalogue: Catalogue = readCatalogue(undefined, folder);

/** The rig's site with changes to one of its devices. */
function siteWith(id: 'door' | 'barrier', change: Record<string, unknown>): Site {
  const site = siteOf({ id: 'bus', kind: 'modbus-tcp', host: '127.0.0.1' });
  return SiteSchema.parse({
    ...site,
    devices: site.devices.flatMap((device) => (device.id === id ? [{ ...device, ...change }] : [])),
  });
}
const line = (fault: SiteFault) => `${dotted(fault.path.slice(2))}: ${said(fault, 'en').message}`;
const told = (id: 'door' | 'barrier', change: Record<string, unknown>) =>
  holdProblems(siteWith(id, change), catalogue.boards).map(line);

test('a pulse whose length the board fixes is written as the site says it, and holds nothing', () => {
  const profile = 'site-jogged';
  const board = catalogue.boards.get(profile);
  assert.ok(board);
  assert.equal(longestPulseMs(board), 1000);
  // At any length: on, and the board lets go.
  assert.deepEqual(pulseRelay(board, 1, 2, 60_000), {
    kind: 'write-coil',
    unit: 1,
    address: 2,
    value: 0xff00,
  });
  assert.deepEqual(told('barrier', { profile, pulseMs: 1000 }), []);
  assert.deepEqual(told('barrier', { profile, pulseMs: 500 }), [
    'pulseMs: site-jogged lets go by itself after 1000 ms; expected pulseMs: 1000',
  ]);
  assert.match(
    told('barrier', { profile, pulseMs: 1000, hold: {} }).join(),
    /^hold: .*can hold nothing open/,
  );
  assert.match(
    told('door', { profile, pulseMs: 1000 }).join(),
    /^onFire: .*cannot hold a door open in a fire/,
  );
  assert.deepEqual(told('door', { profile, pulseMs: 1000, onFire: 'none' }), []);
});

test('a hold or a pulse longer than the board can time is told, on boards of registers and of commands too', () => {
  const register = { profile: 'r413d08-relay-8ch', inputs: {} };
  assert.deepEqual(told('door', { ...register, hold: { maxS: 255 } }), []);
  assert.deepEqual(told('door', { ...register, hold: { maxS: 256 } }), [
    'hold.maxS: 256 s is longer than r413d08-relay-8ch can hold; expected at most 255 s',
  ]);
  const command = { profile: 'lctech-modbus-relay-8ch-flash' };
  assert.deepEqual(told('door', { ...command, hold: { maxS: 3200 } }), []);
  assert.deepEqual(
    told('door', { profile: 'lctech-modbus-relay-8ch', hold: { maxS: 3200 } }),
    [],
    'the box times it',
  );
});

test('a gate that is wired with one button is one in the site file, too', () => {
  const one = { kind: 'gate', profile: 'gate-one-button-waveshare-8ch', outputs: { open: 0 } };
  const problems = (change: Record<string, unknown>) =>
    deviceProblems(
      siteWith('barrier', { ...one, inputs: { open: 0, closed: 1 }, ...change }),
      catalogue.boards,
    ).map(line);
  assert.deepEqual(problems({ control: 'step-by-step' }), []);
  assert.deepEqual(problems({}), [
    'control: gate-one-button-waveshare-8ch is wired for control: step-by-step; expected that',
  ]);
  assert.match(
    problems({ control: 'step-by-step', inputs: { closed: 0 } }).join(),
    /inputs\.closed: .* channel 1, and 0 stands here/,
  );
});

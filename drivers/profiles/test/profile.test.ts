import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { silentLog, systemClock } from '@gatehouse/kit';
import { buildDrivers } from '../../drivers.ts';
import { pulseProfile, siteOf } from '../../test/rig.ts';
import { loadProfiles, type Profile } from '../profile.ts';
import { pulseRelay, releaseRelay } from '../requests.ts';

function profile(id: string): Profile {
  const found = loadProfiles().get(id);
  assert.ok(found);
  return found;
}

test('every profile of the package is valid, and its file carries its id', () => {
  assert.deepEqual([...loadProfiles().keys()].toSorted(), [
    'lctech-modbus-relay-8ch',
    'waveshare-modbus-rtu-relay-8ch',
  ]);
});

/** Waveshare wiki: "01 05 02 00 00 07 8D B0", relay 0 on for 7 x 100 ms; "01 05 02 01 00 08 9C 74", relay 1 for 800 ms. */
test('a pulse asks the board for its own steps, rounded up, never none', () => {
  const board = profile(pulseProfile);
  assert.deepEqual(pulseRelay(board, 1, 0, 700), { kind: 'write-coil', unit: 1, address: 0x0200, value: 7 });
  assert.deepEqual(pulseRelay(board, 1, 1, 800), { kind: 'write-coil', unit: 1, address: 0x0201, value: 8 });
  assert.deepEqual(pulseRelay(board, 1, 1, 701), { kind: 'write-coil', unit: 1, address: 0x0201, value: 8 });
  assert.deepEqual(pulseRelay(board, 1, 1, 1), { kind: 'write-coil', unit: 1, address: 0x0201, value: 1 });
});

test('a board without its own pulse is switched on and off', () => {
  const board = profile('lctech-modbus-relay-8ch');
  assert.deepEqual(pulseRelay(board, 1, 3, 500), { kind: 'write-coil', unit: 1, address: 3, value: 0xff00 });
  assert.deepEqual(releaseRelay(board, 1, 3), { kind: 'write-coil', unit: 1, address: 3, value: 0 });
});

test('a wrong profile names its file and the field', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gh-profiles-'));
  try {
    writeFileSync(
      join(folder, 'board.json'),
      JSON.stringify({ ...profile(pulseProfile), pulse: { by: 'magic' } }),
    );
    assert.throws(() => loadProfiles(folder), { code: 'PROFILE_INVALID', message: /board\.json: pulse/ });
    writeFileSync(join(folder, 'board.json'), '{');
    assert.throws(() => loadProfiles(folder), { code: 'PROFILE_INVALID', message: /board\.json/ });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a site with an unknown profile, or a channel the board lacks, is refused by name', () => {
  const site = siteOf({ id: 'bus', kind: 'modbus-tcp', host: '127.0.0.1', port: 1 });
  const build = (change: Record<string, unknown>) => () =>
    buildDrivers({
      site: { ...site, devices: site.devices.map((device) => ({ ...device, ...change })) },
      clock: systemClock,
      log: silentLog,
      database: '/nowhere/drivers.db',
      socket: '/nowhere/api.sock',
      clockTrusted: () => true,
    });
  assert.throws(build({ profile: 'toaster' }), { code: 'SITE_DEVICE_INVALID', message: /barrier.*toaster/ });
  assert.throws(build({ outputs: { open: 8 } }), { code: 'SITE_DEVICE_INVALID', message: /no relay 8/ });
  assert.throws(build({ inputs: { open: 9 } }), { code: 'SITE_DEVICE_INVALID', message: /no input 9/ });
});

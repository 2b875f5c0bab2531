import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { silentLog } from '@gatehouse/kit';
import { pulseProfile, Service, siteOf, tcpBoard } from '../../test/rig.ts';
import { readCatalogue, siteProfiles } from '../profile.ts';

const shipped = (id: string) =>
  JSON.parse(readFileSync(join(import.meta.dirname, '..', `${id}.json`), 'utf8'));
const ofSite = (id: string, change: Record<string, unknown> = {}) => ({
  ...shipped(pulseProfile),
  id,
  ...change,
});

/** A site folder with its profiles, as an installer leaves it. */
function siteWith(t: TestContext, files: Readonly<Record<string, unknown>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'gh-site-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const profiles = siteProfiles(join(folder, 'site.yaml'));
  mkdirSync(profiles);
  for (const [name, file] of Object.entries(files))
    writeFileSync(join(profiles, name), typeof file === 'string' ? file : JSON.stringify(file, undefined, 2));
  return profiles;
}

test('profiles beside the site file are there with those of the software, and a wiring may be to either', (t) => {
  const wiring = shipped('barrier-dry-contact-waveshare-8ch');
  const folder = siteWith(t, {
    'site-acme.json': ofSite('site-acme'),
    'site-arm-acme.json': { ...wiring, id: 'site-arm-acme', board: 'site-acme' },
    'site-arm-waveshare.json': { ...wiring, id: 'site-arm-waveshare' },
    'README.txt': 'where these come from',
  });
  const { boards, broken } = readCatalogue(undefined, folder);
  assert.deepEqual([...broken], []);
  assert.equal(boards.get('site-arm-acme')?.boardId, 'site-acme');
  assert.equal(boards.get('site-arm-waveshare')?.boardId, pulseProfile);
  assert.ok(boards.has(pulseProfile));
});

test('a site has no folder of profiles: nothing is missing', () => {
  const { boards, broken } = readCatalogue(undefined, siteProfiles('/nowhere/site.yaml'));
  assert.deepEqual([...broken], []);
  assert.ok(boards.size > 0);
});

test('a profile of a site never stands for one of the software: it is refused by name, and the other stays', (t) => {
  const spoilt = ofSite(pulseProfile, {
    pulse: { by: 'board-coil', first: 0x0300, stepMs: 100, maxSteps: 10 },
  });
  const folder = siteWith(t, { [`${pulseProfile}.json`]: spoilt });
  const { boards, broken } = readCatalogue(undefined, folder);
  const error = broken.get(pulseProfile);
  assert.equal(error?.code, 'PROFILE_INVALID');
  assert.match(
    error?.message ?? '',
    /waveshare.*\.json:3: id: a profile of a site must not be taken.*begins with "site-"/,
  );
  assert.deepEqual(
    boards.get(pulseProfile)?.pulse,
    shipped(pulseProfile).pulse && { ...shipped(pulseProfile).pulse, stride: 1 },
  );
});

test('no profile of the software may ever take a name that is kept for sites', () => {
  const { boards, sensors } = readCatalogue();
  assert.deepEqual(
    [...boards.keys(), ...sensors.keys()].filter((id) => id.startsWith('site-')),
    [],
  );
});

test('one bad profile is named with file, line and field, and takes out nothing but itself and its wirings', (t) => {
  const wiring = shipped('barrier-dry-contact-waveshare-8ch');
  const folder = siteWith(t, {
    'site-good.json': ofSite('site-good'),
    'site-bad.json': ofSite('site-bad', { worstTurnaroundMs: 'fast' }),
    'site-arm.json': { ...wiring, id: 'site-arm', board: 'site-bad' },
    'site-torn.json': '{ "id": "site-to',
  });
  const { boards, broken } = readCatalogue(undefined, folder);
  assert.ok(boards.has('site-good'));
  assert.deepEqual([...broken.keys()].toSorted(), ['site-arm', 'site-bad', 'site-torn']);
  assert.match(broken.get('site-bad')?.message ?? '', /site-bad\.json:\d+: worstTurnaroundMs: /);
  assert.match(
    broken.get('site-arm')?.message ?? '',
    /site-arm\.json:\d+: board: no profile is called "site-bad"/,
  );
  assert.match(broken.get('site-torn')?.message ?? '', /site-torn\.json:1: \(file\): .*JSON/);
});

test('a folder that may not be read is named, and the profiles of the software stay', (t) => {
  const folder = siteWith(t, { 'site-good.json': ofSite('site-good') });
  rmSync(folder, { recursive: true });
  writeFileSync(folder, 'a file where a folder should be');
  const { boards, broken } = readCatalogue(undefined, folder);
  assert.match(
    [...broken.values()][0]?.message ?? '',
    /profiles:1: \(file\): the folder cannot be read \(ENOTDIR\)/,
  );
  assert.ok(boards.has(pulseProfile));
});

test('a profile that may not be read, is too long, or is one of too many is named', (t) => {
  const folder = siteWith(t, {
    'site-long.json': JSON.stringify(ofSite('site-long')).padEnd(300 * 1024),
    'site-closed.json': ofSite('site-closed'),
  });
  const closed = join(folder, 'site-closed.json');
  // Root reads everything: a folder in the file's place is what even root cannot read as one.
  rmSync(closed);
  mkdirSync(closed);
  chmodSync(closed, 0o755);
  const { broken } = readCatalogue(undefined, folder);
  assert.match(broken.get('site-long')?.message ?? '', /is too long; expected at most 256 KiB/);
  assert.match(broken.get('site-closed')?.message ?? '', /EISDIR/);
  for (let i = 0; i < 260; i++) writeFileSync(join(folder, `site-${i}.json`), '{}');
  const many = readCatalogue(undefined, folder);
  assert.match([...many.broken.values()][0]?.message ?? '', /there are 262 profiles; expected at most 256/);
});

test('the service opens a door by a profile of the site, and logs each that it left out', async (t) => {
  const board = await tcpBoard();
  t.after(() => board.close());
  const folder = siteWith(t, { 'site-acme.json': ofSite('site-acme'), 'site-torn.json': '{' });
  const logged: string[] = [];
  const log = { ...silentLog, warn: (event: string) => void logged.push(event) };
  const service = await Service.start(siteOf(board.bus, 'site-acme'), { siteProfiles: folder, log });
  t.after(() => service.stop());
  await service.ready();
  assert.deepEqual(
    logged.filter((event) => event === 'profile-left-out'),
    ['profile-left-out'],
  );
  assert.equal((await service.command('door', 'open')).state, 'confirmed');
});

import assert from 'node:assert/strict';
import { chmodSync, chownSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { loadSite, parseSite, type Site, type Zone } from '@gatehouse/contracts';
import { GatehouseError, ManualClock, silentLog } from '@gatehouse/kit';
import { frame, startRules, temporaryFolder } from '../../test/fixtures.ts';
import { CurrentSite } from '../current-site.ts';

const text = `# The east side. Keep in step with the plan in the guard room.
version: 1
site: { id: compound, name: { zh-CN: 小区, en: Compound } }
box: { id: box-1 }
cameras:
  - id: west
    name: { zh-CN: 西门, en: West gate }
    url: rtsp://192.0.2.8/stream1
  - id: east
    name: { zh-CN: 东门, en: East gate }
    url: rtsp://192.0.2.7/stream1
    zones:
      # Painted yellow in 2025.
      - id: lane
        name: { zh-CN: 车道, en: Lane }
        polygon: [[0, 0], [1, 0], [1, 1], [0, 1]]
        rules:
          - kind: illegal-parking
            stoppedAfterS: 5
            violationAfterS: 30 # agreed with the committee
            clearAfterS: 5
      - id: bay # delivery
        name: { zh-CN: 装卸, en: Bay }
        polygon: [[0, 0], [0.2, 0], [0.2, 0.2]]
`;

function openSite(t: TestContext) {
  const folder = temporaryFolder(t);
  const file = join(folder, 'site.yaml');
  writeFileSync(file, text, { mode: 0o640 });
  const applied: Site[] = [];
  const current = new CurrentSite({
    file,
    history: join(folder, 'site-history'),
    site: loadSite(file),
    apply: (site) => applied.push(site),
    clock: new ManualClock(),
    log: silentLog,
  });
  const zones = () => structuredClone(current.camera('east').zones);
  return { current, file, folder, applied, zones, read: () => readFileSync(file, 'utf8') };
}

const hasCode = (code: string) => (error: unknown) => error instanceof GatehouseError && error.code === code;

function edited(zones: Zone[], violationAfterS: number): Zone[] {
  return zones.map((zone) =>
    zone.id === 'lane'
      ? {
          ...zone,
          polygon: [
            [0, 0.5],
            [1, 0.5],
            [1, 1],
          ],
          rules: zone.rules.map((rule) =>
            rule.kind === 'illegal-parking' ? { ...rule, violationAfterS } : rule,
          ),
        }
      : zone,
  );
}

test('saving touches only what was edited: comments, order and defaults stay as they were written', (t) => {
  const { current, read, zones, applied } = openSite(t);
  current.saveZones('east', edited(zones(), 45), current.version(), 'zhao');
  const expected = text
    .replace('violationAfterS: 30', 'violationAfterS: 45')
    .replace('[[0, 0], [1, 0], [1, 1], [0, 1]]', '[[0, 0.5], [1, 0.5], [1, 1]]');
  assert.equal(read(), expected);
  assert.equal(applied.length, 1);
  assert.deepEqual(applied[0]?.cameras[1]?.zones, edited(zones(), 45));
});

test('line ends, a byte order mark and blanks stay, and what is not UTF-8 is refused instead of changed', (t) => {
  const { current, file, read, zones } = openSite(t);
  const windows = `\ufeff${text.replaceAll('\n', ' \r\n')}`;
  writeFileSync(file, windows);
  current.saveZones('east', edited(zones(), 45), current.version(), 'zhao');
  assert.equal(
    read(),
    windows
      .replace('violationAfterS: 30', 'violationAfterS: 45')
      .replace('[[0, 0], [1, 0], [1, 1], [0, 1]]', '[[0, 0.5], [1, 0.5], [1, 1]]'),
  );
  // 小区 in GB 18030. Read as UTF-8 it would be lost with the next save.
  const gbk = Buffer.concat([
    Buffer.from('# '),
    Buffer.from([0xd0, 0xa1, 0xc7, 0xf8]),
    Buffer.from(`\n${text}`),
  ]);
  writeFileSync(file, gbk);
  assert.throws(
    () => current.version(),
    (error) => hasCode('SITE_FILE_INVALID')(error) && /GB18030/.test(String(error)),
  );
  assert.deepEqual(readFileSync(file), gbk);
});

test('zones can be added and taken away, also to a camera that had none', (t) => {
  const { current, read, zones } = openSite(t);
  const [lane, bay] = zones();
  assert.ok(lane && bay);
  const fresh: Zone = { ...bay, id: 'hydrant', rules: lane.rules };
  current.saveZones('east', [lane, fresh], current.version(), 'zhao');
  assert.deepEqual(
    current.camera('east').zones.map(({ id }) => id),
    ['lane', 'hydrant'],
  );
  assert.match(read(), /Painted yellow/);
  current.saveZones('west', [fresh], current.version(), 'zhao');
  assert.deepEqual(current.camera('west').zones, [fresh]);
  current.saveZones('east', [], current.version(), 'zhao');
  const parsed = parseSite(read());
  assert.deepEqual(parsed.ok && parsed.site.cameras[1]?.zones, []);
});

test('the previous version is kept, the mode too, and no half-written file is ever there', (t) => {
  const { current, file, folder, zones } = openSite(t);
  current.saveZones('east', edited(zones(), 45), current.version(), 'zhao');
  const history = readdirSync(join(folder, 'site-history'));
  assert.equal(history.length, 1);
  assert.equal(readFileSync(join(folder, 'site-history', history[0] ?? ''), 'utf8'), text);
  assert.equal(statSync(file).mode & 0o777, 0o640);
  assert.deepEqual(readdirSync(folder).toSorted(), ['site-history', 'site.yaml']);
});

test('what a power cut left half-written is replaced by the next save, and never read', (t) => {
  const { current, file, folder, zones } = openSite(t);
  writeFileSync(`${file}.new`, text.slice(0, 100));
  assert.equal(loadSite(file).cameras.length, 2);
  current.saveZones('east', edited(zones(), 45), current.version(), 'zhao');
  assert.match(readFileSync(file, 'utf8'), /violationAfterS: 45 # agreed/);
  assert.deepEqual(readdirSync(folder).toSorted(), ['site-history', 'site.yaml']);
});

test('a file of somebody else that everybody may read is replaced without a change of owner', {
  skip: process.getuid?.() === 0 ? false : 'needs root to give the file away',
}, (t) => {
  const { current, file, zones } = openSite(t);
  chownSync(file, 12_345, 12_345);
  chmodSync(file, 0o644);
  current.saveZones('east', edited(zones(), 45), current.version(), 'zhao');
  assert.deepEqual([statSync(file).uid, statSync(file).mode & 0o777], [0, 0o644]);
  chownSync(file, 12_345, 12_345);
  chmodSync(file, 0o640);
  current.saveZones('east', edited(zones(), 60), current.version(), 'zhao');
  assert.deepEqual(
    [statSync(file).uid, statSync(file).gid],
    [12_345, 12_345],
    'its readers are those of its group',
  );
});

test('an edit that began before the file was changed is refused, and nothing changes', (t) => {
  const { current, file, read, zones, applied } = openSite(t);
  const version = current.version();
  writeFileSync(file, `${text}# by hand\n`);
  assert.throws(() => current.saveZones('east', zones(), version, 'zhao'), hasCode('SITE_FILE_CHANGED'));
  assert.equal(read(), `${text}# by hand\n`);
  assert.equal(applied.length, 0);
});

test('zones that do not make sense as a whole are refused with the place', (t) => {
  const { current, read, zones, applied } = openSite(t);
  const crossing = zones().map((zone) => ({
    ...zone,
    polygon: [
      [0, 0],
      [1, 1],
      [1, 0],
      [0, 1],
    ] as [number, number][],
  }));
  assert.throws(
    () => current.saveZones('east', crossing, current.version(), 'zhao'),
    (error) => hasCode('ZONES_INVALID')(error) && /polygon crosses itself/.test(String(error)),
  );
  assert.throws(() => current.saveZones('north', [], current.version(), 'zhao'), hasCode('CAMERA_UNKNOWN'));
  assert.equal(read(), text);
  assert.equal(applied.length, 0);
});

test('a folder that cannot be written is said with the remedy', { skip: process.getuid?.() === 0 }, (t) => {
  const { current, folder, zones } = openSite(t);
  chmodSync(folder, 0o550);
  t.after(() => chmodSync(folder, 0o750));
  assert.throws(
    () => current.saveZones('east', edited(zones(), 45), current.version(), 'zhao'),
    hasCode('SITE_FILE_NOT_WRITABLE'),
  );
});

test('edited thresholds take effect at once on what has been observed, without a restart', async (t) => {
  const bench = startRules(temporaryFolder(t));
  t.after(() => bench.stop());
  const { current, zones } = openSite(t);
  await bench.play(0, 20);
  assert.equal(bench.store.incidents({ limit: 9 }).length, 0);
  current.saveZones('east', edited(zones(), 15), current.version(), 'zhao');
  bench.rules.reload(current.site);
  bench.put(frame(20_500));
  const [{ incident } = { incident: undefined }] = bench.store.incidents({ limit: 9 });
  assert.equal(incident?.phase, 'opened', 'it has stood 20 s already');
  current.saveZones('east', [], current.version(), 'zhao');
  bench.rules.reload(current.site);
  assert.equal(bench.store.incident(incident?.id ?? '')?.phase, 'cleared', 'its zone is gone');
});

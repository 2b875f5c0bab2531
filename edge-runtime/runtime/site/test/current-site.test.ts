import assert from 'node:assert/strict';
import { chmodSync, chownSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { loadSite, parseSite, type Site, type Zone } from '@gatehouse/contracts';
import { GatehouseError, ManualClock, silentLog } from '@gatehouse/kit';
import { frame, startRecorder, temporaryFolder } from '../../test/fixtures.ts';
import { SiteBook } from '../current-site.ts';

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

function openBook(t: TestContext) {
  const folder = temporaryFolder(t);
  const file = join(folder, 'site.yaml');
  writeFileSync(file, text, { mode: 0o640 });
  const applied: Site[] = [];
  const book = new SiteBook({
    file,
    history: join(folder, 'site-history'),
    site: loadSite(file),
    apply: (site) => applied.push(site),
    clock: new ManualClock(),
    log: silentLog,
  });
  const zones = () => structuredClone(book.camera('east').zones);
  return { book, file, folder, applied, zones, read: () => readFileSync(file, 'utf8') };
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
  const { book, read, zones, applied } = openBook(t);
  book.saveZones('east', edited(zones(), 45), book.version(), 'zhao');
  const expected = text
    .replace('violationAfterS: 30', 'violationAfterS: 45')
    .replace('[[0, 0], [1, 0], [1, 1], [0, 1]]', '[[0, 0.5], [1, 0.5], [1, 1]]');
  assert.equal(read(), expected);
  assert.equal(applied.length, 1);
  assert.deepEqual(applied[0]?.cameras[1]?.zones, edited(zones(), 45));
});

test('line ends, a byte order mark and blanks stay, and what is not UTF-8 is refused instead of changed', (t) => {
  const { book, file, read, zones } = openBook(t);
  const windows = `\ufeff${text.replaceAll('\n', ' \r\n')}`;
  writeFileSync(file, windows);
  book.saveZones('east', edited(zones(), 45), book.version(), 'zhao');
  assert.equal(
    read(),
    windows
      .replace('violationAfterS: 30', 'violationAfterS: 45')
      .replace('[[0, 0], [1, 0], [1, 1], [0, 1]]', '[[0, 0.5], [1, 0.5], [1, 1]]'),
  );
  // 小区 in GB 18030, which read as UTF-8 would be lost with the next save.
  const gbk = Buffer.concat([
    Buffer.from('# '),
    Buffer.from([0xd0, 0xa1, 0xc7, 0xf8]),
    Buffer.from(`\n${text}`),
  ]);
  writeFileSync(file, gbk);
  assert.throws(
    () => book.version(),
    (error) => hasCode('SITE_FILE_INVALID')(error) && /GB18030/.test(String(error)),
  );
  assert.deepEqual(readFileSync(file), gbk);
});

test('zones can be added and taken away, also to a camera that had none', (t) => {
  const { book, read, zones } = openBook(t);
  const [lane, bay] = zones();
  assert.ok(lane && bay);
  const fresh: Zone = { ...bay, id: 'hydrant', rules: lane.rules };
  book.saveZones('east', [lane, fresh], book.version(), 'zhao');
  assert.deepEqual(
    book.camera('east').zones.map(({ id }) => id),
    ['lane', 'hydrant'],
  );
  assert.match(read(), /Painted yellow/);
  book.saveZones('west', [fresh], book.version(), 'zhao');
  assert.deepEqual(book.camera('west').zones, [fresh]);
  book.saveZones('east', [], book.version(), 'zhao');
  const parsed = parseSite(read());
  assert.deepEqual(parsed.ok && parsed.site.cameras[1]?.zones, []);
});

test('the previous version is kept, the mode too, and no half-written file is ever there', (t) => {
  const { book, file, folder, zones } = openBook(t);
  book.saveZones('east', edited(zones(), 45), book.version(), 'zhao');
  const history = readdirSync(join(folder, 'site-history'));
  assert.equal(history.length, 1);
  assert.equal(readFileSync(join(folder, 'site-history', history[0] ?? ''), 'utf8'), text);
  assert.equal(statSync(file).mode & 0o777, 0o640);
  assert.deepEqual(readdirSync(folder).toSorted(), ['site-history', 'site.yaml']);
});

test('what a power cut left half-written is replaced by the next save, and never read', (t) => {
  const { book, file, folder, zones } = openBook(t);
  writeFileSync(`${file}.new`, text.slice(0, 100));
  assert.equal(loadSite(file).cameras.length, 2);
  book.saveZones('east', edited(zones(), 45), book.version(), 'zhao');
  assert.match(readFileSync(file, 'utf8'), /violationAfterS: 45 # agreed/);
  assert.deepEqual(readdirSync(folder).toSorted(), ['site-history', 'site.yaml']);
});

test('a file of somebody else that everybody may read is replaced without a change of owner', {
  skip: process.getuid?.() === 0 ? false : 'needs root to give the file away',
}, (t) => {
  const { book, file, zones } = openBook(t);
  chownSync(file, 12_345, 12_345);
  chmodSync(file, 0o644);
  book.saveZones('east', edited(zones(), 45), book.version(), 'zhao');
  assert.deepEqual([statSync(file).uid, statSync(file).mode & 0o777], [0, 0o644]);
  chownSync(file, 12_345, 12_345);
  chmodSync(file, 0o640);
  book.saveZones('east', edited(zones(), 60), book.version(), 'zhao');
  assert.deepEqual(
    [statSync(file).uid, statSync(file).gid],
    [12_345, 12_345],
    'its readers are those of its group',
  );
});

test('an edit that began before the file was changed is refused, and nothing changes', (t) => {
  const { book, file, read, zones, applied } = openBook(t);
  const version = book.version();
  writeFileSync(file, `${text}# by hand\n`);
  assert.throws(() => book.saveZones('east', zones(), version, 'zhao'), hasCode('SITE_FILE_CHANGED'));
  assert.equal(read(), `${text}# by hand\n`);
  assert.equal(applied.length, 0);
});

test('zones that do not make sense as a whole are refused with the place', (t) => {
  const { book, read, zones, applied } = openBook(t);
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
    () => book.saveZones('east', crossing, book.version(), 'zhao'),
    (error) => hasCode('ZONES_INVALID')(error) && /polygon crosses itself/.test(String(error)),
  );
  assert.throws(() => book.saveZones('north', [], book.version(), 'zhao'), hasCode('CAMERA_UNKNOWN'));
  assert.equal(read(), text);
  assert.equal(applied.length, 0);
});

test('a folder that cannot be written is said with the remedy', { skip: process.getuid?.() === 0 }, (t) => {
  const { book, folder, zones } = openBook(t);
  chmodSync(folder, 0o550);
  t.after(() => chmodSync(folder, 0o750));
  assert.throws(
    () => book.saveZones('east', edited(zones(), 45), book.version(), 'zhao'),
    hasCode('SITE_FILE_NOT_WRITABLE'),
  );
});

test('edited thresholds take effect at once on what has been observed, without a restart', async (t) => {
  const bench = startRecorder(temporaryFolder(t));
  t.after(() => bench.stop());
  const { book, zones } = openBook(t);
  await bench.play(0, 20);
  assert.equal(bench.store.incidents({ limit: 9 }).length, 0);
  book.saveZones('east', edited(zones(), 15), book.version(), 'zhao');
  bench.recorder.reload(book.site);
  bench.put(frame(20_500));
  const [{ incident } = { incident: undefined }] = bench.store.incidents({ limit: 9 });
  assert.equal(incident?.phase, 'opened', 'it has stood 20 s already');
  book.saveZones('east', [], book.version(), 'zhao');
  bench.recorder.reload(book.site);
  assert.equal(bench.store.incident(incident?.id ?? '')?.phase, 'cleared', 'its zone is gone');
});

import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ManualClock, silentLog } from '@gatehouse/kit';
import { startRules, temporaryFolder, testSite } from '../../test/fixtures.ts';
import { ClipFiles } from '../clip-files.ts';
import { DiskPressure } from '../disk-pressure.ts';
import { StillFiles } from '../still-files.ts';

const gibibyte = 1024 ** 3;
const bytes = (text: string) => Buffer.from(text);

test('an incident is shown by its first picture, that of the decision, that of its clearing and a clip around it', async (t) => {
  const folder = temporaryFolder(t);
  const clips: number[][] = [];
  const bench = startRules(
    folder,
    testSite(),
    async (_, atMs) => bytes(`at ${atMs}`),
    async (_, fromMs, toMs) => {
      clips.push([fromMs, toMs]);
      return bytes('clip');
    },
  );
  await bench.play(0, 60);
  await bench.play(60, 80, false);
  const [{ incident } = { incident: undefined }] = bench.store.incidents({ limit: 9 });
  assert.ok(incident);
  assert.deepEqual(incident.stills.toSorted(), ['cleared', 'first', 'opened']);
  const stills = new StillFiles(join(folder, 'stills'));
  assert.equal(stills.read(incident.id, 'first')?.toString(), 'at 0', 'of the frame in which it began');
  assert.equal(stills.read(incident.id, 'opened')?.toString(), 'at 30000');
  assert.deepEqual([incident.clip, clips], [true, [[25_000, 40_000]]]);
  assert.equal(new ClipFiles(join(folder, 'clips')).read(incident.id)?.toString(), 'clip');
  assert.doesNotMatch(JSON.stringify(bench.store.outboxBatch('alarm', 0, 99).events), /still|clip/);
  bench.stop();
});

test('an incident stands without pictures and without a clip', async (t) => {
  const gone = () => Promise.reject(new Error('camera gone'));
  const bench = startRules(temporaryFolder(t), testSite(), gone, gone);
  await bench.play(0, 60);
  const [{ incident } = { incident: undefined }] = bench.store.incidents({ limit: 9 });
  assert.deepEqual([incident?.phase, incident?.stills, incident?.clip], ['opened', [], undefined]);
  bench.stop();
});

test('what only passes through costs no picture', async (t) => {
  let taken = 0;
  const bench = startRules(temporaryFolder(t), testSite(), async () => bytes(`${taken++}`));
  await bench.play(0, 3);
  await bench.play(3, 30, false);
  assert.equal(taken, 0);
  bench.stop();
});

test('clips are bounded by bytes: what is kept has its term, one too many is refused, a half-written one goes', (t) => {
  const folder = join(temporaryFolder(t), 'clips');
  const ids = Array.from({ length: 3 }, (_, i) => `00000000-0000-4000-8000-00000000000${i}`);
  const clips = new ClipFiles(folder, { maxBytes: 250 });
  const write = (id = '') => clips.write(id, Buffer.alloc(100));
  write(ids[0]);
  writeFileSync(join(folder, '.left-by-a-crash'), 'x'.repeat(100));
  write(ids[1]);
  assert.throws(() => write(ids[2]), { code: 'CLIPS_FULL' });
  assert.deepEqual(readdirSync(folder).toSorted(), [`${ids[0]}.mp4`, `${ids[1]}.mp4`]);
  clips.remove(ids[0] ?? '');
  write(ids[2]);
  assert.deepEqual(
    clips
      .incidents()
      .map(({ id }) => id)
      .toSorted(),
    [ids[1], ids[2]],
  );
  assert.equal(clips.read('../../etc/passwd'), undefined);
});

test('on a disk that fills up clips give way first, then stills, events never; each comes back with room', async (t) => {
  const folder = temporaryFolder(t);
  let free = 50 * gibibyte;
  const clock = new ManualClock();
  const guard = new DiskPressure({
    folder,
    clock,
    log: silentLog,
    bounds: { clipsBelowGiB: 2, stillsBelowGiB: 1 },
    measure: () => ({ free, total: 100 * gibibyte }),
  });
  guard.start();
  t.after(() => guard.stop());
  const at = async (freeGiB: number) => {
    free = freeGiB * gibibyte;
    await clock.advance(5_000);
    return [guard.allows('clips'), guard.allows('stills'), guard.health().length];
  };
  assert.deepEqual(await at(2), [true, true, 0]);
  assert.deepEqual(await at(1.9), [false, true, 1]);
  assert.match(guard.health()[0]?.detail ?? '', /1\.90 GiB free .*no new clips are kept.*Free space/);
  assert.deepEqual(await at(0.9), [false, false, 1]);
  assert.match(guard.health()[0]?.detail ?? '', /no new clips and stills/);
  assert.deepEqual(await at(1.1), [false, false, 1], 'not at once: it would flap');
  assert.deepEqual(await at(1.3), [false, true, 1]);
  assert.deepEqual(await at(2.3), [false, true, 1]);
  assert.deepEqual(await at(2.5), [true, true, 0]);
});

test('an incident on a disk with room for nothing else is an event without stills and clip', async (t) => {
  let asked = 0;
  const take = async () => bytes(`${asked++}`);
  for (const [room, stills, clip] of [
    ['stills', ['first', 'opened'], undefined],
    ['events', [], undefined],
  ] as const) {
    const allows = (what: string) => what === room;
    const bench = startRules(temporaryFolder(t), testSite(), take, take, allows);
    await bench.play(0, 60);
    const [{ incident } = { incident: undefined }] = bench.store.incidents({ limit: 9 });
    assert.deepEqual(
      [incident?.phase, incident?.stills.toSorted(), incident?.clip],
      ['opened', stills, clip],
    );
    bench.stop();
  }
});

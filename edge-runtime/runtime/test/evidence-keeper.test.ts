import assert from 'node:assert/strict';
import { readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ClipFiles } from '../clip-files.ts';
import { StillFiles } from '../still-files.ts';
import { startRecorder, temporaryFolder, testSite } from './fixtures.ts';

const bytes = (text: string) => Buffer.from(text);

test('an incident is shown by its first picture, that of the decision, that of its clearing and a clip around it', async (t) => {
  const folder = temporaryFolder(t);
  const clips: number[][] = [];
  const bench = startRecorder(
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
  const bench = startRecorder(temporaryFolder(t), testSite(), gone, gone);
  await bench.play(0, 60);
  const [{ incident } = { incident: undefined }] = bench.store.incidents({ limit: 9 });
  assert.deepEqual([incident?.phase, incident?.stills, incident?.clip], ['opened', [], undefined]);
  bench.stop();
});

test('what only passes through costs no picture', async (t) => {
  let taken = 0;
  const bench = startRecorder(temporaryFolder(t), testSite(), async () => bytes(`${taken++}`));
  await bench.play(0, 3);
  await bench.play(3, 30, false);
  assert.equal(taken, 0);
  bench.stop();
});

test('clips are bounded by count and by bytes: the oldest goes first, a half-written one too', (t) => {
  const folder = join(temporaryFolder(t), 'clips');
  const ids = Array.from({ length: 5 }, (_, i) => `00000000-0000-4000-8000-00000000000${i}`);
  const fill = (clips: ClipFiles, size: number) => {
    for (const [i, id] of ids.entries()) {
      clips.write(id, Buffer.alloc(size));
      utimesSync(join(folder, `${id}.mp4`), 1_000 + i, 1_000 + i);
    }
  };
  const byCount = new ClipFiles(folder, { maxCount: 3 });
  fill(byCount, 10);
  assert.deepEqual(
    ids.map((id) => byCount.read(id) !== undefined),
    [false, false, true, true, true],
  );
  const byBytes = new ClipFiles(folder, { maxBytes: 250 });
  writeFileSync(join(folder, '.left-by-a-crash'), 'x');
  fill(byBytes, 100);
  assert.deepEqual(readdirSync(folder).toSorted(), [`${ids[3]}.mp4`, `${ids[4]}.mp4`]);
  assert.equal(byBytes.read('../../etc/passwd'), undefined);
});

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { GatehouseError } from '@gatehouse/kit';
import { frame, startRules, temporaryFolder, testSite } from '../../test/fixtures.ts';

test('a standing car becomes one incident with its still, goes upstream without it, and clears after it left', async (t) => {
  const folder = temporaryFolder(t);
  const bench = startRules(folder);
  await bench.play(0, 40);
  await bench.play(40, 60, false);
  const [{ incident } = { incident: undefined }] = bench.store.incidents({ limit: 9 });
  assert.equal(bench.store.incidents({ limit: 9 }).length, 1);
  assert.equal(incident?.phase, 'cleared');
  assert.deepEqual(incident?.stills.toSorted(), ['cleared', 'first', 'opened']);
  assert.ok(existsSync(join(folder, 'stills', incident?.id ?? '', 'opened.jpg')));
  const sent = bench.store.outboxBatch('alarm', 0, 99).events;
  assert.deepEqual(
    sent.map(({ data }) => data.phase),
    ['opened', 'cleared'],
  );
  assert.doesNotMatch(JSON.stringify(sent), /still|jpg|handling/);
  bench.stop();
});

test('a restart in the middle of the dwell neither loses nor doubles the incident', async (t) => {
  const folder = temporaryFolder(t);
  let bench = startRules(folder);
  await bench.play(0, 20);
  bench.stop();
  bench = startRules(folder);
  await bench.play(20, 40);
  assert.equal(bench.store.incidents({ limit: 9 }).length, 1);
  bench.stop();
  bench = startRules(folder);
  await bench.play(40, 60);
  assert.equal(bench.store.incidents({ limit: 9 }).length, 1);
  await bench.play(60, 75, false);
  assert.equal(bench.store.incidents({ open: true, limit: 9 }).length, 0);
  assert.equal(bench.store.incidents({ limit: 9 }).length, 1);
  bench.stop();
});

test('an incident whose zone is taken out of the site file is cleared at the next start', async (t) => {
  const folder = temporaryFolder(t);
  let bench = startRules(folder);
  await bench.play(0, 40);
  bench.stop();
  bench = startRules(folder, testSite('[]'));
  assert.equal(bench.store.incidents({ open: true, limit: 9 }).length, 0);
  assert.equal(bench.store.outboxBatch('alarm', 0, 9).events.at(-1)?.data.phase, 'cleared');
  bench.stop();
});

test('a voice prompt is told to who listens, and is no incident', async (t) => {
  const zone =
    '[{ id: lane, name: { zh-CN: 车道, en: Lane }, polygon: [[0, 0], [1, 0], [1, 1], [0, 1]], rules: [{ kind: fire-passage }] }]';
  const bench = startRules(temporaryFolder(t), testSite(zone));
  await bench.play(0, 40);
  assert.deepEqual(
    bench.prompted.map(({ stage, evidence }) => [stage, evidence.atMs]),
    [['voice', 30_000]],
  );
  assert.deepEqual(bench.store.incidents({ limit: 9 }), []);
  bench.stop();
});

test('an incident without a picture stands all the same', async (t) => {
  const bench = startRules(temporaryFolder(t), testSite(), () => Promise.reject(new Error('camera gone')));
  await bench.play(0, 40);
  assert.deepEqual(
    bench.store.incidents({ limit: 9 }).map(({ incident }) => incident.stills),
    [[]],
  );
  bench.stop();
});

test('an acknowledgement is kept, told to listeners, stays on the box, and outlives the clearing', async (t) => {
  const bench = startRules(temporaryFolder(t));
  await bench.play(0, 40);
  const id = bench.store.incidents({ limit: 1 })[0]?.incident.id ?? '';
  const at = '2026-11-23T03:00:00.000+08:00';
  assert.equal(bench.records.acknowledge(id, 'zhang', at)?.handling.by, 'zhang');
  assert.equal(bench.records.acknowledge(id, 'li', at)?.handling.by, 'zhang');
  assert.equal(bench.seen.filter(({ change }) => change === 'acknowledged').length, 1);
  assert.equal(bench.store.outboxBatch('alarm', 0, 9).events.length, 1);
  await bench.play(40, 60, false);
  const after = bench.store.incident(id);
  assert.deepEqual([after?.phase, after?.handling.state], ['cleared', 'acknowledged']);
  assert.equal(bench.records.acknowledge('00000000-0000-4000-8000-000000000000', 'li', at), undefined);
  bench.stop();
});

test('while the disk refuses writes findings wait, health says so, and nothing is lost when it takes them again', async (t) => {
  const bench = startRules(temporaryFolder(t));
  const commit = bench.store.commit.bind(bench.store);
  const full = t.mock.method(bench.store, 'commit', () => {
    throw new GatehouseError('STORE_FULL', 'environment', 'no space left for events.db.', 'Free space.');
  });
  await bench.play(0, 60);
  await bench.play(60, 80, false);
  assert.deepEqual(bench.seen, []);
  assert.match(bench.rules.health()[0]?.detail ?? '', /2 findings wait: STORE_FULL.*Free space/);
  full.mock.mockImplementation(commit);
  await bench.play(80, 85, false);
  assert.deepEqual(bench.rules.health(), []);
  assert.deepEqual(
    bench.seen.filter(({ change }) => change !== 'updated').map(({ change }) => change),
    ['opened', 'cleared'],
  );
  assert.deepEqual(
    bench.store.outboxBatch('alarm', 0, 9).events.map(({ data }) => data.phase),
    ['opened', 'cleared'],
  );
  bench.stop();
});

test('rules that break on a frame show by the age of their last one', async (t) => {
  const bench = startRules(temporaryFolder(t));
  t.after(() => bench.stop());
  assert.equal(bench.rules.rulesAgeMs('east'), undefined);
  bench.put(frame(0));
  assert.equal(bench.rules.rulesAgeMs('east'), 0);
  await bench.clock.advance(25_000);
  assert.throws(() => bench.put({ ...frame(25_000), tracks: [{}] as never }));
  assert.equal(bench.rules.rulesAgeMs('east'), 25_000);
  bench.put(frame(25_500));
  assert.equal(bench.rules.rulesAgeMs('east'), 0);
});

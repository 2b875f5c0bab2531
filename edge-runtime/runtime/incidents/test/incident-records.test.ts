import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import { startRules, temporaryFolder } from '../../test/fixtures.ts';
import { wilsonInterval, zonePrecision } from '../precision.ts';

const at = '2026-11-24T03:00:00.000+08:00';

test('a label acknowledges, names who and when, is kept apart from the condition and stays on the box', async (t) => {
  const bench = startRules(temporaryFolder(t));
  await bench.play(0, 40);
  const id = bench.store.incidents({ limit: 1 })[0]?.incident.id ?? '';
  const label = { label: 'false-alarm', reason: 'allowed', note: '搬家' } as const;
  const labelled = bench.records.label(id, { request: randomUUID(), label, by: 'wang', at });
  assert.deepEqual(labelled?.handling, {
    state: 'false-alarm',
    by: 'wang',
    at,
    verdict: { ...label, by: 'wang', at },
  });
  assert.equal(labelled?.phase, 'opened', 'the car still stands there');
  assert.equal(bench.seen.at(-1)?.change, 'labelled');
  await bench.play(40, 60, false);
  const cleared = bench.store.incident(id);
  assert.deepEqual([cleared?.phase, cleared?.handling.state], ['cleared', 'false-alarm']);
  assert.doesNotMatch(
    JSON.stringify(bench.store.outboxBatch('alarm', 0, 99).events),
    /wang|搬家|false-alarm/,
  );
  bench.stop();
});

test('labels are only added: the newest counts, all are kept, a repeat adds none, and SQL cannot change one', async (t) => {
  const folder = temporaryFolder(t);
  const bench = startRules(folder);
  await bench.play(0, 40);
  const id = bench.store.incidents({ limit: 1 })[0]?.incident.id ?? '';
  const request = randomUUID();
  const give = (as: string, key: string) =>
    bench.records.label(id, { request: key, label: { label: 'confirmed' }, by: as, at });
  give('wang', request);
  give('wang', request);
  give('wang', randomUUID());
  assert.equal(bench.store.labels(id).length, 1, 'the same again is no new label');
  const wrong = { label: 'false-alarm', reason: 'not-in-zone' } as const;
  bench.records.label(id, { request: randomUUID(), label: wrong, by: 'li', at });
  assert.equal(give('wang', request)?.handling.state, 'false-alarm', 'a late repeat does not win');
  assert.deepEqual(
    bench.store.labels(id).map(({ label, by }) => [label, by]),
    [
      ['confirmed', 'wang'],
      ['false-alarm', 'li'],
    ],
  );
  assert.equal(bench.store.incident(id)?.handling.by, 'wang', 'who took it first stays');
  assert.equal(bench.records.label(randomUUID(), { request, label: wrong, by: 'li', at }), undefined);
  bench.stop();
  const db = new Database(join(folder, 'events.db'));
  t.after(() => db.close());
  for (const sql of ["UPDATE incident_labels SET body = '{}'", 'DELETE FROM incident_labels'])
    assert.throws(() => db.exec(sql), /only ever added/);
});

test('precision is counted by zone and rule from the labels that count', async (t) => {
  const bench = startRules(temporaryFolder(t));
  for (let i = 0; i < 3; i++) {
    await bench.play(i * 100, i * 100 + 40);
    await bench.play(i * 100 + 40, i * 100 + 70, false);
  }
  const ids = bench.store.incidents({ limit: 9 }).map(({ incident }) => incident.id);
  assert.equal(ids.length, 3);
  const wrong = { label: 'false-alarm', reason: 'passing' } as const;
  const give = (id = '', label: typeof wrong | { label: 'confirmed' } = wrong) =>
    bench.records.label(id, { request: randomUUID(), label, by: 'wang', at });
  give(ids[0], { label: 'confirmed' });
  give(ids[1], { label: 'confirmed' });
  give(ids[1]);
  const [zone, ...more] = zonePrecision(bench.store.verdictCounts('1970-01-01T00:00:00Z'));
  assert.equal(more.length, 0);
  const { interval, ...counts } = zone ?? {};
  assert.deepEqual(counts, {
    camera: 'east',
    zone: 'lane',
    kind: 'illegal-parking',
    confirmed: 1,
    falseAlarms: 1,
    unlabelled: 1,
  });
  assert.ok(interval && interval.low < 0.5 && interval.high > 0.5);
  assert.deepEqual(bench.store.verdictCounts('2999-01-01T00:00:00Z'), []);
  bench.stop();
});

test('the Wilson interval is the published one', () => {
  // Newcombe, Statistics in Medicine 17 (1998), table I: method 3 for 81/263, 15/148, 0/20 and 1/29.
  const published = [
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ] as const;
  for (const [hits, of, low, high] of published) {
    const interval = wilsonInterval(hits, of);
    assert.equal(interval?.low.toFixed(4), low.toFixed(4));
    assert.equal(interval?.high.toFixed(4), high.toFixed(4));
  }
  assert.equal(wilsonInterval(0, 0), undefined);
});

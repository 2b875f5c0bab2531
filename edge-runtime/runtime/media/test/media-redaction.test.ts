import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseSite } from '@gatehouse/contracts';
import { GatehouseError } from '@gatehouse/kit';
import { temporaryFolder } from '../../test/fixtures.ts';
import { RedactedFiles } from '../redacted-files.ts';
import {
  at,
  type Bench,
  facts,
  files,
  media,
  reasons,
  redacted,
  redaction,
  settle,
  sha256,
  startPost,
  still,
  told,
} from './media-bench.ts';

test('a picture is redacted, handed over once its transfer is on record, and told of once the platform holds it', async (t) => {
  const bench = startPost(t);
  const incident = bench.raise();
  await settle(bench);
  assert.deepEqual(
    bench.asked.map(({ route, bytes }) => [route, Buffer.from(bytes).equals(still)]),
    [['/redactions?maxPeople=6', true]],
  );
  const job = bench.outbox.next();
  assert.ok(job);
  assert.deepEqual([job.sha256, job.bytes], [sha256, redacted.length]);
  assert.deepEqual(bench.store.transfers.list(9), [], 'nothing has left yet');
  for (let n = 0; n < 3; n++) assert.ok(bench.outbox.content(job.id).equals(redacted));
  const [transfer, ...more] = bench.store.transfers.list(9);
  assert.deepEqual(more, [], 'one record a picture, however often it is sent');
  assert.equal(transfer?.recipient, 'https://media.example/pictures');
  assert.match(transfer?.purpose ?? '', /redacted picture.*illegal-parking/);
  assert.match(transfer?.who ?? '', /uplink\.media/);
  assert.deepEqual(
    [transfer?.what.incident, transfer?.what.sha256, transfer?.what.faces],
    [incident, sha256, 1],
  );
  assert.deepEqual(told(bench), [], 'no reference before the picture is there');
  for (let n = 0; n < 3; n++) bench.outbox.ended(job.id, 'stored');
  assert.deepEqual(told(bench), [
    {
      state: 'stored',
      media: job.id,
      incident,
      sha256,
      bytes: redacted.length,
      width: 960,
      height: 540,
      contentType: 'image/jpeg',
      redaction,
      url: `https://media.example/pictures/box-1/${sha256}`,
    },
  ]);
  assert.deepEqual([bench.outbox.next(), files(bench)], [undefined, []]);
  assert.deepEqual(bench.redaction.health(), []);
});

test('one picture an incident, however often it changes; none of kinds that the site does not name, none without a still', async (t) => {
  const bench = startPost(t);
  const id = bench.raise();
  await settle(bench);
  const incident = bench.store.incident(id);
  assert.ok(incident);
  for (const change of ['updated', 'cleared', 'acknowledged'] as const)
    for (const done of bench.store.commit([{ dedupeKey: id, change, at, incident }]))
      bench.changes.publish(done);
  for (const kind of ['crowd', 'gate-congestion', 'emergency'] as const) bench.raise(kind);
  await settle(bench);
  assert.equal(bench.asked.length, 1);
  bench.raise('fire-passage', false);
  await settle(bench);
  assert.deepEqual(reasons(bench), ['still-lost']);
});

test('without a media section, or without kinds in it, no picture is even redacted', async (t) => {
  for (const site of ['none' as const, { ...media, kinds: [] }]) {
    const bench = startPost(t, temporaryFolder(t), site);
    bench.raise();
    await settle(bench);
    assert.deepEqual([bench.asked.length, told(bench).length, bench.outbox.next()], [0, 0, undefined]);
  }
});

test('a crowd cannot be named in the site file', () => {
  const head = 'version: 1\nsite: {id: c, name: {zh-CN: 小区, en: C}}\nbox: {id: b}\n';
  const site = (kinds: string) =>
    parseSite(
      `${head}uplink: {url: "mqtts://p.example", media: {url: "https://m.example", kinds: [${kinds}]}}\n`,
    );
  assert.equal(site('illegal-parking').ok, true);
  assert.equal(site('crowd').ok, false);
});

test('what cannot be redacted stays, with its reason for the platform and a line in health; the still itself is never handed out', async (t) => {
  const cases = [
    ['MODEL_MISSING', 'no-face-model', true],
    ['MODEL_CORRUPT', 'no-face-model', true],
    ['MODEL_UNLOADABLE', 'no-face-model', true],
    ['REDACTION_TIMEOUT', 'redaction-timeout', true],
    ['REDACTION_FAILED', 'redaction-failed', true],
    ['ANYTHING_NEW', 'redaction-failed', true],
    ['REDACTION_CROWD', 'too-many-people', false],
    ['REDACTION_INCOMPLETE', 'redaction-failed', false],
  ] as const;
  for (const [code, reason, ill] of cases) {
    const bench = startPost(t);
    bench.vision.redact = () =>
      Promise.reject(new GatehouseError(code, 'environment', 'what is wrong.', 'What to do.'));
    bench.raise();
    await settle(bench);
    assert.deepEqual(reasons(bench), [reason], code);
    assert.deepEqual([bench.outbox.next(), files(bench), bench.store.transfers.list(9)], [undefined, [], []]);
    const [fault, ...more] = bench.redaction.health();
    assert.deepEqual([fault?.code, more], [ill ? code : undefined, []]);
    if (ill)
      assert.match(fault?.detail ?? '', new RegExp(`No picture goes to the platform: ${code}: .*What to do`));
    // The next picture that succeeds ends the trouble.
    bench.vision.redact = async () => ({ bytes: redacted });
    bench.raise();
    await settle(bench);
    assert.deepEqual(bench.redaction.health(), [], code);
  }
});

test('an answer without its facts, with false ones, empty or too large, is no redacted picture', async (t) => {
  const bad: { bytes: Buffer; header?: string }[] = [
    { bytes: redacted, header: '' },
    { bytes: redacted, header: 'undefined' },
    { bytes: redacted, header: JSON.stringify({ ...facts, width: 1920 }) },
    { bytes: redacted, header: JSON.stringify({ width: 1, height: 1 }) },
    { bytes: Buffer.alloc(0) },
    { bytes: Buffer.alloc(200_001) },
  ];
  for (const answer of bad) {
    const bench = startPost(t);
    bench.vision.redact = async () => answer;
    bench.raise();
    await settle(bench);
    assert.deepEqual([reasons(bench), bench.outbox.next()], [['redaction-failed'], undefined]);
  }
});

test('while vision is away or busy a picture waits, and is redacted when it is back', async (t) => {
  const bench = startPost(t);
  let code = 'PEER_DOWN';
  bench.vision.redact = () => Promise.reject(new GatehouseError(code, 'peer', 'away.', ''));
  bench.raise();
  await bench.clock.advance(60_000);
  code = 'REDACTION_BUSY';
  await bench.clock.advance(60_000);
  assert.deepEqual([told(bench), bench.outbox.next()], [[], undefined]);
  bench.vision.redact = async () => ({ bytes: redacted });
  await bench.clock.advance(120_000);
  assert.equal(bench.outbox.next()?.sha256, sha256);
});

test('a restart loses no picture, sends none twice, and clears away what no row knows', async (t) => {
  const folder = temporaryFolder(t);
  const first = startPost(t, folder);
  const sent = first.raise();
  await settle(first);
  const job = first.outbox.next();
  assert.ok(job);
  first.outbox.content(job.id);
  first.outbox.ended(job.id, 'stored');
  const ready = first.raise();
  await settle(first);
  first.vision.redact = () => new Promise(() => undefined);
  const waiting = first.raise();
  await first.redaction.stop();
  // Committed, and killed before it was queued.
  const unqueued = first.raise();
  first.store.stop();
  writeFileSync(join(first.redactedFolder, `${randomUUID()}.jpg`), 'left by a kill');

  const second = startPost(t, folder);
  await settle(second);
  const ended: string[] = [];
  for (let next = second.outbox.next(); next; next = second.outbox.next()) {
    second.outbox.content(next.id);
    second.outbox.ended(next.id, 'stored');
    ended.push(next.id);
  }
  const incidents = told(second).map(({ incident }) => incident);
  assert.deepEqual(incidents.toSorted(), [sent, ready, waiting, unqueued].toSorted());
  assert.equal(second.store.transfers.list(9).length, 4);
  assert.deepEqual(files(second), []);
});

test('of more than 64 waiting pictures the oldest gives way and the platform is told; one on its way is seen through', async (t) => {
  const bench = startPost(t);
  const ids: string[] = [];
  for (let n = 0; n < 64; n++) ids.push(bench.raise());
  await settle(bench);
  await bench.clock.advance(100);
  const job = bench.outbox.next();
  assert.ok(job);
  bench.outbox.content(job.id);
  for (let n = 0; n < 3; n++) ids.push(bench.raise());
  await bench.clock.advance(100);
  assert.equal(bench.outbox.next()?.id, job.id);
  assert.deepEqual(new Set(reasons(bench)), new Set(['queue-full']));
  assert.deepEqual(
    told(bench).map(({ incident }) => incident),
    ids.slice(1, 4).slice(0, told(bench).length),
  );
  assert.ok(bench.store.media.pending().length <= 65);
  assert.equal(files(bench).length, bench.store.media.pending().length);
});

test('a picture that has waited for a day goes nowhere; after an hour health says that it waits', async (t) => {
  const bench = startPost(t);
  bench.raise();
  await bench.clock.advance(3_700_000);
  assert.match(bench.redaction.health()[0]?.detail ?? '', /has waited for 1 h/);
  await bench.clock.advance(24 * 3_600_000);
  assert.deepEqual([reasons(bench), bench.outbox.next(), files(bench)], [['too-old'], undefined, []]);
  assert.deepEqual(bench.redaction.health(), []);
});

test('health says how pictures stand on a full disk, and withholds none by that', async (t) => {
  const bench = startPost(t);
  bench.vision.redact = async () => {
    throw new GatehouseError('PEER_DOWN', 'peer', 'vision did not answer.', 'Check it.');
  };
  for (let n = 0; n < 70; n++) bench.raise();
  const full = new GatehouseError('STORE_FULL', 'environment', 'no space left.', 'Free space.');
  const withhold = t.mock.method(bench.store.media, 'end', () => {
    throw full;
  });
  await bench.clock.advance(30 * 3_600_000);
  withhold.mock.resetCalls();
  const told = bench.redaction.health();
  const next = bench.outbox.next();
  assert.match(JSON.stringify(told), /has waited for 30 h/);
  assert.equal(next, undefined);
  assert.equal(withhold.mock.callCount(), 0, 'an answer changes nothing');
});

test('what waits when the site file no longer names its kind, or no uplink, is withheld at the next start', async (t) => {
  for (const site of ['none' as const, { ...media, kinds: ['fire-passage' as const] }]) {
    const folder = temporaryFolder(t);
    const first = startPost(t, folder);
    first.raise();
    await settle(first);
    await first.stop();
    const second = startPost(t, folder, site);
    await settle(second);
    assert.deepEqual(
      [reasons(second), second.outbox.next(), files(second)],
      [['switched-off'], undefined, []],
    );
  }
});

test('a file that is no longer what was redacted does not leave, nor does one that is gone', async (t) => {
  for (const spoil of [
    (bench: Bench, id: string) => writeFileSync(join(bench.redactedFolder, `${id}.jpg`), still),
    (bench: Bench, id: string) => new RedactedFiles(bench.redactedFolder).remove(id),
  ]) {
    const bench = startPost(t);
    const incident = bench.raise();
    await settle(bench);
    const job = bench.outbox.next();
    assert.ok(job);
    spoil(bench, incident);
    assert.throws(() => bench.outbox.content(job.id), { code: 'MEDIA_UNKNOWN' });
    assert.deepEqual([reasons(bench), bench.store.transfers.list(9)], [['still-lost'], []]);
  }
});

test('what the platform will not take is told as refused; ids that were never given are no pictures', async (t) => {
  const bench = startPost(t);
  bench.raise();
  await settle(bench);
  const job = bench.outbox.next();
  assert.ok(job);
  for (const id of ['', '../../stills/x', randomUUID()]) {
    assert.throws(() => bench.outbox.content(id), { code: 'MEDIA_UNKNOWN' });
    bench.outbox.ended(id, 'stored');
  }
  bench.outbox.ended(job.id, 'refused');
  assert.deepEqual([reasons(bench), files(bench)], [['refused-by-platform'], []]);
});

test('a picture and its row go with their incident', async (t) => {
  const bench = startPost(t);
  const id = bench.raise();
  await settle(bench);
  const incident = bench.store.incident(id);
  assert.ok(incident);
  bench.store.commit([{ dedupeKey: id, change: 'cleared', at, incident: { ...incident, phase: 'cleared' } }]);
  bench.store.acknowledgeOutbox({ epoch: bench.store.epoch, eventclass: 'alarm', upTo: 0 });
  const { incidents } = bench.store.prune(bench.clock.epochMs() + 31 * 86_400_000);
  assert.deepEqual(incidents, [id]);
  assert.deepEqual([bench.store.media.pending(), bench.outbox.next()], [[], undefined]);
});

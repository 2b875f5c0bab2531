import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { freePort, scratchFolder, until } from '@gatehouse/harness';
import { seededRandom, silentLog, systemClock } from '@gatehouse/kit';
import { restoreDatabase } from '@gatehouse/store';
import { WebhookPlatform } from '../../../../sync-agent/simulators/webhook-platform.ts';
import { startAedes, startMosquitto } from '../../../../sync-agent/test/support/brokers.ts';
import { bothDatabases, openStore } from '../../../../sync-agent/test/support/databases.ts';
import { received } from '../../../../sync-agent/test/support/received.ts';
import { WebhookSink } from '../../../../sync-agent/webhook/webhook-sink.ts';
import { mqttSink, startPlatform, TestBox } from '../identity/bench.ts';

const databases = bothDatabases();
const brokers = { 'MQTT 5': startMosquitto, 'MQTT 3.1.1': startAedes } as const;

for (const [database, databaseFor] of Object.entries(databases))
  for (const [protocol, startBroker] of Object.entries(brokers)) {
    const setUp = async (t: TestContext) => {
      const { url } = await startBroker(t);
      const platform = await startPlatform(t, url, databaseFor(t));
      return { url, platform, sink: mqttSink(url) };
    };

    for (const [more, sinceThen] of [
      ['fewer', 4],
      ['as many', 10],
      ['more', 16],
    ] as const)
      test(`${database}, ${protocol}: a box put back to a snapshot, with ${more} events since than the platform has, loses none and goes on`, async (t) => {
        const { platform, sink } = await setUp(t);
        const box = new TestBox(t, sink);
        await box.start();
        const first = await box.send(20);
        await box.stop();
        const snapshot = new TestBox(t, sink, box);
        await box.start();
        const gone = await box.send(10);
        await box.stop();

        await snapshot.start(false);
        const offline = snapshot.write(sinceThen);
        await snapshot.stop();
        await snapshot.start();
        const live = await snapshot.send(3);
        const applied = await platform.applied();
        const all = [...first, ...gone, ...offline, ...live];
        assert.deepEqual(
          all.filter((device) => applied.get(device) !== 1),
          [],
          'each is there, once',
        );
        assert.equal(applied.size, all.length);

        // Both ends report the event; where nothing was written over, the platform only has the box's word.
        const found = (await platform.list('identity')).map(({ kind }) => kind);
        assert.ok(found.includes('went-back'), String(found));
        const told = (await platform.list('events')).filter(
          ({ data }) => (data as { reason?: string }).reason === 'store-went-back',
        );
        const [last] = told.map(({ data }) => Number((data as { lastSequence?: number }).lastSequence));
        assert.equal(told.length, 1);
        // The report comes while the live ones are being written.
        assert.ok(last && last >= 20 + sinceThen && last <= 23 + sinceThen, `last number ${last}`);
        assert.match(snapshot.store.health()[0]?.detail ?? '', /^STORE_WENT_BACK: /);
        for (const name of readdirSync(snapshot.folder).filter((one) => one.includes('.went-back-')))
          rmSync(join(snapshot.folder, name));
        assert.deepEqual(snapshot.store.health(), [], 'until somebody has seen it');
        const gaps = (await platform.list('gaps')).filter(({ reason }) => reason === 'settled');
        assert.deepEqual(gaps, [], 'and nothing is called missing');
      });

    test(`${database}, ${protocol}: a copied box is named on both sides, and what both write arrives`, async (t) => {
      const { platform, sink } = await setUp(t);
      const box = new TestBox(t, sink);
      await box.start();
      const first = await box.send(20);
      await box.stop();
      const copy = new TestBox(t, sink, box);
      await Promise.all([box.start(), copy.start()]);
      const written = [...first];
      for (let round = 0; round < 5; round++) {
        written.push(...box.write(3), ...copy.write(3));
        await until('both are through', () => box.waiting() === 0 && copy.waiting() === 0);
      }
      for (const one of [box, copy, box]) {
        await one.stop();
        await one.start();
        written.push(...box.write(1), ...copy.write(2));
        await until('both are through', () => box.waiting() === 0 && copy.waiting() === 0);
      }
      assert.deepEqual(await platform.notOnce(written), [], 'each is there, once');
      assert.notEqual(box.store.epoch, copy.store.epoch);
      for (const [name, one] of Object.entries({ box, copy }))
        await until(`the ${name} says that it is not alone`, () =>
          one.statuses.some(({ detail }) => detail?.startsWith('UPLINK_ID_SHARED: ')),
        );
      const found = (await platform.list('identity')).map(({ kind }) => kind);
      assert.ok(found.includes('went-back'), String(found));
    });
  }

for (const [database, databaseFor] of Object.entries(databases)) {
  test(`${database}: two boxes that are heard side by side for over five minutes are twins on both sides, until one is off and a person has said so`, async (t) => {
    const db = databaseFor(t);
    const { store, list } = await openStore(t, db);
    let atMs = Date.parse('2026-11-23T18:00:00.000+08:00');
    const minutes = (n: number) => {
      atMs += n * 60_000;
      return new Date(atMs).toISOString();
    };
    const epochs = { a: 'epoch-000a', b: 'epoch-000b', c: 'epoch-000c' };
    const numbers = { a: 0, b: 0, c: 0 };
    const say = async (who: 'a' | 'b' | 'c', at: string) => {
      const incarnation = who.repeat(16);
      const [ack] = await store.apply([received(++numbers[who], { epoch: epochs[who], incarnation })], at);
      return ack?.twin;
    };
    const now = async () => (await list('identity', 10)).map(({ kind, settledBy }) => [kind, settledBy]);

    assert.equal(await say('a', minutes(0)), undefined);
    // A restart: the old one's messages come late, but not that late.
    assert.equal(await say('b', minutes(1)), undefined);
    assert.equal(await say('a', minutes(2)), undefined);
    assert.equal(await say('b', minutes(20)), undefined);
    assert.deepEqual(await now(), [], 'a restart is no twin');
    // A copy: both go on.
    assert.equal(await say('c', minutes(1)), undefined);
    assert.equal(await say('b', minutes(3)), undefined);
    assert.equal(await say('c', minutes(3)), undefined);
    assert.equal(await say('b', minutes(1)), true, 'heard for over five minutes since the other began');
    assert.equal(await say('c', minutes(1)), true);
    assert.deepEqual(await now(), [['twins', undefined]]);
    // One is switched off; a person says so.
    assert.equal(await store.settle('box-1', 'li', minutes(1)), 1);
    assert.deepEqual(await now(), [['twins', 'li']]);
    assert.equal(await say('c', minutes(30)), undefined, 'the box is not told for ever either');
    assert.equal(await store.settle('box-1', 'li', minutes(0)), 0, 'and nothing was found anew');
    // Both are on again.
    assert.equal(await say('b', minutes(1)), true, 'at once: they are known to be two');
    const [found] = await list('identity', 10);
    assert.ok(Date.parse(String(found?.lastAt)) > Date.parse(String(found?.settledAt)), 'found anew');
  });

  test(`${database}: a platform that is put back to a backup says what is gone, and the box goes on in its epoch`, async (t) => {
    const { url } = await startMosquitto(t);
    const db = databaseFor(t);
    const sink = mqttSink(url);
    const box = new TestBox(t, sink);
    const platform = await startPlatform(t, url, db);
    await box.start();
    await box.send(10);
    // The same as a backup from after the tenth event, which lacks the next five.
    const other = await startPlatform(t, url, databaseFor(t));
    await platform.stop();
    await box.send(5);
    await other.stop();
    const { epoch } = box.store;
    const back = await startPlatform(t, url, db);
    const after = await box.send(3);
    const gaps = (await back.list('gaps')).map(({ first, last, reason }) => [first, last, reason]);
    assert.deepEqual(gaps, [[11, 15, 'settled']]);
    assert.deepEqual(await back.notOnce(after), [], 'each is there, once');
    assert.equal(box.store.epoch, epoch, 'the box did not go back');
    assert.deepEqual(await back.list('identity'), []);
  });
}

/** A platform behind a webhook: its address, and the devices whose events it has. */
const webhooks: Readonly<Record<string, (t: TestContext) => Promise<[string, () => unknown[]]>>> = {
  'the simulated platform': async (t) => {
    const platform = new WebhookPlatform();
    const port = await platform.listen();
    t.after(() => platform.close());
    return [`http://127.0.0.1:${port}/`, () => [...platform.events.values()]];
  },
  'the receiver on the page': async (t) => {
    const folder = scratchFolder(t);
    const readme = readFileSync(new URL('../../../../sync-agent/README.md', import.meta.url), 'utf8');
    const [, program] = /```js\n(.+?)\n```/s.exec(readme) ?? [];
    writeFileSync(join(folder, 'receiver.mjs'), program ?? '');
    const port = await freePort();
    const child = spawn(process.execPath, ['receiver.mjs', String(port)], { cwd: folder, stdio: 'inherit' });
    t.after(() => {
      child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    });
    const lines = () => readFileSync(join(folder, 'events.jsonl'), 'utf8').trim().split('\n');
    return [`http://127.0.0.1:${port}/`, () => lines().map((line) => JSON.parse(line))];
  },
};

for (const [name, start] of Object.entries(webhooks))
  test(`a box behind a webhook that is put back, and its copy, lose nothing: ${name} refuses what it has otherwise`, async (t) => {
    const [url, events] = await start(t);
    const sink = (box: string) =>
      new WebhookSink({
        box,
        url,
        window: 20,
        timeoutMs: 2000,
        clock: systemClock,
        random: seededRandom(4),
        log: silentLog,
      });
    const box = new TestBox(t, sink);
    await box.start();
    const written = await box.send(20);
    await box.stop();
    const copy = new TestBox(t, sink, box);
    await box.start();
    written.push(...(await box.send(10)));
    await copy.start();
    for (let round = 0; round < 4; round++) {
      written.push(...box.write(2), ...copy.write(3));
      await until('both are through', () => box.waiting() === 0 && copy.waiting() === 0);
    }
    const arrived = events().map((event) => (event as { data: { device?: string } }).data.device);
    assert.deepEqual(
      written.filter((device) => !arrived.includes(device)),
      [],
    );
    assert.notEqual(box.store.epoch, copy.store.epoch);
  });

test('a box that was replaced on purpose, by the restore command and with the old one off, is no twin and goes on', async (t) => {
  const { url } = await startMosquitto(t);
  const sink = mqttSink(url);
  const platform = await startPlatform(t, url, databases.SQLite(t));
  const box = new TestBox(t, sink);
  await box.start();
  const written = await box.send(12);
  const backup = join(box.folder, 'backup.db');
  await box.store.withCopy(async (copy) => copyFileSync(copy, backup));
  written.push(...(await box.send(4)));
  await box.stop();
  const replacement = new TestBox(t, sink);
  await restoreDatabase({
    file: join(replacement.folder, 'events.db'),
    from: backup,
    nowMs: systemClock.epochMs(),
  });
  await replacement.start();
  written.push(...(await replacement.send(5)));
  assert.deepEqual(await platform.notOnce(written), [], 'each is there, once');
  assert.deepEqual(await platform.list('identity'), []);
  assert.deepEqual(replacement.store.health(), []);
  assert.ok(replacement.statuses.every(({ detail }) => !detail?.startsWith('UPLINK_ID_SHARED')));
});

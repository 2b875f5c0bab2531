import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { eventTypes, type WireAck } from '@gatehouse/contracts';
import { bothDatabases, type MakeDatabase, openStore } from '../../test/support/databases.ts';
import { incident } from '../../test/support/events.ts';
import { receivedAt as at, received } from '../../test/support/received.ts';
import type { ReceivedEvent } from '../intake.ts';
import { defaultRetention } from '../retention.ts';

const hex = (n: number) => n.toString(16).padStart(16, '0');

/**
 * Event `sequence` of a history, which follows from the one before it; another `by` has written another
 * history.
 */
function written(sequence: number, by = 0, changes: Partial<ReceivedEvent> = {}): ReceivedEvent {
  const digest = hex(by * 1000 + sequence);
  const previous = sequence > 1 ? hex(by * 1000 + sequence - 1) : undefined;
  return received(sequence, { digest, previous, ...changes }, incident(by * 1000 + sequence));
}

/** One suite for the port, run on each database: `db` names a new empty one. */
function contract(name: string, makeDatabase: MakeDatabase): void {
  const open = async (t: TestContext) => {
    const db = makeDatabase(t);
    const { store, list } = await openStore(t, db);
    const ackOf = async (...events: ReceivedEvent[]): Promise<Partial<WireAck>> => {
      const [{ boxid: _box, epoch: _epoch, eventclass: _class, ...said } = assert.fail()] = await store.apply(
        events,
        at,
      );
      return said;
    };
    const findings = async () =>
      (await list('identity')).map(({ kind, sequence, count }) => [kind, sequence, count]);
    return { db, store, ackOf, list, findings };
  };

  test(`${name}: an acknowledgement says which event it means`, async (t) => {
    const { ackOf, store } = await open(t);
    assert.deepEqual(await ackOf(written(1), written(2), written(4)), { upTo: 2, digest: hex(2) });
    assert.deepEqual(await ackOf(written(3)), { upTo: 4, digest: hex(4) });
    const [position] = await store.positions();
    assert.deepEqual([position?.upTo, position?.digest], [4, hex(4)]);
  });

  test(`${name}: another event under a known number is not acknowledged over, and is kept`, async (t) => {
    const { ackOf, list, findings } = await open(t);
    await ackOf(written(1), written(2), written(3));
    const conflict = { sequence: 2, digest: hex(7002) };
    assert.deepEqual(await ackOf(written(2, 7), written(3, 7)), { upTo: 1, digest: hex(1), conflict });
    assert.deepEqual(
      await ackOf(written(2, 7)),
      { upTo: 1, digest: hex(1), conflict },
      'nor when it comes again',
    );
    assert.deepEqual(await ackOf(written(3)), { upTo: 3, digest: hex(3) }, 'those that are here are');
    assert.deepEqual(await findings(), [['conflict', 2, 3]]);
    const kept = (await list('conflicts')).map(({ sequence, digest }) => [sequence, digest]);
    assert.deepEqual(kept.sort(), [
      [2, hex(7002)],
      [3, hex(7003)],
    ]);
    assert.deepEqual(
      (await list('incidents')).map(({ id }) => id).sort(),
      [1, 2, 3].map((n) => incident(n).id).sort(),
      'and changes nothing',
    );
  });

  test(`${name}: what does not follow from the event before it is stored and goes no further`, async (t) => {
    const { ackOf, list, findings } = await open(t);
    await ackOf(written(1), written(2));
    const conflict = { sequence: 3, digest: hex(7003) };
    assert.deepEqual(await ackOf(written(3, 7), written(4, 7, { settled: 3 })), {
      upTo: 2,
      digest: hex(2),
      conflict,
    });
    assert.deepEqual(await findings(), [['unlinked', 3, 1]]);
    assert.equal((await list('events')).length, 4);
    assert.deepEqual(await list('gaps'), [], 'what it says of what it will not send is of another history');
  });

  test(`${name}: without digests another event freezes its stream before it, for nobody can tell whose it is`, async (t) => {
    const { ackOf, store, findings } = await open(t);
    const plain = (n: number, by: number) => received(n, {}, incident(by * 1000 + n));
    await ackOf(plain(1, 0), plain(2, 0), plain(3, 0));
    assert.deepEqual(await ackOf(plain(3, 7)), { upTo: 2, conflict: { sequence: 3 } });
    assert.deepEqual(await ackOf(plain(4, 0)), { upTo: 2 }, 'for good');
    assert.deepEqual(
      (await store.positions()).map(({ upTo }) => upTo),
      [2],
    );
    assert.deepEqual(await findings(), [['conflict', 3, 1]]);
    assert.deepEqual(await ackOf(received(1, { epoch: 'epoch-0002' })), { upTo: 1 }, 'another epoch goes on');
  });

  test(`${name}: an event that the box sends anew under another epoch is stored there and applied once`, async (t) => {
    const { ackOf, list, findings } = await open(t);
    await ackOf(written(1), written(2));
    const anew = (n: number, by = 0) =>
      written(n, by, { epoch: 'epoch-0002', begins: 2, former: `box-1/epoch-0001/alarm/${n}` });
    assert.deepEqual(await ackOf(anew(2), anew(3), anew(4)), { upTo: 4, digest: hex(4) });
    assert.deepEqual(
      (await list('incidents')).map(({ applied }) => applied),
      [1, 1, 1, 1],
    );
    assert.equal((await list('events')).length, 5);
    assert.deepEqual(await findings(), []);
    const twice = { epoch: 'epoch-0003', begins: 4, former: 'box-1/epoch-0001/alarm/4' };
    await ackOf(written(4, 0, twice), { ...written(5, 0, twice), former: 'box-1/epoch-0001/alarm/5' });
    assert.deepEqual(
      (await list('incidents')).map(({ applied }) => applied),
      [1, 1, 1, 1, 1],
      'nor when it is sent anew once more',
    );
    await ackOf(written(6, 0, { ...twice, former: 'box-1/epoch-0001/alarm/2' }));
    assert.equal((await list('incidents')).length, 6, 'the id of before without its digest means nothing');
  });

  test(`${name}: what stands in an event's place is that event again, and no other's`, async (t) => {
    const { ackOf, findings } = await open(t);
    await ackOf(written(1), written(2));
    const withheld = (digest: string) =>
      received(
        2,
        { type: eventTypes.withheld, digest, previous: hex(1) },
        { reason: 'refused-by-platform', type: eventTypes.incident },
      );
    assert.deepEqual(await ackOf(withheld(hex(2))), { upTo: 2, digest: hex(2) });
    assert.deepEqual(await ackOf(withheld(hex(9))), {
      ...{ upTo: 1, digest: hex(1), conflict: { sequence: 2, digest: hex(9) } },
    });
    assert.deepEqual(await findings(), [['conflict', 2, 1]]);
  });

  test(`${name}: what a box says of having gone back is a finding, once for each class and epoch`, async (t) => {
    const { ackOf, list } = await open(t);
    const gap = { class: 'alarm', reason: 'store-went-back', lostEpoch: 'epoch-0001', lastSequence: 17 };
    const said = received(18, { type: eventTypes.gap, epoch: 'epoch-0002', begins: 18 }, gap);
    await ackOf(said);
    await ackOf(said);
    assert.deepEqual(
      (await list('identity')).map(({ kind, epoch, sequence, count }) => [kind, epoch, sequence, count]),
      [['went-back', 'epoch-0001', 17, 1]],
    );
  });

  test(`${name}: after retention a stream still knows which event it stands at`, async (t) => {
    const { ackOf, store, list } = await open(t);
    await ackOf(written(1, 0, { eventclass: 'telemetry' }), written(2, 0, { eventclass: 'telemetry' }));
    await store.prune(defaultRetention, '2036-11-23T18:32:00.000+08:00');
    assert.equal((await list('events')).length, 0);
    assert.deepEqual(await ackOf(written(2, 7, { eventclass: 'telemetry' })), { upTo: 2, digest: hex(2) });
    const next = written(3, 7, { eventclass: 'telemetry' });
    assert.deepEqual(await ackOf(next), {
      ...{ upTo: 2, digest: hex(2), conflict: { sequence: 3, digest: hex(7003) } },
    });
  });

  test(`${name}: of one box a thousand conflicting events are kept, and more are counted`, async (t) => {
    const { ackOf, list, findings } = await open(t);
    await ackOf(written(1));
    const others = Array.from({ length: 1100 }, (_, n) => written(1, n + 1));
    for (let from = 0; from < others.length; from += 100) await ackOf(...others.slice(from, from + 100));
    assert.equal((await list('conflicts')).length, 1000);
    assert.deepEqual(await findings(), [['conflict', 1, 1100]]);
  });

  test(`${name}: a person settles the findings of one box; they show again only for what is found anew`, async (t) => {
    const { db, ackOf, list, store } = await open(t);
    for (const box of ['box-1', 'box-2']) {
      await ackOf(written(1, 0, { box, epoch: `epoch-${box}` }));
      await ackOf(written(1, 7, { box, epoch: `epoch-${box}` }));
    }
    const program = join(import.meta.dirname, '..', 'settle.ts');
    const settle = (...args: string[]) =>
      spawnSync(process.execPath, [program, '--db', db, ...args], { encoding: 'utf8' });
    const done = settle('--box', 'box-1', '--by', '李');
    assert.deepEqual(JSON.parse(done.stdout), { box: 'box-1', settled: 1 });
    const settled = async () =>
      (await list('identity')).map(({ box, settledBy }) => [box, settledBy ?? null]);
    assert.deepEqual((await settled()).sort(), [
      ['box-1', '李'],
      ['box-2', null],
    ]);
    assert.deepEqual(JSON.parse(settle('--box', 'box-1', '--by', '李').stdout), { box: 'box-1', settled: 0 });
    const later = '2036-11-23T18:31:00.000+08:00';
    await store.apply([written(1, 8, { box: 'box-1', epoch: 'epoch-box-1' })], later);
    assert.deepEqual(JSON.parse(settle('--box', 'box-1', '--by', '李').stdout), { box: 'box-1', settled: 1 });
    const wrong = settle('--box', 'box-1');
    assert.match(wrong.stderr, /^SETTLE_INVALID: a database, a box and your name are needed/);
    assert.equal(wrong.status, 1);
  });
}

for (const [name, make] of Object.entries(bothDatabases())) contract(name, make);

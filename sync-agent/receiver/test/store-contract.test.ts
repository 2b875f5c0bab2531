import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { eventTypes } from '@gatehouse/contracts';
import { silentLog } from '@gatehouse/kit';
import fc from 'fast-check';
import { bothDatabases, type MakeDatabase, openStore } from '../../test/support/databases.ts';
import { incident } from '../../test/support/events.ts';
import { receivedAt as at, received } from '../../test/support/received.ts';
import type { ReceivedEvent } from '../intake.ts';
import { openReceiverStore } from '../open-store.ts';
import { defaultRetention } from '../retention.ts';

/** An audit head under event `sequence` of the door stream; logs of another `by` have other hashes. */
function head(
  sequence: number,
  record: number,
  changes: Partial<ReceivedEvent> = {},
  by = 'a',
): ReceivedEvent {
  const hash = record.toString(16).padStart(63, '0') + by;
  const type = { eventclass: 'door', type: eventTypes.auditHead };
  return received(sequence, { ...type, ...changes }, { sequence: record, hash });
}

/** Faults of a log, in the order of its heads: every pair is looked at. */
function faultsOf(heads: readonly { record: number; by: string }[]): string[] {
  const faults = new Set<string>();
  for (const [i, one] of heads.entries())
    for (const later of heads.slice(i + 1)) {
      if (later.record < one.record) faults.add('gone-back');
      if (later.record === one.record && later.by !== one.by) faults.add('forked');
    }
  return [...faults].sort();
}

/** One suite for the port, run on each database: `db` names a new empty one. */
function contract(name: string, makeDatabase: MakeDatabase): void {
  const open = async (t: TestContext) => {
    const db = makeDatabase(t);
    const { store, list } = await openStore(t, db);
    const upTo = async (events: ReceivedEvent[]) => (await store.apply(events, at))[0]?.upTo;
    return { db, store, upTo, list };
  };

  test(`${name}: the acknowledged number is the end of the complete run, and jumps when a hole is filled`, async (t) => {
    const { upTo } = await open(t);
    const of = (...sequences: number[]) => upTo(sequences.map((n) => received(n)));
    assert.deepEqual(
      [await of(1, 2), await of(5, 4), await of(7), await of(3), await of(6)],
      [2, 2, 2, 5, 7],
    );
  });

  test(`${name}: a repeated event is counted, acknowledged again and not applied again`, async (t) => {
    const { store, list } = await open(t);
    await store.apply([received(1)], at);
    const acks = await store.apply([received(1), received(1)], at);
    assert.deepEqual(acks, [{ boxid: 'box-1', epoch: 'epoch-0001', eventclass: 'alarm', upTo: 1 }]);
    assert.deepEqual(
      (await list('events')).map((e) => e.deliveries),
      [3],
    );
    assert.deepEqual(
      (await list('incidents')).map((i) => i.applied),
      [1],
    );
  });

  test(`${name}: a box that names the incident of another changes nothing of it`, async (t) => {
    const { store, list } = await open(t);
    await store.apply([received(1)], at);
    const forged = incident(1, { phase: 'cleared', updatedAt: '2027-01-01T00:00:00.000+08:00' });
    await store.apply([received(1, { box: 'box-2', epoch: 'epoch-0002' }, forged)], at);
    assert.deepEqual(
      (await list('incidents')).map(({ box, phase, applied }) => [box, phase, applied]),
      [
        ['box-2', 'cleared', 1],
        ['box-1', 'opened', 1],
      ],
    );
  });

  test(`${name}: the largest numbers a box may send do not keep the events beside them from being stored`, async (t) => {
    const { store } = await open(t);
    const vast = Number.MAX_SAFE_INTEGER;
    const odd = incident(2, { evidence: { sinceMs: 1e300, atMs: Number.MAX_VALUE, gates: [] } });
    const acks = await store.apply(
      [received(vast, { box: 'box-2', settled: vast - 1 }, odd), received(1)],
      at,
    );
    assert.deepEqual(acks.map(({ boxid, upTo }) => [boxid, upTo]).sort(), [
      ['box-1', 1],
      ['box-2', vast],
    ]);
  });

  test(`${name}: changes of one incident that come in any order and grouping end in the newest state, each applied once`, async (t) => {
    const { store, list } = await open(t);
    const phases = ['opened', 'updated', 'updated', 'cleared'] as const;
    const orders = fc.shuffledSubarray([0, 1, 2, 3, 0, 1, 2, 3], { minLength: 8, maxLength: 8 });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(orders, fc.integer({ min: 1, max: 8 }), async (order, size) => {
        const box = `box-${++run}`;
        const changes = phases.map((phase, i) =>
          received(i + 1, { box }, incident(1, { phase, updatedAt: `2026-11-23T18:3${i}:00.000+08:00` })),
        );
        for (let from = 0; from < order.length; from += size)
          await store.apply(
            order.slice(from, from + size).map((index) => changes[index] as ReceivedEvent),
            at,
          );
        const row = (await list('incidents')).find((i) => i.box === box);
        assert.deepEqual(
          [row?.phase, row?.applied, row?.updatedAt],
          ['cleared', 4, '2026-11-23T18:33:00.000+08:00'],
        );
      }),
      { seed: 31, numRuns: 25 },
    );
  });

  test(`${name}: an older epoch’s change does not turn state back, a restored store’s newer one counts`, async (t) => {
    const { store, list } = await open(t);
    const phase = async () => (await list('incidents'))[0]?.phase;
    await store.apply(
      [received(9, {}, incident(1, { phase: 'updated', updatedAt: '2026-11-23T18:40:00.000+08:00' }))],
      at,
    );
    const restored = { epoch: 'epoch-0002' };
    await store.apply([received(1, restored)], at);
    assert.equal(await phase(), 'updated');
    // One minute later on the same clock, written with another offset.
    const cleared = incident(1, { phase: 'cleared', updatedAt: '2026-11-23T10:41:00.000Z' });
    await store.apply([received(2, restored, cleared)], at);
    assert.equal(await phase(), 'cleared');
  });

  test(`${name}: any order of batches with repeats ends complete, in step with a plain set`, async (t) => {
    const { upTo } = await open(t);
    const batches = fc.array(fc.array(fc.integer({ min: 1, max: 15 }), { minLength: 1, maxLength: 6 }), {
      maxLength: 15,
    });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(batches, async (given) => {
        const box = `box-${++run}`;
        const have = new Set<number>();
        for (const batch of given) {
          for (const n of batch) have.add(n);
          let complete = 0;
          while (have.has(complete + 1)) complete++;
          assert.equal(await upTo(batch.map((n) => received(n, { box }))), complete);
        }
      }),
      { seed: 32, numRuns: 40 },
    );
  });

  test(`${name}: what the box will never send again becomes a gap on record, and the stream goes on`, async (t) => {
    const { upTo, list } = await open(t);
    assert.equal(await upTo([received(12)]), 0);
    assert.equal(await upTo([received(14, { settled: 13 })]), 14);
    const gaps = (await list('gaps')).map(({ first, last, reason }) => [first, last, reason]);
    assert.deepEqual(gaps, [
      [1, 11, 'settled'],
      [13, 13, 'settled'],
    ]);
    assert.equal((await list('boxes'))[0]?.missing, 12);
  });

  test(`${name}: a gap event speaks for its range, once what stands before it is complete`, async (t) => {
    const { upTo, list } = await open(t);
    const telemetry = { eventclass: 'telemetry', type: eventTypes.gap };
    const gap = { class: 'telemetry', reason: 'quota', firstSequence: 3, lastSequence: 9, count: 7 };
    assert.equal(await upTo([received(9, telemetry, gap)]), 0);
    const plain = { eventclass: 'telemetry', type: eventTypes.comms };
    assert.equal(await upTo([received(1, plain, { device: 'd', comms: 'ok' })]), 1);
    assert.equal(await upTo([received(2, plain, { device: 'd', comms: 'ok' })]), 9);
    assert.deepEqual(
      (await list('gaps')).map(({ first, last, reason }) => [first, last, reason]),
      [[3, 8, 'quota']],
    );
  });

  test(`${name}: a gap whose first numbers were acknowledged before it came begins after them`, async (t) => {
    const { upTo, list } = await open(t);
    const plain = { eventclass: 'telemetry', type: eventTypes.comms };
    const sent = [1, 2, 3, 4, 5].map((n) => received(n, plain, { device: 'd', comms: 'ok' }));
    assert.equal(await upTo(sent), 5);
    const gap = { class: 'telemetry', reason: 'quota', firstSequence: 3, lastSequence: 9, count: 7 };
    const told = { eventclass: 'telemetry', type: eventTypes.gap, settled: 5 };
    assert.equal(await upTo([received(9, told, gap)]), 9);
    assert.deepEqual(
      (await list('gaps')).map(({ first, last, reason }) => [first, last, reason]),
      [[6, 8, 'quota']],
    );
    assert.equal((await list('boxes'))[0]?.missing, 3);
  });

  test(`${name}: boxes, epochs and classes are separate streams`, async (t) => {
    const { store } = await open(t);
    const others = [{ box: 'box-2' }, { epoch: 'epoch-0002' }, { eventclass: 'door' }];
    const acks = await store.apply([received(1), ...others.map((other) => received(1, other))], at);
    assert.equal(acks.length, 4);
    assert.equal((await store.positions()).length, 4);
  });

  test(`${name}: what is not understood is kept to the letter and acknowledged all the same`, async (t) => {
    const { upTo, list } = await open(t);
    const odd = { note: 'zero \u0000 and half \ud800', deep: [[[{}]]] };
    await upTo([received(1, { understanding: 'unknown-type', type: 'gatehouse.plate.v1' }, odd)]);
    assert.equal(await upTo([received(2, { understanding: 'invalid-data' })]), 2);
    const rows = await list('events');
    assert.deepEqual(
      rows.map((e) => e.understanding),
      ['invalid-data', 'unknown-type'],
    );
    assert.deepEqual(rows[1]?.data, odd);
    assert.deepEqual(await list('incidents'), []);
  });

  test(`${name}: a batch that fails half-way leaves nothing behind`, async (t) => {
    const { store, list } = await open(t);
    const broken = { ...received(2), type: null as unknown as string };
    await assert.rejects(store.apply([received(1), broken], at));
    assert.deepEqual([await list('events'), await list('incidents'), await list('streams')], [[], [], []]);
  });

  test(`${name}: refused messages are counted by reason`, async (t) => {
    const { store, list } = await open(t);
    await store.refuse('malformed', at, 2);
    await store.refuse('malformed', at, 40);
    await store.refuse('retained', at, 1);
    assert.deepEqual(
      (await list('refused')).map(({ why, count }) => [why, count]),
      [
        ['malformed', 42],
        ['retained', 1],
      ],
    );
  });

  test(`${name}: after its term an event goes, yet its repeat is acknowledged and not applied; what is open stays`, async (t) => {
    const { store, upTo, list } = await open(t);
    const cleared = incident(2, { phase: 'cleared', clearedAt: at, updatedAt: at });
    await store.apply([received(1), received(2, {}, cleared), received(4)], at);
    const yearLater = '2027-11-24T18:31:00.000+08:00';
    await store.apply([received(3)], yearLater);
    assert.equal(await store.prune(defaultRetention, '2027-11-23T18:30:00.000+08:00'), 0);
    assert.equal(await store.prune(defaultRetention, '2027-11-23T18:32:00.000+08:00'), 2);
    assert.deepEqual(
      (await list('events')).map((e) => e.sequence),
      [3, 4],
    );
    assert.equal(await upTo([received(1), received(2)]), 4);
    assert.deepEqual((await list('incidents')).map((i) => [i.id, i.applied]).sort(), [
      [incident(1).id, 1],
      [incident(3).id, 1],
      [incident(4).id, 1],
    ]);
    assert.equal((await list('events')).length, 2);
  });

  test(`${name}: what was acknowledged is there when the store is opened again`, async (t) => {
    const { db, store } = await open(t);
    await store.apply([received(1)], at);
    const again = await openReceiverStore(db, silentLog);
    assert.equal((await again.positions())[0]?.upTo, 1);
    await again.close();
  });

  test(`${name}: a box whose audit log grows, is told again after a restart, or outlives its store is not found fault with`, async (t) => {
    const { store, list } = await open(t);
    const minute = (n: number, epoch = 'epoch-0001') => ({ epoch, time: `2026-11-23T18:3${n}:00.000+08:00` });
    await store.apply([head(1, 500), head(2, 500), head(3, 812), head(1, 9, { box: 'box-2' })], at);
    assert.deepEqual(
      (await list('heads')).map(({ box, record }) => [box, record]),
      [
        ['box-1', 812],
        ['box-1', 500],
        ['box-1', 500],
        ['box-2', 9],
      ],
    );
    const restored = head(1, 900, minute(5, 'epoch-0002'));
    await store.apply([restored], at);
    // Unsent events of the old epoch come late.
    await store.apply([head(4, 850, minute(4))], at);
    await store.apply([restored], at);
    assert.deepEqual(await list('audit'), []);
  });

  test(`${name}: an audit log that goes back or changes within an epoch is found in any order of arrival, and no other is`, async (t) => {
    const { store, list } = await open(t);
    const log = fc.array(
      fc.record({ record: fc.integer({ min: 1, max: 6 }), by: fc.constantFrom('a', 'a', 'b') }),
      {
        minLength: 1,
        maxLength: 7,
      },
    );
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        log,
        fc.infiniteStream(fc.nat()),
        fc.integer({ min: 1, max: 4 }),
        async (heads, keys, size) => {
          const box = `box-${++run}`;
          const arriving = heads
            .map(({ record, by }, i) => ({ event: head(i + 1, record, { box }, by), key: keys.next().value }))
            .sort((a, b) => Number(a.key) - Number(b.key))
            .map(({ event }) => event);
          for (let from = 0; from < arriving.length; from += size)
            await store.apply(arriving.slice(from, from + size), at);
          const found = (await list('audit')).filter((row) => row.box === box);
          assert.deepEqual(found.map(({ kind }) => kind).sort(), faultsOf(heads));
        },
      ),
      { seed: 33, numRuns: 60 },
    );
  });

  test(`${name}: a log that does not go on in a new epoch is said as restored, once, with what it is held against`, async (t) => {
    const { store, list } = await open(t);
    await store.apply([head(1, 700), head(2, 800)], at);
    const anew = (n: number, record: number) =>
      head(n, record, { epoch: 'epoch-0002', time: '2026-11-24T09:00:00.000+08:00' }, 'b');
    await store.apply([anew(1, 3)], at);
    const later = '2026-11-25T18:31:00.000+08:00';
    await store.apply([anew(2, 700)], later);
    const found = await list('audit');
    assert.deepEqual(
      found.map(({ epoch, kind, record, againstEpoch, againstRecord }) => [
        epoch,
        kind,
        record,
        againstEpoch,
        againstRecord,
      ]),
      [['epoch-0002', 'restored', 3, 'epoch-0001', 800]],
    );
    assert.deepEqual(
      [found[0]?.foundAt, found[0]?.lastAt].map((time) => Date.parse(String(time))),
      [at, later].map((time) => Date.parse(time)),
    );
    await store.prune(defaultRetention, '2036-11-23T18:32:00.000+08:00');
    assert.deepEqual([(await list('events')).length, (await list('heads')).length], [0, 4]);
  });
}

for (const [name, make] of Object.entries(bothDatabases())) contract(name, make);

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { defaultStoreSettings, type EventClass, WireEvent, WireGap } from '@gatehouse/contracts';
import { scratchFolder } from '@gatehouse/harness';
import { ManualClock } from '@gatehouse/kit';
import { EventStore } from '@gatehouse/store';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { at } from './fixtures.ts';

const quotaBytes = 16 * 1024;
const quotaMiB = quotaBytes / 1024 / 1024;
const settings = {
  ...defaultStoreSettings,
  quotaMiB: { alarm: quotaMiB, door: quotaMiB, health: quotaMiB, telemetry: quotaMiB },
};

function openSmall(t: TestContext, file = join(scratchFolder(t), 'events.db')) {
  const clock = new ManualClock();
  const store = new EventStore({ file, box: 'box-1', clock, settings });
  store.start();
  t.after(() => store.stop());
  const put = (eventclass: EventClass, padding: number) =>
    store.record({
      eventclass,
      type: 'gatehouse.device-comms.v1',
      time: at,
      data: { device: 'd'.repeat(1 + padding), comms: 'ok' },
    });
  return { store, clock, put, file };
}

/**
 * The platform's side of the contract, as its README tells it: `settled` moves the mark over numbers that
 * will never come.
 */
class Platform {
  readonly numbers = new Set<number>();
  readonly gaps: WireGap[] = [];
  upTo = 0;
  take(event: WireEvent, settled: number): void {
    assert.ok(!this.numbers.has(event.sequence), `${event.sequence} comes once`);
    this.numbers.add(event.sequence);
    if (event.type === 'gatehouse.gap.v1') this.gaps.push(WireGap.parse(event.data));
    this.upTo = Math.max(this.upTo, settled);
    while (this.numbers.has(this.upTo + 1)) this.upTo++;
  }
  /** A number is accounted for if it arrived or a gap names it. */
  accountsFor(sequence: number): boolean {
    const named = ({ firstSequence = 1, lastSequence = 0 }: WireGap) =>
      firstSequence <= sequence && sequence <= lastSequence;
    return this.numbers.has(sequence) || this.gaps.some(named);
  }
}

const steps = fc.array(
  fc.oneof(
    fc.record({ put: fc.integer({ min: 1, max: 60 }), padding: fc.integer({ min: 0, max: 900 }) }),
    fc.record({ send: fc.integer({ min: 1, max: 30 }), delete: fc.boolean() }),
  ),
  { minLength: 1, maxLength: 25 },
);

test('whatever is written, sent and acknowledged: every number of a class that gives way arrived or is named by a gap', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      steps,
      fc.constantFrom<EventClass>('health', 'telemetry'),
      async (script, eventclass) => {
        const { store, clock, put } = openSmall(t);
        const platform = new Platform();
        let written = 0;
        const send = (limit: number) => {
          const { events, epoch } = store.outboxBatch(eventclass, platform.upTo, limit);
          const settled = (events[0]?.sequence ?? 1) - 1;
          for (const event of events) platform.take(WireEvent.parse(event), settled);
          if (events.length > 0) store.acknowledgeOutbox({ epoch, eventclass, upTo: platform.upTo });
          return events.length;
        };
        for (const step of script) {
          if ('send' in step) {
            send(step.send);
            if (step.delete) await clock.advance(1000);
          } else
            for (let n = 0; n < step.put; n++) {
              put(eventclass, step.padding);
              written++;
            }
          const backlog = store.backlog().find((one) => one.eventclass === eventclass);
          const waiting = store.outboxBatch(eventclass, 0, 10_000).events;
          assert.equal(backlog?.waiting, waiting.length, 'what waits is counted right');
          assert.ok((backlog?.bytes ?? 0) <= quotaBytes + 2048, `${backlog?.bytes} bytes`);
        }
        while (send(1000) > 0);
        assert.equal(platform.upTo, written, 'the acknowledgement is never stuck');
        for (let n = 1; n <= written; n++) assert.ok(platform.accountsFor(n), `${n} is accounted for`);
        assert.equal(store.backlog().find((one) => one.eventclass === eventclass)?.waiting, 0);
        store.stop();
      },
    ),
    { numRuns: 25, seed: 20261126 },
  );
});

test('alarms and door records are never dropped, however much waits', (t) => {
  const { store, put } = openSmall(t);
  for (const eventclass of ['alarm', 'door'] as const) {
    for (let n = 0; n < 100; n++) put(eventclass, 900);
    const { events } = store.outboxBatch(eventclass, 0, 1000);
    assert.deepEqual(
      events.map(({ sequence }) => sequence),
      Array.from({ length: 100 }, (_, n) => n + 1),
    );
  }
});

test('a gap says which numbers, how many events, their bytes and their times', (t) => {
  const { store, put } = openSmall(t);
  for (let n = 0; n < 200; n++) put('telemetry', 200);
  const [gap, next] = store.outboxBatch('telemetry', 0, 10).events;
  const data = WireGap.parse(gap?.data);
  assert.deepEqual(
    { ...data, bytes: 0 },
    {
      class: 'telemetry',
      reason: 'quota',
      firstSequence: 1,
      lastSequence: gap?.sequence,
      count: gap?.sequence,
      bytes: 0,
      from: at,
      to: at,
    },
  );
  assert.equal(next?.sequence, (gap?.sequence ?? 0) + 1, 'what follows it is whole');
  assert.equal(next?.previous, gap?.digest, 'the gap has the digest of the event in whose place it stands');
  assert.ok((data.bytes ?? 0) > 550 * (data.count ?? 0) && (data.bytes ?? 0) < 700 * (data.count ?? 0));
});

test('a gap that grows leaves out what was acknowledged meanwhile, and what it then does not know of the rest', (t) => {
  const { store, put } = openSmall(t);
  for (let n = 0; n < 40; n++) put('telemetry', 200);
  const gap = () => WireGap.parse(store.outboxBatch('telemetry', 0, 1).events[0]?.data);
  const before = gap();
  assert.ok(
    before.firstSequence === 1 && (before.lastSequence ?? 0) > 8,
    'these were in flight when they were dropped',
  );
  store.acknowledgeOutbox({ epoch: store.epoch, eventclass: 'telemetry', upTo: 5 });
  for (let n = 0; n < 40; n++) put('telemetry', 200);
  const { firstSequence, lastSequence = 0, count, bytes, from, to } = gap();
  assert.ok(lastSequence > (before.lastSequence ?? 0));
  assert.deepEqual([firstSequence, count, bytes, from, to], [6, lastSequence - 5, undefined, undefined, at]);
});

test('whatever is acknowledged in between, a gap that is written names no acknowledged number and counts its range', async (t) => {
  const step = fc.record({
    put: fc.integer({ min: 1, max: 60 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 20 }), async (script) => {
      const { store, put } = openSmall(t);
      let seen = 0;
      for (const { put: count, share } of script) {
        for (let n = 0; n < count; n++) put('health', 150);
        const head = store.backlog().find(({ eventclass }) => eventclass === 'health');
        const [oldest] = store.outboxBatch('health', 0, 1).events;
        if (oldest?.type === 'gatehouse.gap.v1' && oldest.sequence !== seen) {
          seen = oldest.sequence;
          const { firstSequence = 0, lastSequence = 0, count: events } = WireGap.parse(oldest.data);
          assert.ok(firstSequence > (head?.acked ?? 0), `${firstSequence} after ${head?.acked}`);
          assert.equal(events, lastSequence - firstSequence + 1);
        }
        const [acked, last] = [head?.acked ?? 0, head?.last ?? 0];
        const upTo = acked + Math.floor((last - acked) * share);
        store.acknowledgeOutbox({ epoch: store.epoch, eventclass: 'health', upTo });
      }
      store.stop();
    }),
    { numRuns: 40, seed: 20261127 },
  );
});

test('the count of bytes is that of the bodies in the file', async (t) => {
  const { store, clock, put, file } = openSmall(t);
  for (let n = 0; n < 90; n++) put('health', n * 7);
  for (let n = 0; n < 30; n++) put('door', n * 3);
  store.acknowledgeOutbox({ epoch: store.epoch, eventclass: 'door', upTo: 11 });
  await clock.advance(1000);
  store.stop();
  const db = new Database(file, { readonly: true });
  const counted = db.prepare('SELECT class, bytes FROM outbox_heads WHERE bytes > 0 ORDER BY class').all();
  const summed = db
    .prepare('SELECT class, sum(octet_length(body)) AS bytes FROM outbox GROUP BY class ORDER BY class')
    .all();
  db.close();
  assert.deepEqual(counted, summed);
});

test('acknowledged rows are out of sight at once and deleted in chunks behind it, also after a restart', async (t) => {
  const { store, clock, put, file } = openSmall(t);
  for (let n = 0; n < 1700; n++) put('door', 0);
  const rows = () => {
    const db = new Database(file, { readonly: true });
    const count = db.prepare('SELECT count(*) FROM outbox').pluck().get();
    db.close();
    return count;
  };
  store.acknowledgeOutbox({ epoch: store.epoch, eventclass: 'door', upTo: 1650 });
  assert.equal(store.outboxBatch('door', 0, 10).events[0]?.sequence, 1651);
  assert.equal(store.backlog().find(({ eventclass }) => eventclass === 'door')?.waiting, 50);
  await clock.advance(6);
  store.stop();
  assert.equal(rows(), 1200, 'one chunk so far');
  const again = openSmall(t, file);
  await again.clock.advance(1000);
  again.store.stop();
  assert.equal(rows(), 50);
});

test('events that nobody waits for share a commit within a second, and a stop loses none', async (t) => {
  const { store, clock, file } = openSmall(t);
  const tell = (n: number) =>
    store.tell({
      eventclass: 'telemetry',
      type: 'gatehouse.device-comms.v1',
      time: at,
      data: { device: `d-${n}`, comms: 'ok' },
    });
  let grown = 0;
  store.onOutboxGrown(() => grown++);
  for (let n = 0; n < 10; n++) tell(n);
  assert.equal(store.outboxBatch('telemetry', 0, 99).events.length, 0);
  await clock.advance(1000);
  assert.deepEqual([store.outboxBatch('telemetry', 0, 99).events.length, grown], [10, 1]);
  tell(10);
  store.stop();
  assert.equal(openSmall(t, file).store.outboxBatch('telemetry', 0, 99).events.length, 11);
});

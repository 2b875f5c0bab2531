import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { WireEvent } from '@gatehouse/contracts';
import { ManualClock, seededRandom, silentLog } from '@gatehouse/kit';
import { ClassLane } from '../class-lane.ts';
import { EgressFilter } from '../egress-filter.ts';
import { LaneReader } from '../lane-reader.ts';
import type { OutboxSource, PulledBatch } from '../outbox-source.ts';

const never = async () => assert.fail('a reader only pulls');

/** A reader over an outbox that answers with `pull`; `pulls` is what was asked, newest last. */
function startReader(t: TestContext, pull: (after: number, limit: number) => PulledBatch) {
  const pulls: number[] = [];
  const source: OutboxSource = {
    pull: async (_eventclass, after, limit) => {
      pulls.push(after);
      assert.ok(pulls.length < 20, 'it asks without end');
      return pull(after, limit);
    },
    acknowledge: never,
    doubt: never,
    refuse: never,
    report: never,
    watch: never,
  };
  const clock = new ManualClock();
  const parts = { source, clock, random: seededRandom(1), log: silentLog };
  const lane = new ClassLane('door', 400);
  const filter = new EgressFilter((row) => ({ ok: true, event: row as WireEvent }), source, clock, silentLog);
  const reader = new LaneReader({ lane, box: 'box', filter, onLoaded: () => undefined, ...parts });
  const abort = new AbortController();
  const running = reader.run(abort.signal);
  t.after(async () => {
    abort.abort();
    await running;
  });
  return { clock, pulls, lane, reader };
}

test('an outbox whose rows were all acknowledged before a restart is looked at once, not for ever', async (t) => {
  const { clock, pulls } = startReader(t, () => ({ epoch: 'e', last: 96, rows: [] }));
  for (let turn = 0; turn < 50; turn++) await clock.advance(1);
  assert.deepEqual(pulls, [Number.MAX_SAFE_INTEGER, 0], 'the epoch, then what waits');
});

test('rows beyond one batch are fetched at once, until the outbox gives no more', async (t) => {
  const event = (sequence: number) => ({
    specversion: '1.0',
    id: `e-door-${sequence}`,
    sequence,
  });
  const { clock, pulls, lane } = startReader(t, (after, limit) => ({
    epoch: 'e',
    last: 220,
    rows: Array.from({ length: 220 }, (_, i) => event(i + 1))
      .filter(({ sequence }) => sequence > after)
      .slice(0, limit),
  }));
  for (let turn = 0; turn < 50; turn++) await clock.advance(1);
  assert.deepEqual(pulls, [Number.MAX_SAFE_INTEGER, 0, 200]);
  assert.equal(lane.loaded, 220);
});

test('a runtime that is back is asked at once, however long the back-off has grown', async (t) => {
  const state = { away: true };
  const { clock, pulls, reader } = startReader(t, () => {
    if (state.away) throw new Error('away');
    return { epoch: 'e', last: 0, rows: [] };
  });
  await clock.advance(8000);
  const before = pulls.length;
  assert.ok(before > 4);
  state.away = false;
  reader.watching = true;
  await clock.advance(1);
  assert.ok(pulls.length > before);
});

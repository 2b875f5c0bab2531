import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventTypes, type WireEvent, wireId } from '@gatehouse/contracts';
import { ManualClock, seededRandom, silentLog } from '@gatehouse/kit';
import { Dispatcher } from '../dispatcher.ts';
import { EgressFilter } from '../egress-filter.ts';
import { LiveAlarms } from '../live-alarms.ts';
import type { OutboxSource } from '../outbox-source.ts';

const epoch = 'epoch-0001';
const never = async () => assert.fail('only pulls are expected');

/**
 * Alarms 1 to `loaded` are with the dispatcher, whose window takes them all; the outbox goes on to `last`,
 * which is of now.
 */
function behind(loaded: number, last: number) {
  const clock = new ManualClock();
  const alarm = (sequence: number): WireEvent => ({
    specversion: '1.0',
    id: wireId('box-1', epoch, 'alarm', sequence),
    source: 'urn:gatehouse:box:box-1',
    type: eventTypes.comms,
    time: new Date(clock.epochMs()).toISOString(),
    datacontenttype: 'application/json',
    boxid: 'box-1',
    epoch,
    eventclass: 'alarm',
    sequence,
    data: {},
  });
  const source: OutboxSource = {
    pull: async (_class, after, limit) => ({
      epoch,
      last,
      rows: Array.from({ length: Math.min(limit, Math.max(0, last - after)) }, (_, i) =>
        alarm(after + 1 + i),
      ),
    }),
    acknowledge: never,
    doubt: never,
    refuse: never,
    report: never,
    watch: never,
  };
  const parts = { box: 'box-1', source, clock, random: seededRandom(1), log: silentLog };
  const dispatcher = new Dispatcher({
    ...parts,
    window: 100,
    ackTimeoutMs: 10_000,
    onAcknowledged: () => undefined,
  });
  const sent: number[] = [];
  dispatcher.lanes.alarm.reset(epoch);
  dispatcher.attach({
    receiveMaximum: 65_535,
    unconfirmed: 0,
    wireBytes: () => 1,
    send: ({ sequence }) => sent.push(sequence),
  });
  dispatcher.lanes.alarm.load(
    Array.from({ length: loaded }, (_, i) => alarm(i + 1)),
    loaded,
  );
  dispatcher.pump();
  const filter = new EgressFilter((row) => ({ ok: true, event: row as WireEvent }), source, clock, silentLog);
  return { sent, live: new LiveAlarms({ ...parts, filter, dispatcher }) };
}

const signal = new AbortController().signal;

test('an alarm of now goes ahead of a long backlog in the moment too in which all that was loaded is sent', async () => {
  const { live, sent } = behind(50, 100_000);
  assert.equal(await live.sendNewest(signal), 5);
  assert.deepEqual(sent.slice(50), [99_996, 99_997, 99_998, 99_999, 100_000]);
});

test('an alarm that the next pull brings is not sent twice', async () => {
  const { live, sent } = behind(50, 51);
  assert.equal(await live.sendNewest(signal), 0);
  assert.equal(sent.length, 50);
});

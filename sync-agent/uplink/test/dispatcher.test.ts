import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  EventClass,
  eventTypes,
  type OutboxAck,
  type OutboxDoubt,
  type WireEvent,
  wireId,
} from '@gatehouse/contracts';
import { ManualClock, seededRandom, silentLog } from '@gatehouse/kit';
import fc from 'fast-check';
import { Dispatcher, type EventLink } from '../dispatcher.ts';

const epoch = 'epoch-0001';
const ackTimeoutMs = 10_000;

/** Keeps what was published; the broker confirms when the test says so. */
class FakeLink implements EventLink {
  receiveMaximum: number;
  unconfirmed = 0;
  readonly published: WireEvent[] = [];
  constructor(receiveMaximum = 65_535) {
    this.receiveMaximum = receiveMaximum;
  }
  wireBytes(_class: EventClass, payload: string): number {
    return payload.length;
  }
  send(_event: WireEvent, payload: string): void {
    this.published.push(JSON.parse(payload));
    this.unconfirmed++;
  }
  sequences(eventclass: EventClass): number[] {
    return this.published.filter((e) => e.eventclass === eventclass).map((e) => e.sequence);
  }
}

function setUp(window = 10, receiveMaximum?: number, maxKbps?: number) {
  const clock = new ManualClock();
  const acked: OutboxAck[] = [];
  const doubts: OutboxDoubt[] = [];
  let twins = 0;
  const dispatcher = new Dispatcher({
    window,
    maxKbps,
    ackTimeoutMs,
    clock,
    random: seededRandom(1),
    log: silentLog,
    onAcknowledged: (ack) => acked.push(ack),
    onDoubt: (doubt) => doubts.push(doubt),
    onTwin: () => twins++,
  });
  const link = new FakeLink(receiveMaximum);
  const next = { alarm: 1, door: 1, health: 1, telemetry: 1 };
  for (const lane of Object.values(dispatcher.lanes)) lane.reset(epoch);
  const load = (eventclass: EventClass, count: number, ageMs = 0) => {
    const time = new Date(clock.epochMs() - ageMs).toISOString();
    const events = Array.from({ length: count }, (): WireEvent => {
      const sequence = next[eventclass]++;
      return {
        specversion: '1.0',
        id: wireId('box-1', epoch, eventclass, sequence),
        source: 'urn:gatehouse:box:box-1',
        type: eventTypes.comms,
        time,
        datacontenttype: 'application/json',
        boxid: 'box-1',
        epoch,
        eventclass,
        sequence,
        data: {},
      };
    });
    dispatcher.lanes[eventclass].load(events, next[eventclass] - 1);
    dispatcher.pump();
  };
  const ack = (eventclass: EventClass, upTo: number) =>
    dispatcher.onAcknowledged({ boxid: 'box-1', epoch, eventclass, upTo });
  return { clock, dispatcher, link, load, ack, acked, doubts, twins: () => twins };
}

test('a backlog leaves room in the window for alarms', () => {
  const { dispatcher, link, load } = setUp(10);
  dispatcher.attach(link);
  load('health', 50);
  assert.equal(link.published.length, 8);
  load('alarm', 3);
  assert.deepEqual(link.sequences('alarm'), [1, 2], 'the last two places');
});

test('waiting alarms go before everything else that waits', () => {
  const { dispatcher, link, load } = setUp(4);
  load('telemetry', 5);
  load('health', 5);
  load('door', 1);
  load('alarm', 2);
  dispatcher.attach(link);
  assert.deepEqual(
    link.published.map((e) => e.eventclass),
    ['alarm', 'alarm', 'door'],
  );
});

test('a window of one still sends every class in turn', () => {
  const { dispatcher, link, load, ack } = setUp(1);
  dispatcher.attach(link);
  load('health', 1);
  load('alarm', 1);
  ack('health', 1);
  ack('alarm', 1);
  assert.deepEqual(
    link.published.map((e) => e.eventclass),
    ['health', 'alarm'],
  );
});

test('the broker’s receive maximum bounds what is in flight, confirmed or not', () => {
  const { dispatcher, link, load, ack } = setUp(100, 3);
  dispatcher.attach(link);
  load('alarm', 10);
  assert.equal(link.published.length, 3);
  link.unconfirmed = 0;
  dispatcher.pump();
  assert.equal(link.published.length, 3, 'a PUBACK alone opens nothing');
  link.unconfirmed = 3;
  ack('alarm', 3);
  assert.equal(link.published.length, 3, 'nor does an acknowledgement before the PUBACKs');
  link.unconfirmed = 0;
  dispatcher.pump();
  assert.equal(link.published.length, 6);
});

test('an event is resent after the time-out, later and later, until it is acknowledged', async () => {
  const { clock, dispatcher, link, load, ack } = setUp();
  dispatcher.attach(link);
  load('door', 1);
  await clock.advance(ackTimeoutMs);
  assert.equal(link.published.length, 1, 'not before the time-out');
  const gaps: number[] = [];
  for (let sent = 2, sinceMs = 0; sent <= 8; sent++) {
    while (link.published.length < sent) await clock.advance(500);
    gaps.push(clock.monotonicMs() - sinceMs);
    sinceMs = clock.monotonicMs();
  }
  assert.ok(
    gaps.every((gap) => gap >= ackTimeoutMs && gap <= 5 * ackTimeoutMs + 500),
    `${gaps}`,
  );
  assert.ok((gaps.at(-1) ?? 0) >= 3 * ackTimeoutMs, `${gaps}`);
  ack('door', 1);
  const before = link.published.length;
  await clock.advance(10 * ackTimeoutMs);
  assert.equal(link.published.length, before);
  assert.equal(clock.pendingTimers, 0);
});

test('a receiver that comes back and says where it stands gets the rest at once, but not over and over', async () => {
  const { clock, dispatcher, link, load, ack } = setUp();
  dispatcher.attach(link);
  load('alarm', 3);
  ack('alarm', 1);
  await clock.advance(2000);
  ack('alarm', 1);
  assert.deepEqual(link.sequences('alarm'), [1, 2, 3, 2, 3]);
  for (let i = 0; i < 50; i++) ack('alarm', 1);
  assert.equal(link.published.length, 5);
});

test('a new link gets everything that is not acknowledged, in order', () => {
  const { dispatcher, link, load, ack } = setUp();
  dispatcher.attach(link);
  load('alarm', 4);
  ack('alarm', 2);
  dispatcher.detach();
  const second = new FakeLink();
  dispatcher.attach(second);
  assert.deepEqual(second.sequences('alarm'), [3, 4]);
  assert.deepEqual(
    second.published.map((e) => e.settled),
    [2, 2],
  );
});

test('only what waited longer than a minute is historical', () => {
  const { dispatcher, link, load } = setUp();
  dispatcher.attach(link);
  load('alarm', 1, 60_000);
  load('alarm', 1, 60_001);
  assert.deepEqual(
    link.published.map((e) => e.historical),
    [undefined, true],
  );
});

test('no stream of acknowledgements deletes what was never sent', () => {
  const hostile = fc.record({
    eventclass: fc.constantFrom(...EventClass.options),
    upTo: fc.oneof(fc.integer({ min: -5, max: 60 }), fc.maxSafeInteger()),
  });
  fc.assert(
    fc.property(fc.array(hostile, { maxLength: 60 }), (acks) => {
      const { dispatcher, link, load, ack, acked } = setUp(5);
      dispatcher.attach(link);
      load('alarm', 20);
      load('door', 20);
      for (const { eventclass, upTo } of acks) {
        const sent = Math.max(0, ...link.sequences(eventclass));
        const count = acked.length;
        ack(eventclass, upTo);
        for (const passed of acked.slice(count)) assert.ok(passed.upTo <= sent, `${passed.upTo} > ${sent}`);
      }
    }),
    { seed: 21, numRuns: 200 },
  );
});

test('under a bandwidth limit alarms overdraw and nothing lower overtakes what waits', async () => {
  // 8 kbit/s is a byte a millisecond; an event here is about 320 bytes.
  const { clock, dispatcher, link, load } = setUp(1000, undefined, 8);
  dispatcher.attach(link);
  load('health', 60);
  const burst = link.published.length;
  assert.ok(burst > 20 && burst < 40, `${burst}`);
  load('door', 5);
  assert.equal(link.published.length, burst, 'the bucket is empty');
  load('alarm', 3);
  assert.deepEqual(link.sequences('alarm'), [1, 2, 3], 'at once, on credit');
  await clock.advance(5000);
  const later = link.published.slice(burst + 3).map((e) => e.eventclass);
  assert.deepEqual(later.slice(0, 5), ['door', 'door', 'door', 'door', 'door']);
  const bytes = link.published.reduce((sum, e) => sum + JSON.stringify(e).length, 0);
  assert.ok(bytes <= 10 * 1024 + 5000 + 400, `${bytes} bytes in 5 s and a burst`);
});

test('a wall clock that steps by a day, either way, delays no resend and repeats none', async () => {
  for (const stepMs of [86_400_000, -86_400_000]) {
    const { clock, dispatcher, link, load, ack } = setUp();
    dispatcher.attach(link);
    load('door', 1);
    clock.stepWall(stepMs);
    await clock.advance(ackTimeoutMs);
    assert.equal(link.published.length, 1);
    await clock.advance(ackTimeoutMs);
    assert.equal(link.published.length, 2);
    ack('door', 1);
    await clock.advance(10 * ackTimeoutMs);
    assert.equal(link.published.length, 2);
  }
});

/** A platform that holds what was published on any link, and acknowledges the run without a hole. */
class Holder {
  readonly set;
  link: FakeLink;
  readonly #held = new Map<EventClass, Set<number>>(EventClass.options.map((c) => [c, new Set()]));
  readonly #maximum: number;

  constructor(window: number, maximum: number) {
    this.set = setUp(window);
    this.#maximum = maximum;
    this.link = new FakeLink(maximum);
    this.set.dispatcher.attach(this.link);
  }
  load(eventclass: EventClass, n: number): void {
    this.set.load(eventclass, Math.min(n, this.set.dispatcher.lanes[eventclass].room));
  }
  confirm(_: EventClass, n: number): void {
    this.link.unconfirmed = Math.max(0, this.link.unconfirmed - n);
  }
  ack(eventclass: EventClass): void {
    this.#take();
    let upTo = 0;
    while (this.#held.get(eventclass)?.has(upTo + 1)) upTo++;
    this.set.ack(eventclass, upTo);
  }
  lose(): void {
    this.#take();
    this.set.dispatcher.detach();
    this.link = new FakeLink(this.#maximum);
    this.set.dispatcher.attach(this.link);
  }
  replace(eventclass: EventClass): void {
    const [first] = this.link.published.filter((e) => e.eventclass === eventclass);
    if (first) this.set.dispatcher.replace({ ...first, type: eventTypes.withheld });
  }
  get inFlight(): number {
    return EventClass.options.reduce((sum, c) => sum + this.set.dispatcher.lanes[c].inFlight, 0);
  }
  get left(): number {
    return EventClass.options.reduce((sum, c) => sum + this.set.dispatcher.lanes[c].size, 0);
  }
  #take(): void {
    for (const event of this.link.published) this.#held.get(event.eventclass)?.add(event.sequence);
  }
}

test('whatever is loaded, confirmed, acknowledged, lost or replaced: in flight stays within window and receive maximum, and all arrives', () => {
  const step = fc.record({
    what: fc.constantFrom(
      'load' as const,
      'confirm' as const,
      'ack' as const,
      'lose' as const,
      'replace' as const,
    ),
    eventclass: fc.constantFrom(...EventClass.options),
    n: fc.integer({ min: 1, max: 8 }),
  });
  const small = fc.integer({ min: 1, max: 12 });
  fc.assert(
    fc.property(small, small, fc.array(step, { maxLength: 80 }), (window, maximum, steps) => {
      const holder = new Holder(window, maximum);
      for (const { what, eventclass, n } of steps) {
        holder[what](eventclass, n);
        assert.ok(holder.link.unconfirmed <= maximum);
        assert.ok(holder.inFlight <= Math.min(window, maximum), `${holder.inFlight}`);
      }
      for (let turn = 0; turn < 400 && holder.left > 0; turn++) {
        holder.link.unconfirmed = 0;
        holder.set.dispatcher.pump();
        for (const eventclass of EventClass.options) holder.ack(eventclass);
      }
      assert.equal(holder.left, 0);
    }),
    { seed: 22, numRuns: 150 },
  );
});

test('what the platform says of single events goes to the store, which alone knows what it wrote', () => {
  const { dispatcher, link, load, acked, doubts, twins } = setUp();
  dispatcher.attach(link);
  load('door', 4);
  const about = { epoch, eventclass: 'door' as const };
  const said = { boxid: 'box-1', ...about };
  const digest = 'a'.repeat(16);
  dispatcher.onAcknowledged({ ...said, upTo: 2, digest });
  assert.deepEqual(acked, [{ ...about, upTo: 2, claim: { as: 'held', sequence: 2, digest } }]);
  dispatcher.onAcknowledged({ ...said, upTo: 2, digest, conflict: { sequence: 3, digest }, twin: true });
  dispatcher.onAcknowledged({ ...said, upTo: 9, digest });
  assert.deepEqual(doubts, [
    { ...about, claim: { as: 'refused', sequence: 3, digest } },
    { ...about, claim: { as: 'held', sequence: 9, digest } },
  ]);
  assert.equal(acked.length, 1, 'neither acknowledges anything');
  assert.equal(twins(), 1);
  dispatcher.onAcknowledged({ ...said, epoch: 'epoch-0000', upTo: 9, conflict: { sequence: 3 } });
  assert.equal(doubts.length, 2, 'of an epoch that this one is not nothing is believed');
});

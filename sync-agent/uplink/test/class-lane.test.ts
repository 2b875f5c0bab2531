import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventTypes, type WireEvent, wireId } from '@gatehouse/contracts';
import fc from 'fast-check';
import { ClassLane } from '../class-lane.ts';

const epoch = 'epoch-0001';

function event(sequence: number): WireEvent {
  return {
    specversion: '1.0',
    id: wireId('box', epoch, 'alarm', sequence),
    source: 'urn:gatehouse:box:box',
    type: eventTypes.comms,
    time: '2026-11-23T18:30:00+08:00',
    datacontenttype: 'application/json',
    boxid: 'box',
    epoch,
    eventclass: 'alarm',
    sequence,
    data: {},
  };
}

function lane(holds = 10): ClassLane {
  const made = new ClassLane('alarm', holds);
  made.reset(epoch);
  return made;
}

test('events leave in sequence order and stay until they are acknowledged', () => {
  const one = lane();
  one.load([event(1), event(2), event(3)], 3);
  assert.equal(one.next()?.sequence, 1);
  one.markSent(0);
  assert.equal(one.next()?.sequence, 2);
  assert.deepEqual([one.inFlight, one.size, one.sent], [1, 3, 1]);
  assert.equal(one.acknowledge(1), 1);
  assert.deepEqual([one.inFlight, one.size, one.settled], [0, 2, 1]);
});

test('an acknowledgement beyond what was sent covers only what was sent', () => {
  const one = lane();
  one.load([event(1), event(2), event(3)], 3);
  one.markSent(0);
  assert.equal(one.acknowledge(3), 1);
  assert.equal(one.next()?.sequence, 2, 'what was never sent still goes out');
});

test('an old or repeated acknowledgement changes nothing', () => {
  const one = lane();
  one.load([event(1), event(2)], 2);
  one.markSent(0);
  one.markSent(0);
  assert.equal(one.acknowledge(2), 2);
  assert.equal(one.acknowledge(2), undefined);
  assert.equal(one.acknowledge(1), undefined);
});

test('what the outbox no longer holds is settled from the first event on', () => {
  const one = lane();
  one.load([event(501)], 501);
  assert.equal(one.settled, 500);
});

test('a resend goes out before what was not sent yet, in sequence order', () => {
  const one = lane();
  one.load([event(1), event(2), event(3), event(4)], 4);
  for (const atMs of [0, 10, 20]) {
    assert.ok(one.next());
    one.markSent(atMs);
  }
  assert.equal(one.resendSentBefore(10), 2);
  const order: (number | undefined)[] = [];
  while (one.next()) {
    order.push(one.next()?.sequence);
    one.markSent(30);
  }
  assert.deepEqual(order, [1, 2, 4]);
});

test('a lane takes no more than its capacity and nothing out of order', () => {
  const one = lane(2);
  assert.throws(() => one.load([event(1), event(2), event(3)], 3), RangeError);
  const two = lane();
  two.load([event(5)], 5);
  assert.throws(() => two.load([event(5)], 5), RangeError);
});

const capacity = 12;

/**
 * Model beside the lane: a row is forgotten only by an acknowledgement at or above it that came after it, or
 * a later one, was sent. Whatever the order of pulls, sends, losses of the link and (also absurd)
 * acknowledgements.
 */
class Model {
  readonly lane = lane(capacity);
  readonly kept = new Set<number>();
  #highestSent = 0;
  #last = 0;

  load(count: number): void {
    const events = Array.from({ length: Math.min(count, this.lane.room) }, (_, i) =>
      event(this.#last + i + 1),
    );
    this.#last += events.length;
    for (const { sequence } of events) this.kept.add(sequence);
    this.lane.load(events, this.#last);
  }

  send(count: number): number[] {
    const sent: number[] = [];
    for (let next = this.lane.next(); next && sent.length < count; next = this.lane.next()) {
      assert.ok(this.kept.has(next.sequence), 'only what is not acknowledged is sent');
      this.#highestSent = Math.max(this.#highestSent, next.sequence);
      sent.push(next.sequence);
      this.lane.markSent(0);
    }
    return sent;
  }

  ack(upTo: number): void {
    this.lane.acknowledge(upTo);
    for (const sequence of this.kept)
      if (sequence <= Math.min(upTo, this.#highestSent)) this.kept.delete(sequence);
  }

  lost(): void {
    this.lane.resendSentBefore(Number.POSITIVE_INFINITY);
  }
}

test('no order of sends, resends and acknowledgements loses an event or holds more than the capacity', () => {
  const step = fc.record({
    what: fc.constantFrom('load' as const, 'send' as const, 'ack' as const, 'lost' as const),
    n: fc.integer({ min: 0, max: 60 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const model = new Model();
      for (const { what, n } of steps) {
        model[what](what === 'ack' ? n : n % 5);
        assert.equal(model.lane.size, model.kept.size);
        assert.ok(model.lane.size <= capacity && model.lane.inFlight <= model.lane.size);
      }
      model.lost();
      const left = [...model.kept].sort((a, b) => a - b);
      assert.deepEqual(model.send(capacity), left);
    }),
    { seed: 7, numRuns: 300 },
  );
});

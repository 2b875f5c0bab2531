import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Priority, pollShare, priorities, RequestQueue } from '../request-queue.ts';

test('the most urgent goes first, equals in the order they came', () => {
  const queue = new RequestQueue<string>(8);
  queue.push('poll', 'p1');
  queue.push('remote', 'r1');
  queue.push('poll', 'p2');
  queue.push('guard', 'g1');
  queue.push('fire', 'f1');
  queue.push('stop', 'h1');
  queue.push('safety', 's1');
  assert.deepEqual(queue.items(), ['f1', 's1', 'h1', 'g1', 'r1', 'p1', 'p2']);
  const order = [1, 2, 3, 4, 5, 6, 7].map(() => queue.shift());
  assert.deepEqual(order, ['f1', 's1', 'h1', 'g1', 'r1', 'p1', 'p2']);
});

test('an item that is not ready lets the ones behind it pass and keeps its place', () => {
  const queue = new RequestQueue<string>(8);
  queue.push('guard', 'g1');
  queue.push('poll', 'p1');
  assert.equal(
    queue.shift((item) => item !== 'g1'),
    'p1',
  );
  assert.equal(
    queue.shift(() => false),
    undefined,
  );
  assert.equal(queue.shift(), 'g1');
});

test('a full queue drops its newest schedule for a command, and no poll for anybody', () => {
  const queue = new RequestQueue<string>(2);
  queue.push('poll', 'p1');
  queue.push('schedule', 'c1');
  queue.push('schedule', 'c2');
  assert.equal(queue.push('schedule', 'c3'), 'c3');
  assert.equal(queue.push('guard', 'g1'), 'c2');
  assert.equal(queue.push('stop', 'h1'), 'c1');
  assert.equal(queue.push('remote', 'r1'), 'r1');
  assert.equal(queue.push('fire', 'f1'), 'g1');
  assert.deepEqual(queue.items(), ['f1', 'h1', 'p1']);
});

interface Item {
  readonly priority: Priority;
  readonly at: number;
}
const isUrgent = ({ priority }: Item) => ['fire', 'safety', 'stop'].includes(priority);
const isPoll = ({ priority }: Item) => priority.startsWith('poll');

/** Requests that come, and turns that are taken, in any order; small weights make a full queue common. */
const steps = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...priorities) },
    { weight: 2, arbitrary: fc.constant('turn' as const) },
  ),
  { maxLength: 200 },
);

/** A model of a queue, told of every push and turn. */
class Judge {
  waiting: Item[] = [];
  #turnsWithoutPoll = 0;

  pushed(item: Item, dropped: Item | undefined): void {
    this.waiting = [...this.waiting, item].filter((one) => one !== dropped);
    if (!dropped) return;
    assert.ok(!isPoll(dropped), 'a poll was dropped');
    if (dropped !== item) assert.ok(rank(dropped) > rank(item), 'for something less urgent');
  }

  taken(item: Item): void {
    const [first] = this.waiting.toSorted((a, b) => rank(a) - rank(b) || a.at - b.at);
    if (first && isUrgent(first)) assert.equal(item, first, 'something urgent waited behind another');
    const equals = this.waiting.filter(({ priority }) => priority === item.priority);
    assert.equal(item, equals[0], 'out of order');
    this.#share(item);
    this.waiting = this.waiting.filter((one) => one !== item);
  }

  #share(item: Item): void {
    if (isUrgent(item)) return;
    const passedOver = !isPoll(item) && this.waiting.some(isPoll);
    this.#turnsWithoutPoll = passedOver ? this.#turnsWithoutPoll + 1 : 0;
    assert.ok(
      this.#turnsWithoutPoll < pollShare,
      `polls waited for ${this.#turnsWithoutPoll} turns of commands`,
    );
  }
}
const rank = ({ priority }: Item) => priorities.indexOf(priority);

test('whatever comes: urgent before all, equals in order, none lost unseen, and polls have their share', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const queue = new RequestQueue<Item>(8);
      const judge = new Judge();
      for (const [at, step] of all.entries()) {
        if (step === 'turn') {
          const item = queue.shift();
          assert.equal(item === undefined, judge.waiting.length === 0);
          if (item) judge.taken(item);
        } else {
          const item = { priority: step, at };
          judge.pushed(item, queue.push(step, item));
        }
        assert.deepEqual(new Set(queue.items()), new Set(judge.waiting));
      }
    }),
    { seed: 20261126, numRuns: 1_000 },
  );
});

test('of one priority parties take turns, however many requests one of them has', () => {
  const queue = new RequestQueue<string>(64, (item) => item.slice(0, 1));
  for (let i = 0; i < 20; i++) queue.push('guard', `a${i}`);
  queue.push('guard', 'b0');
  queue.push('guard', 'b1');
  queue.push('guard', 'c0');
  const served = Array.from({ length: 8 }, () => queue.shift());
  assert.deepEqual(served, ['a0', 'b0', 'c0', 'a1', 'b1', 'a2', 'a3', 'a4']);
  queue.push('guard', 'b2');
  assert.equal(queue.shift(), 'b2', 'who had no turn of late comes next');
});

test('what is urgent goes in order, whoever asks for it', () => {
  const queue = new RequestQueue<string>(64, (item) => item.slice(0, 1));
  for (const item of ['a0', 'a1', 'b0']) queue.push('stop', item);
  assert.deepEqual([queue.shift(), queue.shift(), queue.shift()], ['a0', 'a1', 'b0']);
});

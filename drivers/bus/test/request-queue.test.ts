import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestQueue } from '../request-queue.ts';

test('the most urgent goes first, equals in the order they came', () => {
  const queue = new RequestQueue<string>(8);
  queue.push('poll', 'p1');
  queue.push('remote', 'r1');
  queue.push('schedule', 'c1');
  queue.push('poll', 'p2');
  queue.push('guard', 'g1');
  queue.push('fire', 'f1');
  queue.push('safety', 's1');
  assert.deepEqual(queue.items(), ['f1', 's1', 'g1', 'r1', 'c1', 'p1', 'p2']);
  const order = [1, 2, 3, 4, 5, 6, 7].map(() => queue.shift());
  assert.deepEqual(order, ['f1', 's1', 'g1', 'r1', 'c1', 'p1', 'p2']);
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

test('a full queue drops its newest poll for a command, and a poll for nobody', () => {
  const queue = new RequestQueue<string>(2);
  queue.push('poll', 'p1');
  queue.push('poll', 'p2');
  assert.equal(queue.push('poll', 'p3'), 'p3');
  assert.equal(queue.push('guard', 'g1'), 'p2');
  assert.equal(queue.push('remote', 'r1'), 'p1');
  assert.equal(queue.push('remote', 'r2'), 'r2');
  assert.equal(queue.length, 2);
});

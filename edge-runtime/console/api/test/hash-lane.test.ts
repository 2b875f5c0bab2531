import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@gatehouse/kit';
import fc from 'fast-check';
import { HashLane } from '../auth/hash-lane.ts';

/** A lane with hashes that end when the test says so. */
function lane(options: { waiting: number; waitingOfPeer: number; rests?: boolean }) {
  const clock = new ManualClock();
  const under: (() => void)[] = [];
  const seen = { most: 0, done: 0, refused: 0 };
  const hashes = new HashLane({ clock, rests: false, ...options });
  return {
    clock,
    under,
    seen,
    ask(peer: string): void {
      const hash = () =>
        new Promise<void>((resolve) => {
          under.push(resolve);
          seen.most = Math.max(seen.most, under.length);
        });
      hashes.run(peer, hash).then(
        () => seen.done++,
        (error) => {
          assert.equal(error.code, 'LOGIN_BUSY');
          seen.refused++;
        },
      );
    },
    async finish(): Promise<void> {
      under.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

test('one hash at a time, a bounded number behind it, and each peer its share of those', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(fc.constantFrom('a', 'b', 'c', 'd'), fc.constant('finish')), { maxLength: 40 }),
      async (steps) => {
        const run = lane({ waiting: 3, waitingOfPeer: 2 });
        let asked = 0;
        for (const step of steps) {
          if (step === 'finish') await run.finish();
          else {
            run.ask(step);
            asked++;
          }
          await new Promise((resolve) => setImmediate(resolve));
          assert.ok(asked - run.seen.done - run.seen.refused <= 4, 'one under way and three waiting');
        }
        while (run.under.length > 0) await run.finish();
        assert.ok(run.seen.most <= 1);
        assert.equal(run.seen.done + run.seen.refused, asked, 'each was heard or refused');
      },
    ),
    { seed: 11, numRuns: 200 },
  );
});

test('the newest is refused, and a peer that waits already before any other', async () => {
  const run = lane({ waiting: 2, waitingOfPeer: 1 });
  for (const peer of ['a', 'a', 'a']) run.ask(peer);
  await run.finish();
  assert.deepEqual(run.seen, { most: 1, done: 1, refused: 1 });
  run.ask('b');
  run.ask('c');
  run.ask('d');
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(run.seen.refused, 2);
});

test('a lane that rests does so for as long as the hash took', async () => {
  const run = lane({ waiting: 4, waitingOfPeer: 4, rests: true });
  run.ask('a');
  run.ask('a');
  await run.clock.advance(50);
  await run.finish();
  assert.equal(run.under.length, 0, 'at rest');
  await run.clock.advance(49);
  assert.equal(run.under.length, 0);
  await run.clock.advance(1);
  assert.equal(run.under.length, 1);
});

test('a hash that fails is the business of who asked for it', async () => {
  const hashes = new HashLane({ clock: new ManualClock(), rests: false, waiting: 1, waitingOfPeer: 1 });
  await assert.rejects(
    hashes.run('a', () => Promise.reject(new Error('no memory'))),
    /no memory/,
  );
  assert.equal(await hashes.run('a', async () => 7), 7);
});

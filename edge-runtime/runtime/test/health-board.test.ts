import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatehouseError, ManualClock, ProcessorWatch, silentLog } from '@gatehouse/kit';
import { HealthBoard } from '../health-board.ts';

/** A board over a vision service that answers or does not, on a box with so many threads that want its two processors. */
function boardOf() {
  const clock = new ManualClock();
  const box = { answers: true, runnable: 1 };
  const read = () => ({ threads: new Map(), runnable: box.runnable, processors: 2 });
  const processor = new ProcessorWatch({ clock, log: silentLog, read });
  const vision = {
    call: async () => {
      if (box.answers) return { status: 'ok' };
      throw new GatehouseError('PEER_DOWN', 'environment', 'vision does not answer.', 'See its log.');
    },
  };
  const board = new HealthBoard({ clock, polled: { vision }, own: () => ({ status: 'ok' }), processor });
  processor.start();
  board.start();
  const status = (name: string) => board.services()[name]?.status;
  return { clock, box, board, status };
}

test('a service that misses a poll is down, and up again with its next answer', async () => {
  const { clock, box, status } = boardOf();
  await clock.advance(5_000);
  assert.equal(status('vision'), 'ok');
  box.answers = false;
  await clock.advance(2_000);
  assert.equal(status('vision'), 'down');
  box.answers = true;
  await clock.advance(2_000);
  assert.equal(status('vision'), 'ok');
});

test('while the box is short of processor a late service is not down before half a minute, and then it is', async () => {
  const { clock, box, status } = boardOf();
  box.runnable = 40;
  await clock.advance(6_000);
  box.answers = false;
  await clock.advance(28_000);
  assert.equal(status('vision'), 'ok');
  await clock.advance(5_000);
  assert.equal(status('vision'), 'down');
  await clock.advance(60_000);
  assert.equal(status('vision'), 'down');
});

test('a service that reports by itself has five times as long while the box is short of processor', async () => {
  const { clock, box, board, status } = boardOf();
  board.report('sync', { status: 'ok' });
  await clock.advance(26_000);
  assert.equal(status('sync'), 'down');
  box.runnable = 40;
  await clock.advance(5_000);
  board.report('sync', { status: 'ok' });
  await clock.advance(120_000);
  assert.equal(status('sync'), 'ok');
  await clock.advance(10_000);
  assert.equal(status('sync'), 'down');
});

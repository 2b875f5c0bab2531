import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatehouseError, ManualClock, silentLog } from '@gatehouse/kit';
import { WriteBehind } from '../write-behind.ts';

test('facts that the disk refuses wait in order, and health says so until they are written', async (t) => {
  const clock = new ManualClock();
  const behind = new WriteBehind(clock, silentLog);
  behind.start();
  t.after(() => behind.stop());
  const written: number[] = [];
  let full = true;
  const fact = (n: number) => () => {
    if (full) throw new GatehouseError('JOURNAL_FULL', 'environment', 'no space left.', 'Free space.');
    written.push(n);
  };
  for (const n of [1, 2, 3]) behind.write(fact(n));
  const [told, ...more] = behind.health();
  assert.deepEqual([told?.endangers, told?.code, more], ['people', 'JOURNAL_FULL', []]);
  assert.match(told?.detail ?? '', /^3 facts about doors wait.*Free space/);
  full = false;
  await clock.advance(5_000);
  assert.deepEqual([written, behind.health()], [[1, 2, 3], []]);
});

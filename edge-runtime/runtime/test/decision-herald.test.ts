import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CameraView, Gate, TrackFrame } from '@gatehouse/contracts';
import { ManualClock, silentLog } from '@gatehouse/kit';
import { DecisionHerald } from '../decision-herald.ts';
import { Hub } from '../hub.ts';

const gate = (name: string, value: number | boolean, threshold: number | boolean, passed: boolean): Gate => ({
  ...{ name, value, threshold, passed },
  ...(typeof value === 'number' ? { unit: 's' } : {}),
});

async function announced(
  gates: Gate[],
  phase: 'watching' | 'open' = 'watching',
  seconds = 12,
): Promise<number> {
  const clock = new ManualClock();
  const frames = new Hub<TrackFrame>((error) => {
    throw error;
  });
  const view: CameraView = {
    ...{ camera: 'east', tracks: [], zones: [] },
    watched: [{ kind: 'illegal-parking', zone: 'lane', occupancy: 'lane/1', phase, sinceMs: 0, gates }],
  };
  let count = 0;
  const herald = new DecisionHerald({
    frames,
    view: () => view,
    announce: async (_, forMs) => {
      count++;
      assert.ok(forMs >= 10_000);
    },
    clock,
    log: silentLog,
  });
  herald.start();
  for (let i = 0; i < seconds * 5; i++) {
    frames.publish({ camera: 'east', atMs: i * 200, tracks: [] });
    await clock.advance(200);
  }
  herald.stop();
  return count;
}

test('a decision that only time keeps back is announced shortly before, again every few seconds', async () => {
  assert.equal(await announced([gate('inside-zone', true, true, true), gate('dwell', 292, 300, false)]), 3);
});

test('nothing is announced while the decision is far, keeps back for another reason, or has been made', async () => {
  assert.equal(await announced([gate('dwell', 200, 300, false)]), 0);
  assert.equal(await announced([gate('inside-zone', false, true, false), gate('dwell', 299, 300, false)]), 0);
  assert.equal(await announced([gate('dwell', 400, 300, true)], 'open'), 0);
});

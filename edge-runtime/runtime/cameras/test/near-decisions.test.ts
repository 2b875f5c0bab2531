import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LocalClient, ManualClock, silentLog } from '@gatehouse/kit';
import { NearDecisions } from '../near-decisions.ts';

test('vision is told of the cameras where a time is about to reach its threshold, and of no others', async () => {
  const clock = new ManualClock();
  const asked: string[] = [];
  const vision = {
    call: async (method: string, path: string) => {
      asked.push(`${method} ${path}`);
    },
  } as unknown as LocalClient;
  const gate = (value: number | boolean, threshold: number, unit = 's') => ({
    gates: [{ name: 'dwell', value, threshold, unit, passed: false }],
  });
  const watched: Readonly<Record<string, ReturnType<typeof gate>[]>> = {
    near: [gate(2, 300), gate(295, 300)],
    far: [gate(200, 300), gate(9, 10, 'people')],
    over: [gate(301, 300), gate(true, 300)],
    idle: [],
  };
  const decisions = new NearDecisions({
    cameras: Object.keys(watched),
    watched: (camera) => watched[camera] ?? [],
    vision,
    clock,
    log: silentLog,
  });
  decisions.start();
  await clock.advance(2_500);
  decisions.stop();
  await clock.advance(5_000);
  assert.deepEqual(asked, Array(2).fill('POST /cameras/near/decision-near?forMs=4000'));
});

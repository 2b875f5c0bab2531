import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Tracker } from '../../vision/track/index.ts';
import { IncidentEngine } from '../index.ts';
import { cameraOfGroup } from './groups/camera.ts';
import { framesOf } from './groups/frames.ts';
import { dueOfHours, framesOfHours, hours, restlessThree } from './groups/hours.ts';
import { dueOf, judge } from './groups/oracle.ts';
import { groupsOf, ledAway, seatedGroups } from './groups/scripts.ts';
import { type EngineFactory, play } from './scenes/run.ts';

const real: EngineFactory = (cameras) => new IncidentEngine(cameras);
const runs = (seed: number, numRuns: number) => ({
  seed: Number(process.env.SEED ?? seed),
  numRuns: Number(process.env.RUNS ?? numRuns),
});

for (const rule of ['crowd', 'gate-congestion'] as const)
  test(`${rule}: generated scenes raise what their scripts say: one incident a group, on time, whatever is in the way`, () => {
    fc.assert(
      fc.property(groupsOf(rule), (script) => {
        const due = dueOf(script);
        fc.pre(due !== undefined);
        assert.equal(judge(due, play(framesOf(script), cameraOfGroup(script), real)), undefined);
      }),
      { ...runs(21, 1000), examples: rule === 'crowd' ? [[ledAway]] : [] },
    );
  });

test('a queue is the same from detections through the tracker', () => {
  fc.assert(
    fc.property(groupsOf('gate-congestion'), (script) => {
      const due = dueOf(script);
      fc.pre(due !== undefined);
      let tracker = new Tracker();
      const found = play(framesOf(script), cameraOfGroup(script), real, (frame) => {
        if (frame.restarted) tracker = new Tracker({ firstId: 1 + frame.atMs });
        return tracker.update(frame.atMs, frame.tracks);
      });
      assert.equal(judge(due, found), undefined);
    }),
    runs(22, 100),
  );
});

test('crowd: people who sit are found as those who stand, where people were seen to walk', () => {
  fc.assert(
    fc.property(seatedGroups, (script) => {
      const due = dueOf(script);
      fc.pre(due !== undefined);
      assert.equal(judge(due, play(framesOf(script), cameraOfGroup(script), real)), undefined);
    }),
    runs(23, 200),
  );
});

test('crowd: people who sit for more than an hour count, coats on chairs do not', () => {
  fc.assert(
    fc.property(hours, (script) => {
      const due = dueOfHours(script);
      assert.equal(judge(due, play(framesOfHours(script), cameraOfGroup(script), real)), undefined);
    }),
    { ...runs(24, 20), examples: [[restlessThree]] },
  );
});

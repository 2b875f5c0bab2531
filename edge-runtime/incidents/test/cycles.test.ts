import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Tracker } from '../../vision/track/index.ts';
import { IncidentEngine } from '../index.ts';
import { cameraOfCycles } from './cycles/camera.ts';
import { framesOf } from './cycles/frames.ts';
import { judge, undecided } from './cycles/oracle.ts';
import { cycles } from './cycles/scripts.ts';
import { type EngineFactory, play } from './scenes/run.ts';

const real: EngineFactory = (cameras) => new IncidentEngine(cameras);
const runs = (seed: number, numRuns: number) => ({
  seed: Number(process.env.SEED ?? seed),
  numRuns: Number(process.env.RUNS ?? numRuns),
});

test('ebike-indoors: generated scenes raise what their scripts say: one incident a cycle, on time, whatever is in the way', (t) => {
  let [stages, close] = [0, 0];
  fc.assert(
    fc.property(cycles, (script) => {
      assert.equal(judge(script, play(framesOf(script), cameraOfCycles(script), real)), undefined);
      const told = undecided(script);
      stages += told.stages;
      close += told.close;
    }),
    runs(31, 500),
  );
  t.diagnostic(`${close} of ${stages} stages were too close to the leaving to say`);
});

test('ebike-indoors: a cycle is the same from detections through the tracker', () => {
  fc.assert(
    fc.property(cycles, (script) => {
      let tracker = new Tracker();
      const found = play(framesOf(script), cameraOfCycles(script), real, (frame) => {
        if (frame.restarted) tracker = new Tracker({ firstId: 1 + frame.atMs });
        return tracker.update(frame.atMs, frame.tracks);
      });
      assert.equal(judge(script, found), undefined);
    }),
    runs(32, 60),
  );
});

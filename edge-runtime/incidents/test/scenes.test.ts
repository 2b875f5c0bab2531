import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Tracker } from '../../vision/track/index.ts';
import { IncidentEngine } from '../index.ts';
import { judge } from './scenes/oracle.ts';
import { asFound, type EngineFactory, findingsOf } from './scenes/run.ts';
import { scripts } from './scenes/scripts.ts';

const real: EngineFactory = (cameras) => new IncidentEngine(cameras);

test('generated scenes raise what their scripts say: one incident an occupancy, on time, whatever is in the way', () => {
  fc.assert(
    fc.property(scripts, (script) => {
      assert.equal(judge(script, asFound(findingsOf(script, real))), undefined);
    }),
    { seed: Number(process.env.SEED ?? 11), numRuns: Number(process.env.RUNS ?? 200) },
  );
});

test('the same holds from detections through the tracker', () => {
  fc.assert(
    fc.property(scripts, (script) => {
      let tracker = new Tracker();
      const findings = findingsOf(script, real, (frame) => {
        if (frame.restarted) tracker = new Tracker();
        return tracker.update(frame.atMs, frame.tracks);
      });
      assert.equal(judge(script, asFound(findings)), undefined);
    }),
    { seed: Number(process.env.SEED ?? 12), numRuns: Number(process.env.RUNS ?? 100) },
  );
});

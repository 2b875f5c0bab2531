import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Tracker } from '../../vision/track/index.ts';
import { IncidentEngine } from '../index.ts';
import { judge } from './scenes/oracle.ts';
import { type EngineFactory, findingsOf } from './scenes/run.ts';
import { scriptsOf } from './scenes/scripts.ts';

const real: EngineFactory = (cameras) => new IncidentEngine(cameras);
/** `SEED` and `RUNS` repeat a failure or look further. */
const runs = (seed: number, numRuns: number) => ({
  seed: Number(process.env.SEED ?? seed),
  numRuns: Number(process.env.RUNS ?? numRuns),
});

for (const rule of ['illegal-parking', 'fire-passage'] as const)
  test(`${rule}: generated scenes raise what their scripts say: one incident an occupancy, on time, whatever is in the way`, () => {
    fc.assert(
      fc.property(scriptsOf(rule), (script) => {
        assert.equal(judge(script, findingsOf(script, real)), undefined);
      }),
      runs(11, 1000),
    );
  });

test('the same holds from detections through the tracker', () => {
  fc.assert(
    fc.property(scriptsOf('illegal-parking'), (script) => {
      let tracker = new Tracker();
      const findings = findingsOf(script, real, (frame) => {
        if (frame.restarted) tracker = new Tracker({ firstId: 1 + frame.atMs });
        return tracker.update(frame.atMs, frame.tracks);
      });
      assert.equal(judge(script, findings), undefined);
    }),
    runs(12, 200),
  );
});

test('the same tracks give the same bytes', () => {
  fc.assert(
    fc.property(scriptsOf('fire-passage'), (script) => {
      const once = () => JSON.stringify(findingsOf(script, real));
      assert.equal(once(), once());
    }),
    runs(13, 50),
  );
});

/**
 * The same as scenario-rules, on the labels that were rendered with the committed clips; and those clips'
 * sidecars.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { committedScenarios } from '../../sim/scenario/index.ts';
import { caseOf, clipOf, renderedLabels, writtenSidecar } from '../scenarios/clips.ts';
import { scoreOf, watchOf } from '../scenarios/run.ts';
import { faultSets, tracksOf } from '../scenarios/tracks.ts';

const cases = committedScenarios().map(caseOf);

test('eight clips or more are committed, the demo three among them', () => {
  const names = cases.map(({ name }) => name);
  assert.ok(names.length >= 8);
  for (const name of ['parking-day', 'fire-passage-van', 'crowd-gathers'])
    assert.ok(names.includes(name), name);
});

for (const one of cases)
  test(`${one.name}: exactly what its script explains is raised, from its rendered labels`, () => {
    const labels = renderedLabels(one);
    assert.ok(labels, 'its labels are in the repository');
    assert.equal(labels.length, Math.round(one.sidecar.durationS * one.sidecar.fps));
    const watch = watchOf(one.sidecar);
    assert.deepEqual(watch.unknownKinds, [], 'the product knows every rule that scenarios ask for');
    for (const [name, faults] of Object.entries(faultSets)) {
      const { score } = scoreOf(watch, tracksOf(labels, one.name, one.sidecar, faults));
      assert.deepEqual(score.faults, [], name);
    }
  });

for (const one of cases)
  test(`${one.name}: its clip and sidecar are of the scenario as it is now`, () => {
    assert.ok(clipOf(one), 'its clip is in the repository');
    assert.deepEqual(writtenSidecar(one), JSON.parse(JSON.stringify(one.sidecar)));
  });

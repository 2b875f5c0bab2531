/**
 * The committed clips through the real pipeline: decoder, detector, tracker and rules, by the command line as
 * a user runs it. The results are compared with the scenario's script. All of them run with the bundled
 * detector, which a fresh machine runs; a subset runs with the catalogue's default, where it is at hand.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { caseOf, clipOf } from '../scenarios/clips.ts';
import { judge, raisedBy } from '../scenarios/judge.ts';
import { watchOf } from '../scenarios/run.ts';
import { replayClip } from '../scenarios/video.ts';

const bundled = 'gatehouse-compact';
const usual = 'yolox-nano-dyn';
const noMirror = process.env.GATEHOUSE_MODEL_MIRROR ? false : 'GATEHOUSE_MODEL_MIRROR is not set';

/** Traffic, queues, taxis and light, which wrong rules and trackers take for vehicles that stand. */
const streets = ['gate-traffic', 'queue-creeps', 'taxis-in-turn', 'flicker-parked'];

const clips: Readonly<Record<string, readonly string[]>> = {
  [bundled]: [
    ...['parking-day', 'parking-night', 'parking-occluded', 'stop-and-go', 'fire-passage-van'],
    ...['fire-passage-boxes', 'crowd-gathers', 'crowd-passes', 'quiet-rain'],
    ...streets,
  ],
  [usual]: [
    ...['parking-day', 'parking-occluded', 'fire-passage-van', 'crowd-gathers', 'quiet-rain'],
    ...streets,
  ],
};

/**
 * Scenes that are not seen well enough today; these run and are reported, and do not fail. Of 14 people in a
 * group the default tells 6 to 10 apart, with gaps between them that split the group, so that the crowd rule
 * cannot make up for it.
 */
const short: Readonly<Record<string, string>> = {
  [`${bundled} fire-passage-boxes`]:
    'the boxes are hardly another colour than the ground: a tenth in one ratio, less in brightness',
  [`${usual} crowd-gathers`]: 'the detector tells too few people of a dense group apart',
};

for (const [model, names] of Object.entries(clips))
  for (const name of names)
    test(`${name}, seen by ${model}: from video to exactly the incidents that its script explains`, {
      timeout: 280_000,
      skip: model === usual ? noMirror : false,
      todo: short[`${model} ${name}`] ?? false,
    }, async () => {
      const one = caseOf(name);
      const clip = clipOf(one);
      assert.ok(clip, 'its clip is in the repository');
      const watch = watchOf(one.sidecar);
      const { faults } = judge(watch.expected, raisedBy(await replayClip(watch, clip, { model })));
      assert.deepEqual(faults, []);
    });

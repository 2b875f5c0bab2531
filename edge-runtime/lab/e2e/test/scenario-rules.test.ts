/**
 * Compares the expected incidents of every scenario, from its script alone, with those that the product's
 * rules raise on ground truth: its actors as projected blocks, without and with the faults of a detector.
 * Wrong rules must be noticed; that is tested, too.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Camera } from '@gatehouse/contracts';
import { IncidentEngine } from '@gatehouse/incidents';
import { scenarioNames } from '../../sim/scenario/index.ts';
import { blockLabels, caseOf } from '../scenarios/clips.ts';
import { scoreOf, watchOf } from '../scenarios/run.ts';
import { faultSets, tracksOf } from '../scenarios/tracks.ts';

const cases = scenarioNames().map(caseOf);
for (const one of cases)
  test(`${one.name}: exactly what its script explains is raised, from blocks`, () => {
    const watch = watchOf(one.sidecar);
    assert.deepEqual(watch.unknownKinds, [], 'the product knows every rule that scenarios ask for');
    const labels = blockLabels(one);
    for (const [name, faults] of Object.entries(faultSets)) {
      const { score } = scoreOf(watch, tracksOf(labels, one.name, one.sidecar, faults));
      assert.deepEqual(score.faults, [], name);
    }
  });

/** A site file with one fault in it; a wrong rule would behave so. */
interface Mutation {
  readonly what: string;
  readonly change: (camera: Camera) => unknown;
  /** A scenario in which it must be noticed. */
  readonly noticedIn: readonly string[];
}

const eachRule = (camera: Camera, change: (rule: Readonly<Record<string, unknown>>) => unknown) => ({
  ...camera,
  zones: camera.zones.map((zone) => ({ ...zone, rules: zone.rules.map((rule) => change({ ...rule })) })),
});
const times = (key: string, factor: number) => (rule: Readonly<Record<string, unknown>>) =>
  typeof rule[key] === 'number' ? { ...rule, [key]: rule[key] * factor } : rule;
const set = (key: string, value: unknown) => (rule: Readonly<Record<string, unknown>>) => ({
  ...rule,
  [key]: value,
});
const moved = (camera: Camera, dx: number, dy: number) => ({
  ...camera,
  zones: camera.zones.map((zone) => ({
    ...zone,
    polygon: zone.polygon.map(([x, y]) => [x + dx, y + dy] as const),
  })),
});

const mutations: readonly Mutation[] = [
  {
    what: 'a violation that takes half as long again',
    change: (camera) => eachRule(camera, times('violationAfterS', 1.5)),
    noticedIn: ['parking-day', 'parking-night', 'parked-before-start'],
  },
  {
    what: 'a violation that takes three quarters of the time',
    change: (camera) => eachRule(camera, times('violationAfterS', 0.75)),
    noticedIn: ['parking-day', 'stop-and-go'],
  },
  {
    what: 'an alarm that takes half as long again',
    change: (camera) =>
      eachRule(camera, (rule) => times('alarmAfterS', 1.5)(times('objectAfterS', 1.5)(rule))),
    noticedIn: ['fire-passage-van', 'fire-passage-boxes', 'nosing-in'],
  },
  {
    what: 'a zone that is shifted up by half its depth',
    change: (camera) => moved(camera, 0, -0.1),
    noticedIn: ['parking-day', 'parking-occluded'],
  },
  {
    what: 'a zone that lies on the road instead',
    change: (camera) => moved(camera, 0, 0.12),
    noticedIn: ['parking-day', 'parked-before-start'],
  },
  {
    what: 'incidents that (almost) never clear',
    change: (camera) => eachRule(camera, set('clearAfterS', 120)),
    noticedIn: ['parking-day', 'fire-passage-van', 'crowd-gathers', 'gate-queue'],
  },
  {
    what: 'incidents that clear at once',
    change: (camera) => eachRule(camera, set('clearAfterS', 1)),
    noticedIn: ['parking-day', 'crowd-splits'],
  },
  {
    what: 'who walks through counts as a crowd',
    change: (camera) => eachRule(camera, set('walkThrough', 'count')),
    noticedIn: ['crowd-passes'],
  },
  {
    what: 'three people are a crowd',
    change: (camera) => eachRule(camera, set('people', 3)),
    noticedIn: ['crowd-gathers'],
  },
  {
    what: 'it takes sixteen people to make a crowd',
    change: (camera) => eachRule(camera, set('people', 16)),
    noticedIn: ['crowd-gathers', 'crowd-night'],
  },
  {
    what: 'a queue of two is a jam',
    change: (camera) => eachRule(camera, set('vehicles', 2)),
    noticedIn: ['gate-queue'],
  },
  {
    what: 'two-wheelers that do not count',
    change: (camera) => eachRule(camera, set('classes', ['car', 'truck', 'bus'])),
    noticedIn: ['fire-passage-tricycle'],
  },
  {
    what: 'things left behind that do not count',
    change: (camera) => eachRule(camera, set('objects', false)),
    noticedIn: ['fire-passage-boxes'],
  },
];

for (const { what, change, noticedIn } of mutations)
  test(`it is noticed: ${what}`, () => {
    for (const name of noticedIn) {
      const one = caseOf(name);
      const watch = watchOf(one.sidecar);
      const camera = change(watch.camera) as Camera;
      const tracks = tracksOf(blockLabels(one), name, one.sidecar);
      assert.notDeepEqual(scoreOf({ ...watch, camera }, tracks).score.faults, [], name);
    }
  });

test('it is noticed: rules that raise nothing, and rules that raise everything twice', () => {
  const one = caseOf('parking-day');
  const watch = watchOf(one.sidecar);
  const tracks = tracksOf(blockLabels(one), one.name, one.sidecar);
  const deaf = () => ({ step: () => [] });
  assert.equal(scoreOf(watch, tracks, deaf).score.missed, 1);
  const twice = (cameras: readonly Camera[]) => {
    const engine = new IncidentEngine(cameras);
    return {
      step: (frame: Parameters<IncidentEngine['step']>[0]) =>
        engine
          .step(frame)
          .flatMap((finding) => [finding, { ...finding, occupancy: `${finding.occupancy}x` }]),
    };
  };
  assert.equal(scoreOf(watch, tracks, twice).score.unexpected, 1);
});

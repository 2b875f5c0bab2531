import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type TrackFrame, ZoneRule } from '@gatehouse/contracts';
import fc from 'fast-check';
import { IncidentEngine } from '../index.ts';
import { cameraOfCycles } from './cycles/camera.ts';
import { framesOf as framesOfCycles } from './cycles/frames.ts';
import { judge as judgeCycles } from './cycles/oracle.ts';
import { cycles } from './cycles/scripts.ts';
import { cameraOfGroup } from './groups/camera.ts';
import { framesOf } from './groups/frames.ts';
import { dueOfHours, framesOfHours, hours, restlessThree } from './groups/hours.ts';
import { dueOf, judge as judgeGroup } from './groups/oracle.ts';
import { groupsOf, ledAway, seatedGroups } from './groups/scripts.ts';
import { engineWith, type Mutant, slower, tampered } from './scenes/mutants.ts';
import { judge } from './scenes/oracle.ts';
import { type EngineFactory, findingsOf, play } from './scenes/run.ts';
import { scriptsOf } from './scenes/scripts.ts';

/** Generated scenes of each rule; each tells whether an engine fails one of them. */
const scenes = {
  'illegal-parking': (create: EngineFactory) => vehicles('illegal-parking', create),
  'fire-passage': (create: EngineFactory) => vehicles('fire-passage', create),
  'ebike-indoors': (create: EngineFactory) =>
    fc
      .sample(cycles, { seed: 31, numRuns: 100 })
      .some(
        (script) =>
          judgeCycles(script, play(framesOfCycles(script), cameraOfCycles(script), create)) !== undefined,
      ),
  crowd: (create: EngineFactory) => groups('crowd', create),
  'gate-congestion': (create: EngineFactory) => groups('gate-congestion', create),
};

function vehicles(rule: 'illegal-parking' | 'fire-passage', create: EngineFactory): boolean {
  return fc
    .sample(scriptsOf(rule), { seed: 11, numRuns: 100 })
    .some((script) => judge(script, findingsOf(script, create)) !== undefined);
}

function groups(rule: 'crowd' | 'gate-congestion', create: EngineFactory): boolean {
  const known = rule === 'crowd' ? [ledAway] : [];
  return [...known, ...fc.sample(groupsOf(rule), { seed: 21, numRuns: 100 })].some((script) => {
    const due = dueOf(script);
    return (
      due !== undefined &&
      judgeGroup(due, play(framesOf(script), cameraOfGroup(script), create)) !== undefined
    );
  });
}

for (const [rule, fails] of Object.entries(scenes)) {
  test(`${rule}: the scenes notice thresholds that are a fifth longer`, () =>
    assert.ok(fails(tampered(slower))));
  test(`${rule}: the scenes notice that it clears late`, () =>
    assert.ok(fails(tampered(({ clearAfterS }) => ({ clearAfterS: clearAfterS + 15 })))));
}
test('crowd: the scenes notice that one more is needed', () =>
  assert.ok(scenes.crowd(tampered((rule) => (rule.kind === 'crowd' ? { people: rule.people + 1 } : {})))));
test('crowd: the scenes notice that people who walk through count', () =>
  assert.ok(scenes.crowd(tampered(() => ({ walkThrough: 'count' })))));
test('gate-congestion: the scenes notice that one vehicle fewer is needed', () =>
  assert.ok(
    scenes['gate-congestion'](
      tampered((rule) => (rule.kind === 'gate-congestion' ? { vehicles: rule.vehicles - 1 } : {})),
    ),
  ));

/** The same for people who sit, and for an hour of people and coats on chairs. */
const onChairs = {
  seated: (create: EngineFactory) =>
    fc.sample(seatedGroups, { seed: 23, numRuns: 60 }).some((script) => {
      const due = dueOf(script);
      return due && judgeGroup(due, play(framesOf(script), cameraOfGroup(script), create)) !== undefined;
    }),
  hours: (create: EngineFactory) =>
    [restlessThree, ...fc.sample(hours, { seed: 24, numRuns: 40 })].some((script) => {
      const due = dueOfHours(script);
      return judgeGroup(due, play(framesOfHours(script), cameraOfGroup(script), create)) !== undefined;
    }),
};
const chairMutants: readonly (Mutant & { readonly scene: keyof typeof onChairs })[] = [
  {
    scene: 'seated',
    fault: 'everybody is measured by their own box',
    file: 'rules/ground.ts',
    find: 'Math.max(leastOfOwn * own, height ?? own)',
    replace: 'own',
  },
  {
    scene: 'seated',
    fault: 'nothing is learned from who walks',
    file: 'rules/ground.ts',
    find: '[...walkers, walker].slice(-maxWalkers)',
    replace: 'walkers',
  },
  {
    scene: 'hours',
    fault: 'coats count as people',
    file: 'rules/in-zone.ts',
    find: 'person.pose && isSuspect(person.pose)',
    replace: 'false',
  },
  {
    scene: 'hours',
    fault: 'people who move count as coats',
    file: 'rules/pose.ts',
    find: 'offMs >= changedMs || jitter > restless',
    replace: 'false',
  },
  {
    scene: 'hours',
    fault: 'every jitter is a move',
    file: 'rules/pose.ts',
    find: 'farthest(lean) > leastMove',
    replace: 'farthest(lean) > 0.004',
  },
  {
    scene: 'hours',
    fault: 'a move within the jitter is none',
    file: 'rules/pose.ts',
    find: 'farthest(lean) > leastMove',
    replace: '!fits(pose, box, aspect)',
  },
  {
    scene: 'hours',
    fault: 'half an hour is enough',
    file: 'rules/pose.ts',
    find: 'const suspectMs = 3_600_000;',
    replace: 'const suspectMs = 1_800_000;',
  },
  {
    scene: 'hours',
    fault: 'a pose is forgotten when it is not seen for moments',
    file: 'rules/pose.ts',
    find: 'if (!found) return',
    replace: 'return',
  },
];
for (const [number, { scene, ...mutant }] of chairMutants.entries())
  test(`crowd: the scenes of ${scene} notice when ${mutant.fault}`, async () => {
    assert.ok(onChairs[scene](await engineWith(mutant, 300 + number)));
  });

/** Faults in our own source, and the rule whose scenes must show them. */
const mutants: readonly (Mutant & { readonly rule: keyof typeof scenes })[] = [
  {
    rule: 'fire-passage',
    fault: 'only the bottom centre counts',
    file: 'rules/fire-passage.ts',
    find: 'return overlap >= params.overlap || blocked >= params.laneBlocked;',
    replace: 'return false;',
  },
  {
    rule: 'fire-passage',
    fault: 'an incident is never escalated',
    file: 'rules/fire-passage.ts',
    find: 'return urgent ? 1 :',
    replace: 'return false ? 1 :',
  },
  {
    rule: 'fire-passage',
    fault: 'the voice speaks again and again',
    file: 'rules/fire-passage.ts',
    find: 'return { ...o, promptedMs: atMs };',
    replace: 'return o;',
  },
  {
    rule: 'ebike-indoors',
    fault: 'a cycle under another track id is another one',
    file: 'rules/presence.ts',
    find: 'heights <= reachOf(one, passedMs)',
    replace: 'heights < 0',
  },
  {
    rule: 'ebike-indoors',
    fault: 'two boxes on one cycle are two',
    file: 'rules/presence.ts',
    find: 'return one === other || iou(one.box, other.box) >= staysIou;',
    replace: 'return one === other;',
  },
  {
    rule: 'ebike-indoors',
    fault: 'unseen time counts',
    file: 'rules/presence.ts',
    find: '<= terms.gapMs ? unseenMs : 0',
    replace: '<= Infinity ? unseenMs : 0',
  },
  {
    rule: 'ebike-indoors',
    fault: 'the voice speaks again and again',
    file: 'rules/ebike-indoors.ts',
    find: 'return { ...after, promptedMs: atMs };',
    replace: 'return after;',
  },
  {
    rule: 'ebike-indoors',
    fault: 'what stays is never urgent',
    file: 'rules/ebike-indoors.ts',
    find: 'return moment.fireAlarm || stays ? 1 :',
    replace: 'return moment.fireAlarm ? 1 :',
  },
  {
    rule: 'crowd',
    fault: 'a crowd never ends',
    file: 'rules/crowd.ts',
    find: 'over: seconds(fewMs) >= clearAfterS,',
    replace: 'over: false,',
  },
  {
    rule: 'crowd',
    fault: 'one missed frame begins anew',
    file: 'rules/gathering.ts',
    find: 'return missedMs > toleranceMs ? null : { ms: met.ms, missedMs };',
    replace: 'return null;',
  },
  {
    rule: 'crowd',
    fault: 'a crowd goes after the few who are left of it',
    file: 'rules/crowd.ts',
    find: 'rank(gathering) > 0 ? !few : count > 0',
    replace: 'count > 0',
  },
  {
    rule: 'crowd',
    fault: 'visits add up',
    file: 'rules/gathering.ts',
    find: 'return missedMs > toleranceMs ? null : { ms: met.ms, missedMs };',
    replace: 'return met;',
  },
  {
    rule: 'crowd',
    fault: 'unseen time counts',
    file: 'rules/crowd.ts',
    find: 'const passedMs = watchedMs(before.lastMs, atMs, gapTolerance(shortestMs(params)));',
    replace: 'const passedMs = pauseMs;',
  },
  {
    rule: 'crowd',
    fault: 'state is lost over a restart',
    file: 'incidents/engine.ts',
    find: 'post.state = carried.state;',
    replace: '',
  },
  {
    rule: 'gate-congestion',
    fault: 'a queue that moves up counts as one that does not',
    file: 'rules/gate-congestion.ts',
    find: 'joinsShiftsAfterMs: null',
    replace: 'joinsShiftsAfterMs: 0',
  },
  {
    rule: 'gate-congestion',
    fault: 'the first to stand decides, not the last',
    file: 'rules/gate-congestion.ts',
    find: "above('stuck', seconds(decisive?.stoodMs ?? 0), forS)",
    replace: "above('stuck', seconds(standing[0]?.stoodMs ?? 0), forS)",
  },
];

for (const [number, { rule, ...mutant }] of mutants.entries())
  test(`${rule}: the scenes notice when ${mutant.fault}`, async () => {
    assert.ok(scenes[rule](await engineWith(mutant, 100 + number)));
  });

/** Scenes at a known time of day: the rule's own words against an engine that does not heed them. */
const timed: readonly (readonly [what: string, rule: object, at: string, mutant: Mutant])[] = [
  [
    'the schedule is ignored',
    { kind: 'crowd', people: 2, forS: 10, schedule: [{ from: '08:00', to: '18:00' }] },
    '2026-11-24T20:00:00+08:00',
    {
      fault: '',
      file: 'rules/in-force.ts',
      find: 'if (schedule && !schedule.some',
      replace: 'if (schedule && false && !schedule.some',
    },
  ],
  [
    'the night is ignored',
    { kind: 'crowd', people: 5, forS: 10, night: { people: 2, forS: 20 } },
    '2026-11-24T23:30:00+08:00',
    {
      fault: '',
      file: 'rules/crowd.ts',
      find: 'const isNight = night !== false',
      replace: 'const isNight = false',
    },
  ],
];
for (const [number, [what, rule, at, mutant]] of timed.entries())
  test(`a minute of two people at ${at} shows that ${what}`, async () => {
    const frames = Array.from(
      { length: 300 },
      (_, n): TrackFrame => ({
        camera: 'east',
        atMs: Date.parse(at) + n * 200,
        tracks: [0.5, 0.54].map((x, i) => ({
          id: i + 1,
          class: 'person',
          score: 0.9,
          seen: true,
          still: true,
          box: { x1: x - 0.02, y1: 0.5, x2: x + 0.02, y2: 0.7 },
        })),
      }),
    );
    const camera = cameraOfGroup({ rule: 'crowd', many: 2, forS: 10, clearS: 5 });
    const own = camera.zones.map((zone) => ({ ...zone, rules: [ZoneRule.parse(rule)] }));
    const count = (create: EngineFactory) => {
      const engine = create([{ ...camera, zones: own }]);
      return frames.flatMap((frame) => engine.advance(frame).findings).length;
    };
    const right = count((cameras) => new IncidentEngine(cameras));
    assert.notEqual(count(await engineWith(mutant, 200 + number)), right);
  });

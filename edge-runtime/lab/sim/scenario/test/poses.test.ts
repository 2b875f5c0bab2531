import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { actorFootprint, overlaps } from '../../layout/footprint.ts';
import { type ActorKind, labelClassOf, type Pose } from '../../world.ts';
import { scenarioFile, scenarioNames } from '../files.ts';
import { handlingOf } from '../handling.ts';
import { layOut, ScriptProblem } from '../lay-out.ts';
import { loadScenario } from '../load.ts';
import { unwound } from '../path.ts';
import { type ScenarioWorld, worldOf } from '../scenario-world.ts';
import type { ActorScript, Step } from '../schema.ts';
import { poseOf } from '../timeline.ts';

const load = (name: string) => worldOf(loadScenario(scenarioFile(name)));
const names = scenarioNames();

function kindsOf({ world }: ScenarioWorld): ReadonlyMap<string, ActorKind> {
  return new Map(world.actors.map(({ id, kind }) => [id, kind]));
}

for (const name of names)
  test(`${name}: nobody jumps, outruns what they can, or spins`, () => {
    const scenario = load(name);
    const kinds = kindsOf(scenario);
    const stepS = 0.05;
    let before = new Map<string, Pose>();
    for (let tS = 0; tS <= scenario.scenario.durationS; tS += stepS) {
      const now = new Map(scenario.momentAt(tS).poses.map((pose) => [pose.id, pose]));
      for (const [id, pose] of now) {
        const last = before.get(id);
        if (!last) continue;
        const kind = kinds.get(id) ?? 'box';
        const moved = Math.hypot(pose.at[0] - last.at[0], pose.at[1] - last.at[1]);
        assert.ok(moved <= handlingOf(kind).mostMps * stepS + 1e-6, `${id} moves ${moved} m at ${tS} s`);
        const turned = Math.abs(unwound(pose.headingRad, last.headingRad) - last.headingRad);
        const most = labelClassOf[kind] === 'person' ? 9 : 2.4;
        assert.ok(turned <= most * stepS, `${id} turns ${turned} at ${tS} s`);
        const told = Math.abs(Math.abs(pose.travelledM - last.travelledM) - moved);
        assert.ok(told < 0.05, `${id} has its wheels turn ${told} m too far at ${tS} s`);
      }
      before = now;
    }
  });

for (const name of names)
  test(`${name}: no two vehicles are in one place`, () => {
    const scenario = load(name);
    const kinds = kindsOf(scenario);
    for (let tS = 0; tS <= scenario.scenario.durationS; tS += 0.2) {
      const vehicles = scenario.momentAt(tS).poses.flatMap(({ id, at, headingRad }) => {
        const kind = kinds.get(id) ?? 'box';
        if (['person', 'clutter'].includes(labelClassOf[kind])) return [];
        return [{ id, footprint: actorFootprint(kind, at, headingRad) }];
      });
      for (const [i, one] of vehicles.entries())
        for (const other of vehicles.slice(i + 1))
          assert.ok(!overlaps(one.footprint, other.footprint), `${one.id} and ${other.id} at ${tS} s`);
    }
  });

test('a moment is the same whatever was asked before, at any frame rate and in any order', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...names),
      fc.array(fc.double({ min: 0, max: 40, noNaN: true }), { maxLength: 6 }),
      (name, times) => {
        const [fresh, used] = [load(name), load(name)];
        for (let frame = 0; frame < 20; frame++) used.momentAt(frame / 7);
        for (const tS of times) assert.deepEqual(used.momentAt(tS), fresh.momentAt(tS));
      },
    ),
    { numRuns: 30 },
  );
});

test('lamps that flicker are out for their share of the time', () => {
  const { momentAt } = load('flicker-parked');
  const lamps = Array.from({ length: 400 }, (_, i) => momentAt(i / 5).lamps);
  const out = lamps.filter((level) => level === 0).length / lamps.length;
  assert.ok(out > 0.25 && out < 0.45, `${out} instead of 0.35`);
  assert.equal(load('parking-night').momentAt(1).lamps, undefined);
});

test('a car is where its script says when it says so, and under way before and after', () => {
  const { momentAt } = load('parking-day');
  const car = (tS: number) => momentAt(tS).poses.find(({ id }) => id === 'red-car');
  for (const tS of [12, 31, 49.9]) {
    assert.deepEqual(
      car(tS)?.at.map((v) => Math.round(v * 1000) / 1000),
      [1, 0],
    );
    assert.equal(car(tS)?.speedMps, 0);
  }
  assert.ok((car(11.9)?.speedMps ?? 0) > 0 && (car(50.5)?.speedMps ?? 0) > 0);
  assert.equal(car(11)?.brakeLights, true);
  assert.equal(car(31)?.brakeLights, false);
  assert.equal(car(69), undefined);
});

test('headlights burn at night while a car is under way, and go out when it has stopped for good', () => {
  const { momentAt } = load('parking-night');
  const van = (tS: number) => momentAt(tS).poses.find(({ id }) => id === 'white-van');
  assert.equal(van(10)?.headlights, true);
  assert.equal(van(30)?.headlights, false);
  assert.equal(van(51)?.headlights, true);
});

test('a barrier rises in three seconds when it is told to, and falls again', () => {
  const { momentAt } = load('gate-queue');
  assert.deepEqual(momentAt(10).arms, [0, 0]);
  assert.deepEqual(momentAt(59.5).arms, [0, 0.5]);
  assert.deepEqual(momentAt(70).arms, [0, 1]);
  assert.deepEqual(momentAt(77.5).arms, [0, 0.5]);
});

test('any script is either refused or driven without jumps, and stays are where and when they are stated', () => {
  const point = fc.tuple(fc.integer({ min: -40, max: 40 }), fc.integer({ min: -40, max: 40 }));
  const stop = fc.record({
    way: fc.array(point, { minLength: 1, maxLength: 3 }),
    lasts: fc.integer({ min: 2, max: 20 }),
    drive: fc.integer({ min: 4, max: 25 }),
  });
  const kind = fc.constantFrom<ActorKind>('sedan', 'bus', 'ebike', 'person');
  fc.assert(
    fc.property(kind, point, fc.array(stop, { minLength: 1, maxLength: 3 }), (which, start, stops) => {
      let atS = 10;
      const stays: { readonly fromS: number; readonly toS: number }[] = [];
      const script: Step[] = [{ enters: [...start] }];
      for (const { way, lasts, drive } of stops) {
        stays.push({ fromS: atS + drive, toS: atS + drive + lasts });
        script.push({ drives: way }, { stands: { from: atS + drive, to: atS + drive + lasts } });
        atS += drive + lasts;
      }
      const actor: ActorScript = { id: 'a', kind: which, carries: false, headlights: 'auto', script };
      const poses = posesOf(actor, atS);
      if (!poses) return;
      const { mostMps } = handlingOf(which);
      for (const [i, pose] of poses.entries()) {
        const last = poses[i - 1];
        const tS = i / 20;
        if (stays.some(({ fromS, toS }) => tS > fromS && tS < toS)) assert.equal(pose?.speedMps, 0);
        if (last && pose)
          assert.ok(Math.hypot(pose.at[0] - last.at[0], pose.at[1] - last.at[1]) <= mostMps / 20 + 1e-6);
      }
    }),
    { numRuns: 150 },
  );
});

/** Poses 20 times a second, or `undefined` if the script is refused. */
function posesOf(actor: ActorScript, untilS: number): (Pose | undefined)[] | undefined {
  const resolve = (point: string | [number, number]) =>
    typeof point === 'string' ? ([0, 0] as const) : point;
  try {
    const timeline = layOut(actor, { resolve, durationS: untilS, seed: 1 });
    return Array.from({ length: untilS * 20 }, (_, i) =>
      poseOf('a', actor.kind === 'person', timeline, i / 20),
    );
  } catch (error) {
    assert.ok(error instanceof ScriptProblem, String(error));
    return undefined;
  }
}

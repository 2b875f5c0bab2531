import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Box,
  Finding,
  IllegalParkingRule,
  type ObjectClass,
  type Point,
  type Track,
} from '@gatehouse/contracts';
import { illegalParking } from '../illegal-parking.ts';
import type { RuleContext } from '../rule.ts';
import type { StayState } from '../stay-state.ts';

const lane: Point[] = [
  [0.1, 0.3],
  [0.9, 0.3],
  [0.9, 0.95],
  [0.1, 0.95],
];
const moment = { local: null, fireAlarm: false, aspect: 16 / 9 };
const name = { 'zh-CN': '通道', en: 'lane' };

function context(
  rule: Partial<IllegalParkingRule> = {},
  zone = 'lane',
  ordinal = 0,
): RuleContext<IllegalParkingRule> {
  const params = IllegalParkingRule.parse({ kind: 'illegal-parking', violationAfterS: 30, ...rule });
  return {
    camera: 'east',
    zone: { id: zone, name, polygon: lane, rules: [params] },
    params,
    ordinal,
    moment,
  };
}

const square = (cx: number, bottom: number, size = 0.1): Box => ({
  x1: cx - size / 2,
  y1: bottom - size,
  x2: cx + size / 2,
  y2: bottom,
});
function car(id: number, box: Box, objectClass: ObjectClass = 'car'): Track {
  return { id, class: objectClass, score: 0.8, box, seen: true, still: false };
}
const here = square(0.5, 0.6);

/** Runs the rule at 5 frames a second and keeps its findings, as `phase@seconds`. */
class Watch {
  state: StayState = illegalParking.initial;
  readonly findings: Finding[] = [];
  readonly context: RuleContext<IllegalParkingRule>;
  t = 0;
  constructor(rule?: Partial<IllegalParkingRule>) {
    this.context = context(rule);
  }
  frame(tracks: readonly Track[]): void {
    const frame = { camera: 'east', atMs: Math.round(this.t * 1000), tracks: [...tracks] };
    const { state, findings } = illegalParking.step(this.state, frame, this.context);
    this.state = state;
    this.findings.push(...findings);
  }
  until(endS: number, script: (t: number) => Track[]): this {
    for (; this.t < endS - 1e-9; this.t = Math.round((this.t + 0.2) * 1000) / 1000)
      this.frame(script(this.t));
    return this;
  }
  pause(toS: number): this {
    this.t = toS;
    return this;
  }
  get story(): string[] {
    return this.findings.map(({ phase, evidence }) => `${phase}@${evidence.atMs / 1000}`);
  }
}

test('a parked car is one incident: opened after 30 s with every gate, cleared 10 s after it was gone', () => {
  const watch = new Watch().until(50, () => [car(1, here)]).until(80, () => []);
  assert.deepEqual(watch.story, ['opened@30', 'cleared@60']);
  for (const finding of watch.findings) Finding.parse(finding);
  const [opened, cleared] = watch.findings as [Finding, Finding];
  assert.equal(opened.occupancy, cleared.occupancy);
  assert.deepEqual(opened.evidence, {
    class: 'car',
    box: { x1: 0.45, y1: 0.5, x2: 0.55, y2: 0.6 },
    sinceMs: 0,
    atMs: 30_000,
    gates: [
      { name: 'class', value: 'car', threshold: 'car bus truck', passed: true },
      { name: 'inside-zone', value: true, threshold: true, passed: true },
      { name: 'present', value: 0, threshold: 10, unit: 's', passed: true },
      { name: 'stopped', value: 30, threshold: 10, unit: 's', passed: true },
      { name: 'dwell', value: 30, threshold: 30, unit: 's', passed: true },
      { name: 'unseen', value: 0, unit: 's', passed: true },
    ],
  });
  assert.deepEqual(cleared.evidence.gates, [
    { name: 'absent', value: 10, threshold: 10, unit: 's', passed: true },
  ]);
});

test('two cars in one zone are two occupancies', () => {
  const watch = new Watch().until(40, (t) => [car(1, here), ...(t < 5 ? [] : [car(2, square(0.7, 0.6))])]);
  assert.deepEqual(watch.story, ['opened@30', 'opened@35']);
  assert.equal(new Set(watch.findings.map((f) => f.occupancy)).size, 2);
});

test('an open incident is told of again at most once a minute, and not while its car is unseen', () => {
  const watch = new Watch().until(155, (t) => (t > 85 && t < 93 ? [] : [car(1, here)]));
  assert.deepEqual(watch.story, ['opened@30', 'updated@93', 'updated@153']);
});

test('a car that was seen to drive out of the zone starts anew, even if it is back before the clear time', () => {
  const away = (t: number) => square(0.5, Math.max(0.12, 0.6 - 0.2 * t));
  const watch = new Watch();
  for (let visit = 0; visit < 4; visit++) {
    const from = visit * 25;
    watch.until(from + 20, () => [car(1, here)]).until(from + 25, (t) => [car(1, away(t - from - 20))]);
  }
  assert.deepEqual(watch.story, []);
});

test('a car that shifts within the zone for less than the clear time is the same occupancy', () => {
  const there = square(0.7, 0.6);
  const shifting = (t: number) => square(0.5 + 0.1 * t, 0.6);
  const watch = new Watch()
    .until(40, () => [car(1, here)])
    .until(42, (t) => [car(1, shifting(t - 40))])
    .until(80, () => [car(1, there)])
    .until(95, () => []);
  assert.deepEqual(watch.story, ['opened@30', 'cleared@90']);
});

test('cars that stop one after another at the same spot of a queue do not add up', () => {
  const watch = new Watch().until(200, (t) => {
    const turn = Math.floor(t / 20);
    const phase = t - turn * 20;
    const x = phase < 2 ? 0.3 + 0.1 * phase : phase < 16 ? 0.5 : 0.5 + 0.1 * (phase - 16);
    return x > 0.86 ? [] : [car(turn + 1, square(x, 0.6))];
  });
  assert.deepEqual(watch.story, []);
});

test('a pause above the tolerance raises nothing by itself: unseen time is no dwell', () => {
  const watch = new Watch().until(20, () => [car(1, here)]).pause(60);
  watch.until(69, () => [car(1, here)]);
  assert.deepEqual(watch.story, []);
  watch.until(75, () => [car(1, here)]);
  assert.deepEqual(watch.story, ['opened@70.2']);
  const unseen = watch.findings[0]?.evidence.gates.find((gate) => gate.name === 'unseen');
  assert.equal(unseen?.value, 40.2);
});

test('while frames are missing nothing clears, and one missed frame after them clears nothing', () => {
  const watch = new Watch().until(40, () => [car(1, here)]).pause(400);
  watch.until(400.2, () => []).until(420, () => [car(1, here)]);
  assert.deepEqual(watch.story, ['opened@30', 'updated@400.2']);
});

test('the tolerance stays below a short violation', () => {
  const watch = new Watch({ violationAfterS: 8, stoppedAfterS: 0 }).until(4, () => [car(1, here)]).pause(9);
  watch.until(10, () => [car(1, here)]);
  assert.deepEqual(watch.story, []);
});

test('what waited too long ago without frames is not taken for what stands there now', () => {
  const watch = new Watch().until(20, () => [car(1, here)]).pause(1000);
  watch.until(1031, () => [car(1, here)]);
  assert.deepEqual(watch.story, ['opened@1030']);
});

test('after a tracker started anew, another car with the old id does not inherit the stay', () => {
  const watch = new Watch().until(20, () => [car(1, here)]).pause(24);
  watch.until(60, () => [car(1, square(0.75, 0.9))]);
  assert.deepEqual(watch.story, ['opened@54']);
});

test('a truck that stops in front of a parked car hides it: dwell goes on, and it counts when it is seen again', () => {
  const truck = car(7, square(0.5, 0.75, 0.22), 'truck');
  const watch = new Watch()
    .until(12, () => [car(1, here)])
    .until(32, () => [truck])
    .until(60, () => [car(9, here)]);
  assert.deepEqual(watch.story, ['opened@32']);
  assert.equal(watch.findings[0]?.evidence.sinceMs, 0);
});

test('a class that does not count is not watched; a flicker to it does not end a stay', () => {
  assert.deepEqual(new Watch().until(60, () => [car(1, here, 'person')]).story, []);
  const only = new Watch({ classes: ['car'] });
  only.until(40, (t) => [car(1, here, t > 20 && t < 25 ? 'truck' : 'car')]);
  assert.deepEqual(only.story, ['opened@30']);
});

test('a car that stands outside is no incident though jitter puts it inside now and then', () => {
  const watch = new Watch().until(120, (t) => [
    car(1, square(0.5, Math.round(t * 5) % 7 === 0 ? 0.305 : 0.29)),
  ]);
  assert.deepEqual(watch.story, []);
});

test('a second box of one vehicle makes no second occupancy', () => {
  const watch = new Watch().until(40, () => [car(1, here), car(2, square(0.505, 0.605), 'truck')]);
  assert.deepEqual(watch.story, ['opened@30']);
});

test('coasting tracks are not seen: they neither hold nor open', () => {
  const watch = new Watch().until(29, () => [car(1, here)]);
  watch.until(60, () => [{ ...car(1, here), seen: false }]);
  assert.deepEqual(watch.story, []);
});

test('a frame that is not newer changes nothing; a clock set back over a restart does not stop the rule', () => {
  const watch = new Watch().until(20, () => [car(1, here)]);
  const before = watch.state;
  watch.t = 19;
  watch.frame([]);
  assert.deepEqual(watch.state, before);
  const late = new Watch();
  late.state = JSON.parse(
    JSON.stringify(new Watch().pause(90_000).until(90_020, () => [car(1, here)]).state),
  );
  late.until(12, () => [car(1, here)]);
  assert.deepEqual(late.story, ['opened@10.2']);
});

test('it says why there is no incident yet: the first gate that is not passed', () => {
  const watch = new Watch().until(12, () => [car(1, here), car(2, square(0.2, 0.5), 'person')]);
  const candidates = illegalParking.explain(watch.state, watch.context);
  assert.equal(candidates.length, 1);
  assert.equal(candidates[0]?.phase, 'watching');
  assert.deepEqual(
    candidates[0]?.gates.find((gate) => !gate.passed),
    { name: 'dwell', value: 11.8, threshold: 30, unit: 's', passed: false },
  );
});

test('occupancy keys fit the contract, and two rules of a zone never share one', () => {
  const zone = 'z'.repeat(63);
  const keys = [0, 1].flatMap((ordinal) => {
    const atMs = 1_763_920_000_123.456;
    const tracks = Array.from({ length: 80 }, (_, i) =>
      car(i + 1, square(0.12 + (i % 10) * 0.08, 0.35 + Math.floor(i / 10) * 0.08, 0.05)),
    );
    const { state } = illegalParking.step(
      illegalParking.initial,
      { camera: 'east', atMs, tracks },
      context({}, zone, ordinal),
    );
    return state.occupancies.map((o) => o.key);
  });
  assert.equal(keys.length, 2 * 64, 'at most 64 a rule');
  assert.equal(new Set(keys).size, keys.length);
  for (const key of keys) Finding.shape.occupancy.parse(key);
});

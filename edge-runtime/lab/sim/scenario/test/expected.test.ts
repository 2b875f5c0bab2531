import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type ExpectedIncident, expectedIncidents } from '../expected.ts';
import { scenarioFile, scenarioNames } from '../files.ts';
import { loadScenario } from '../load.ts';
import type { ScenarioRule } from '../schema.ts';
import { expectedOf } from '../sidecar.ts';
import type { StatedStay } from '../stays.ts';

/** The words in the head of a scenario file: worked out by hand, with no program. */
function inWords(text: string): {
  readonly due: readonly number[] | undefined;
  readonly cleared: number | undefined;
} {
  const head = text
    .split('\n')
    .filter((line) => line.startsWith('#'))
    .map((line) => line.slice(1).trim())
    .join(' ');
  const sum = (match: RegExpExecArray | null) =>
    match?.slice(1).reduce((total, part) => total + Number(part ?? 0), 0);
  const cleared = sum(/[Cc]leared at ([\d.]+)(?: \+ ([\d.]+))? s/.exec(head));
  if (/Nothing is due/.test(head)) return { due: undefined, cleared };
  const between = /Due between ([\d.]+) s .* and ([\d.]+) s \(/.exec(head);
  if (between) return { due: [Number(between[1]), Number(between[2])], cleared };
  const due = sum(/[Dd]ue at ([\d.]+)(?: \+ ([\d.]+))? s/.exec(head)) ?? Number.NaN;
  return { due: [due, due], cleared };
}

for (const name of scenarioNames())
  test(`${name}: the oracle says what the file's head works out by hand`, () => {
    const file = scenarioFile(name);
    const { due, cleared } = inWords(readFileSync(file, 'utf8'));
    const expected = expectedOf(loadScenario(file));
    if (!due) {
      assert.deepEqual(expected, []);
      return;
    }
    assert.equal(expected.length, 1);
    const [{ openedS, clearedS }] = expected as [ExpectedIncident];
    const near = (value: number | undefined, wanted: number) =>
      assert.ok(Math.abs((value ?? Number.NaN) - wanted) <= 0.11, `${value} instead of ${wanted}`);
    // At most 2 s late; half a second early, or 2 s if it was seen to come.
    near(openedS.to, (due[1] ?? 0) + 2);
    const early = (due[0] ?? 0) - openedS.from;
    assert.ok(Math.abs(early - 0.5) <= 0.11 || Math.abs(early - 2) <= 0.11, `${early} s early`);
    near(clearedS?.from, (cleared ?? Number.NaN) - 0.5);
  });

const parking: ScenarioRule = {
  kind: 'illegal-parking',
  counts: ['car', 'truck'],
  violationAfterS: 20,
  clearAfterS: 8,
  settings: {},
};
const crowd: ScenarioRule = { kind: 'crowd', people: 3, forS: 10, clearAfterS: 5, settings: {} };

function stay(fromS: number, toS: number, more: Partial<StatedStay> = {}): StatedStay {
  return {
    actor: 'car',
    kind: 'sedan',
    class: 'car',
    place: 'lane',
    partly: false,
    gathering: undefined,
    fromS,
    toS,
    shifted: false,
    ...more,
  };
}

function due(
  stays: readonly StatedStay[],
  rule: ScenarioRule = parking,
  durationS = 100,
): readonly (readonly number[])[] {
  const zones = [{ place: 'lane', rules: [rule] }];
  return expectedIncidents({ durationS, zones, stays }).map(({ dueS, clearedS }) =>
    clearedS ? [dueS, clearedS.from + 0.5] : [dueS],
  );
}

test('who stands for long enough in the place is due, and cleared after leaving it', () => {
  assert.deepEqual(due([stay(10, 50)]), [[30, 58]]);
  assert.deepEqual(due([stay(10, 50, { place: 'road' })]), []);
  assert.deepEqual(due([stay(10, 50, { class: 'person', kind: 'person' })]), []);
  assert.deepEqual(due([stay(10, 50, { partly: true })]), []);
  assert.deepEqual(due([stay(0, Number.POSITIVE_INFINITY)]), [[20]]);
});

test('several short stops are nothing, shifting within the place is one stay', () => {
  assert.deepEqual(due([stay(10, 25), stay(35, 50)]), []);
  assert.deepEqual(due([stay(10, 25), stay(28, 50, { shifted: true })]), [[33, 58]]);
  assert.deepEqual(due([stay(10, 25), stay(28, 50, { shifted: true, actor: 'other' })]), [[48, 58]]);
});

test('enough people of one gathering at once are due, and cleared when two fewer than enough are left', () => {
  const person = (actor: string, fromS: number, toS: number, gathering = 'a') =>
    stay(fromS, toS, { actor, class: 'person', kind: 'person', gathering });
  const three = [person('p1', 10, 50), person('p2', 12, 52), person('p3', 15, 54)];
  assert.deepEqual(due(three, crowd), [[25, 57]]);
  assert.deepEqual(due([...three.slice(0, 2), person('p3', 15, 54, 'b')], crowd), []);
  // Apart for 4 s, which is less than clears it.
  const again = three.map(({ actor }) => person(actor, 58, 80));
  assert.deepEqual(due([...three, ...again], { ...crowd, clearAfterS: 15 }, 110), [[25, 95]]);
});

test('a queue that moves up is no jam, however long its lane is full', () => {
  const rule: ScenarioRule = {
    kind: 'gate-congestion',
    vehicles: 2,
    forS: 10,
    clearAfterS: 6,
    settings: {},
  };
  const first = stay(5, 40, { actor: 'first' });
  const moving = [0, 8, 16, 24].map((atS) => stay(6 + atS, 12 + atS, { actor: 'second' }));
  assert.deepEqual(due([first, ...moving], rule), []);
  assert.equal(due([first, stay(6, 40, { actor: 'second' })], rule).length, 1);
});

test('what is too close to a threshold is refused and not guessed', () => {
  for (const [stays, durationS] of [
    [[stay(10, 31)], 100],
    [[stay(10, 50)], 59],
    [[stay(10, Number.POSITIVE_INFINITY)], 31],
  ] as const)
    assert.throws(() => due(stays, parking, durationS), { code: 'SCENARIO_UNDECIDED' });
});

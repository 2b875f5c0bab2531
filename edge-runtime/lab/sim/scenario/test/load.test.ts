import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { GatehouseError } from '@gatehouse/kit';
import { scenarioFile } from '../files.ts';
import { loadScenario, parseScenario } from '../load.ts';

const sound = readFileSync(scenarioFile('parking-day'), 'utf8');

/** The one line that a person gets to read about a faulty file. */
function complaint(text: string): string {
  try {
    parseScenario(text, 'a.yaml');
  } catch (error) {
    assert.ok(error instanceof GatehouseError, String(error));
    assert.equal(error.code, 'SCENARIO_INVALID');
    assert.ok(!error.message.includes('\n'));
    return error.message;
  }
  throw new Error('nothing was complained about');
}

/** A slip made in a sound file, and the line of the file that it is on. */
function slip(find: string, replace: string): { readonly text: string; readonly line: number } {
  assert.equal(sound.split(find).length, 2, `"${find}" stands there once`);
  const line = sound.slice(0, sound.indexOf(find)).split('\n').length;
  return { text: sound.replace(find, replace), line };
}

const slips: readonly (readonly [what: string, find: string, replace: string, says: RegExp])[] = [
  ['an unknown key', 'seed: 11', 'sead: 11', /sead: unknown key "sead" \(and 1 more\)/],
  ['a number out of bounds', 'durationS: 70', 'durationS: 7000', /durationS: .*300/],
  [
    'a layout that is not there',
    'layout: lane',
    'layout: lake',
    /no layout is called "lake"; there are lane, court, gate/,
  ],
  [
    'a camera that is not there',
    'camera: across',
    'camera: above',
    /no camera "above"; it has across, along/,
  ],
  ['a place that is not there', 'in: fire-lane', 'in: fire-lame', /no place "fire-lame"; it has fire-lane/],
  [
    'a kind that nobody draws',
    'kind: suv\n    script:\n      - enters',
    'kind: tank\n    script:\n      - enters',
    /actors\[1\]\.kind/,
  ],
  ['an id used twice', 'id: parked-2', 'id: parked-1', /actors\[3\]\.id: "parked-1" is used twice/],
  ['a point that is none', '[[-48, 4.8]]', '[[-48, 4.8, 1]]', /must be a list of points/],
  [
    'a step that says two things',
    '- enters: [-48, 7.4]',
    '- { enters: [-48, 7.4], walks: [road] }',
    /exactly one of enters, drives/,
  ],
  [
    'a stay that is not where it says',
    '[1, 0]]',
    '[1, 3.4]]',
    /script\[2\]: \[1, 3\.4\] is not in fire-lane/,
  ],
  [
    'a way that takes too long',
    'enters: [-48, 7.4]',
    'enters: { from: [-48, 7.4], at: 9 }',
    /cannot be there by 12 s: it is free from 9\.0 s/,
  ],
  ['a stay that ends before it begins', 'to: 50', 'to: 10', /ends at 10 s, not after it begins at 12 s/],
  ['nobody anywhere', '- stands: { at: bay-5, ', '- stands: { ', /where\? Give "at"/],
  ['no time at all', '{ from: [48, 4.8], at: 21 }', '[48, 4.8]', /says not when/],
  ['a rule without its times', 'violationAfterS: 20, ', '', /rules\[0\]\.violationAfterS/],
];

for (const [what, find, replace, says] of slips)
  test(`${what} is told in one line with its place`, () => {
    const { text, line } = slip(find, replace);
    const told = complaint(text);
    assert.match(told, says);
    const toldLine = Number(/^a\.yaml:(\d+):/.exec(told)?.[1]);
    // A step, or a missing key, is reported at the line of its parent, at most two lines from the slip.
    assert.ok(Math.abs(toldLine - line) <= 2, `${told}, made on line ${line}`);
  });

test('broken YAML is told with its line', () => {
  assert.match(complaint(`${sound}\n  - [`), /^a\.yaml:\d+: /);
});

test('standing half in a zone without saying so is refused, as the oracle would not know of it', () => {
  const text = sound.replace(
    '- drives: [[-48, 4.8]]',
    '- drives: [[4, 2.6]]\n      - stands: { from: 40, to: 50 }',
  );
  assert.match(complaint(text), /reaches into fire-lane, which the script does not say/);
});

test('driving on within one place is refused unless the script says if it is one stay or another', () => {
  const stay = (way: string) =>
    sound.replace(
      '- drives: [[14, 3],',
      `- ${way}\n      - stands: { in: fire-lane, from: 55, to: 58 }\n      - drives: [[14, 3],`,
    );
  assert.match(complaint(stay('drives: [[6, 0]]')), /never leaves fire-lane: say "shifts"/);
  assert.match(
    complaint(stay('shifts: [[4, 4.5], [8, 0]]')),
    /leaves fire-lane on its way: say "drives", not "shifts"/,
  );
  assert.match(complaint(stay('advances: [[4, 4.5], [8, 0]]')), /say "drives", not "advances"/);
  parseScenario(stay('shifts: [[6, 0]]'), 'a.yaml');
  parseScenario(stay('advances: [[6, 0]]'), 'a.yaml');
});

test('a scenario that is not there is told by name', () => {
  assert.throws(() => scenarioFile('parking-dya'), { code: 'SCENARIO_UNKNOWN', remedy: /parking-day/ });
  assert.throws(() => loadScenario('/nowhere/a.yaml'), { code: 'SCENARIO_MISSING' });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Found } from './scenes/oracle.ts';
import { isLeftOpen, mistakesIn } from './streets/judge.ts';
import { blocking } from './streets/makers.ts';
import type { Script } from './streets/script.ts';
import { movingUp, standing, stream, street, told } from './streets/written.ts';

const whats = (script: Script, ...found: Found[][]) =>
  mistakesIn(script, found.flat()).map(({ what }) => what);

/** Each list of findings about a street, and the mistakes in it. */
function judges(name: string, script: Script, lists: readonly (readonly [string[], ...Found[][]])[]) {
  test(`the oracle judges ${name}`, () => {
    for (const [mistakes, ...found] of lists) assert.deepEqual(whats(script, ...found), mistakes);
  });
}

judges('a car that stands from 20 to 110 s', street({ actors: [standing(20, 110)] }), [
  [[], told('row', 0.5, 'opened 80.4, cleared 121')],
  [[], told('row', 0.5, 'opened 81.9, cleared 120.2')],
  [['missed']],
  [['early'], told('row', 0.5, 'opened 70, cleared 121')],
  [['late'], told('row', 0.5, 'opened 83, cleared 121')],
  [['cleared early'], told('row', 0.5, 'opened 80, cleared 100')],
  [['cleared late'], told('row', 0.5, 'opened 80, cleared 130')],
  [['not cleared'], told('row', 0.5, 'opened 80')],
  [['order'], told('row', 0.5, 'opened 80, opened 81, cleared 121')],
  [['order'], told('row', 0.5, 'opened 80, updated 100, cleared 121')],
  [['twice'], told('row', 0.5, 'opened 80, cleared 90'), told('row', 0.5, 'opened 91')],
  [['not due', 'missed'], told('row', 0.25, 'opened 80, cleared 121')],
]);

judges('a car that stands for less than the dwell', street({ actors: [standing(20, 70)] }), [
  [[]],
  [['not due'], told('row', 0.5, 'opened 69, cleared 81')],
]);

judges('traffic', street({ actors: stream(5, 150) }), [
  [[]],
  [['not due'], told('lane', 0.5, 'opened 70, cleared 170')],
]);

/** Four cars that stand 20 s and move up a place in 2 s; the first drives off each time. */
const queue = [0, 1, 2, 3].map((car) =>
  movingUp(
    car,
    [0, 1, 2]
      .filter((step) => step <= car)
      .map((step) => ({
        x: 0.8 - 0.15 * (car - step),
        fromS: step === 0 ? -10 : step * 22,
        toS: step * 22 + 20,
      })),
  ),
);
judges('a queue that moves up', street({ actors: queue }), [
  [[]],
  [['not due'], told('lane', 0.65, 'opened 60, cleared 80')],
]);
judges(
  'a queue that moves up, of which three are congestion',
  street({ actors: queue, rule: 'gate-congestion', many: 3 }),
  [[[]], [['not due'], told('lane', 0.65, 'opened 60, cleared 80')]],
);

const shiftAfter = (s: number) =>
  movingUp(1, [
    { x: 0.5, fromS: -10, toS: s },
    { x: 0.65, fromS: s + 3, toS: s + 43 },
  ]);
judges('a shift after 20 s: the stay begins anew', street({ actors: [shiftAfter(20)] }), [
  [[]],
  [['not due'], told('lane', 0.65, 'opened 63, cleared 75')],
]);
judges('a shift after 40 s: the stay goes on', street({ actors: [shiftAfter(40)] }), [
  [[], told('lane', 0.65, 'opened 64, cleared 94')],
  [['missed']],
  [['late'], told('lane', 0.65, 'opened 82, cleared 94')],
]);

/** One leaves at 80 s, another comes at 85 s. */
const change = (looks: readonly [number, number], own: Partial<Script> = {}) =>
  street({ actors: [standing(-10, 80, looks[0]), standing(85, 170, looks[1])], endS: 220, ...own });
const twoStays = [told('row', 0.5, 'opened 60, cleared 91'), told('row', 0.5, 'opened 146, cleared 181')];
const oneStay = told('row', 0.5, 'opened 60, updated 120, cleared 181');
judges('a change of occupants of one look whose drives are seen', change([1, 1]), [
  [[], ...twoStays],
  [['cleared late', 'missed'], oneStay],
]);
const unseen = { pauses: [{ fromS: 79, toS: 87, restart: true }] };
judges('a change of occupants of two looks that nobody sees', change([1, 2], unseen), [
  [[], ...twoStays],
  [['cleared late', 'missed'], oneStay],
]);
judges('a change of occupants of one look that nobody sees: any answer is right', change([1, 1], unseen), [
  [[], ...twoStays],
  [[], oneStay],
  [['order'], told('row', 0.5, 'cleared 60')],
]);

judges(
  'a detector that is silent while the dwell ends',
  street({ actors: [standing(-10, 150)], silences: [{ actor: 0, fromS: 40, toS: 90 }] }),
  [
    [[], told('row', 0.5, 'opened 61, cleared 161')],
    [['late'], told('row', 0.5, 'opened 90, cleared 161')],
    [['cleared early'], told('row', 0.5, 'opened 61, cleared 75')],
  ],
);

judges(
  'a truck that hides the car while the dwell ends',
  street({ actors: [standing(-10, 150), blocking(9, 0.5, { fromS: 40, toS: 80 })] }),
  [
    [[], told('row', 0.5, 'opened 82, cleared 161')],
    [['late'], told('row', 0.5, 'opened 88, cleared 161')],
  ],
);

judges('the stages of a fire passage', street({ actors: [standing(-10, 150)], rule: 'fire-passage' }), [
  [[], told('row', 0.5, 'voice 30 P3, opened 60, updated 90 P1, cleared 161')],
  [['prompt'], told('row', 0.5, 'opened 60, updated 90 P1, cleared 161')],
  [['escalation'], told('row', 0.5, 'voice 30 P3, opened 60, cleared 161')],
  [['prompt'], told('row', 0.5, 'voice 20 P3, opened 60, updated 90 P1, cleared 161')],
]);
judges('a prompt without cause', street({ actors: stream(5, 100), rule: 'fire-passage' }), [
  [['prompt'], told('lane', 0.5, 'voice 50 P3')],
]);

const jam = street({ actors: [standing(-10, 100, 1, 0.25), standing(20, 120)], rule: 'gate-congestion' });
judges('two that are stuck together', jam, [
  [['order'], told('row', 0.4, 'opened 80, updated 100, cleared 111')],
  [[], told('row', 0.4, 'opened 80.4, cleared 111')],
  [['missed']],
  [['early'], told('row', 0.4, 'opened 60, cleared 111')],
  [['late'], told('row', 0.4, 'opened 90, cleared 111')],
  [['not cleared'], told('row', 0.4, 'opened 80')],
  [['cleared early'], told('row', 0.4, 'opened 80, cleared 100')],
  [['cleared late'], told('row', 0.4, 'opened 80, cleared 125')],
  [['twice'], told('row', 0.4, 'opened 80, cleared 111'), told('row', 0.4, 'opened 115')],
]);

test('a script says what it leaves open, and why', () => {
  assert.equal(isLeftOpen(change([1, 1])), undefined);
  assert.equal(isLeftOpen(change([1, 2], unseen)), undefined);
  assert.equal(isLeftOpen(change([1, 1], unseen)), 'untold');
  assert.equal(isLeftOpen(street({ actors: [standing(20, 81)] })), 'close');
});

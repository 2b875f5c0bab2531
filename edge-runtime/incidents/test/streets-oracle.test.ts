import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Found } from './scenes/oracle.ts';
import { framesOf } from './streets/frames.ts';
import { isLeftOpen, mistakesIn } from './streets/judge.ts';
import { blocking, passer } from './streets/makers.ts';
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
  [
    [],
    told('row', 0.5, [
      ['opened', 80.4],
      ['cleared', 121],
    ]),
  ],
  [
    [],
    told('row', 0.5, [
      ['opened', 81.9],
      ['cleared', 120.2],
    ]),
  ],
  [['missed']],
  [
    ['early'],
    told('row', 0.5, [
      ['opened', 70],
      ['cleared', 121],
    ]),
  ],
  [
    ['late'],
    told('row', 0.5, [
      ['opened', 83],
      ['cleared', 121],
    ]),
  ],
  [
    ['cleared early'],
    told('row', 0.5, [
      ['opened', 80],
      ['cleared', 100],
    ]),
  ],
  [
    ['cleared late'],
    told('row', 0.5, [
      ['opened', 80],
      ['cleared', 130],
    ]),
  ],
  [['not cleared'], told('row', 0.5, [['opened', 80]])],
  [
    ['order'],
    told('row', 0.5, [
      ['opened', 80],
      ['opened', 81],
      ['cleared', 121],
    ]),
  ],
  [
    ['twice'],
    told('row', 0.5, [
      ['opened', 80],
      ['cleared', 90],
    ]),
    told('row', 0.5, [['opened', 91]]),
  ],
  [
    ['not due', 'missed'],
    told('row', 0.25, [
      ['opened', 80],
      ['cleared', 121],
    ]),
  ],
]);

judges('a car that stands for less than the dwell', street({ actors: [standing(20, 70)] }), [
  [[]],
  [
    ['not due'],
    told('row', 0.5, [
      ['opened', 69],
      ['cleared', 81],
    ]),
  ],
]);

judges('traffic', street({ actors: stream(5, 150) }), [
  [[]],
  [
    ['not due'],
    told('lane', 0.5, [
      ['opened', 70],
      ['cleared', 170],
    ]),
  ],
]);

const places = [0.8, 0.65, 0.5];
/** Four cars that stand 20 s and move up in 2 s. */
const queue = [0, 1, 2, 3].map((car) =>
  movingUp(
    car,
    places.slice(0, 3).flatMap((_, step) => {
      const place = car - step;
      return place < 0
        ? []
        : [{ x: 0.8 - 0.15 * place, fromS: step * 22 - (step ? 0 : 10), toS: step * 22 + 20 }];
    }),
  ),
);
judges('a queue that moves up', street({ actors: queue }), [
  [[]],
  [
    ['not due'],
    told('lane', 0.65, [
      ['opened', 60],
      ['cleared', 80],
    ]),
  ],
]);
judges(
  'a queue that moves up, of which three are congestion',
  street({ actors: queue, rule: 'gate-congestion', many: 3 }),
  [
    [[]],
    [
      ['not due'],
      told('lane', 0.65, [
        ['opened', 60],
        ['cleared', 80],
      ]),
    ],
  ],
);

const shiftAfter = (s: number) =>
  movingUp(1, [
    { x: 0.5, fromS: -10, toS: s },
    { x: 0.65, fromS: s + 3, toS: s + 43 },
  ]);
judges('a shift after 20 s: the stay begins anew', street({ actors: [shiftAfter(20)] }), [
  [[]],
  [
    ['not due'],
    told('lane', 0.65, [
      ['opened', 63],
      ['cleared', 75],
    ]),
  ],
]);
judges('a shift after 40 s: the stay goes on', street({ actors: [shiftAfter(40)] }), [
  [
    [],
    told('lane', 0.65, [
      ['opened', 64],
      ['cleared', 94],
    ]),
  ],
  [['missed']],
  [
    ['late'],
    told('lane', 0.65, [
      ['opened', 82],
      ['cleared', 94],
    ]),
  ],
]);

/** One leaves at 80 s, another comes at 85 s. */
const change = (looks: readonly [number, number], own: Partial<Script> = {}) =>
  street({ actors: [standing(-10, 80, looks[0]), standing(85, 170, looks[1])], endS: 220, ...own });
const twoStays = [
  told('row', 0.5, [
    ['opened', 60],
    ['cleared', 91],
  ]),
  told('row', 0.5, [
    ['opened', 146],
    ['cleared', 181],
  ]),
];
const oneStay = told('row', 0.5, [
  ['opened', 60],
  ['updated', 120],
  ['cleared', 181],
]);
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
  [['order'], told('row', 0.5, [['cleared', 60]])],
]);

judges(
  'a detector that is silent while the dwell ends',
  street({ actors: [standing(-10, 150)], silences: [{ actor: 0, fromS: 40, toS: 90 }] }),
  [
    [
      [],
      told('row', 0.5, [
        ['opened', 61],
        ['cleared', 161],
      ]),
    ],
    [
      ['late'],
      told('row', 0.5, [
        ['opened', 90],
        ['cleared', 161],
      ]),
    ],
    [
      ['cleared early'],
      told('row', 0.5, [
        ['opened', 61],
        ['cleared', 75],
      ]),
    ],
  ],
);

judges(
  'a truck that hides the car while the dwell ends',
  street({ actors: [standing(-10, 150), blocking(9, 0.5, { fromS: 40, toS: 80 })] }),
  [
    [
      [],
      told('row', 0.5, [
        ['opened', 82],
        ['cleared', 161],
      ]),
    ],
    [
      ['late'],
      told('row', 0.5, [
        ['opened', 88],
        ['cleared', 161],
      ]),
    ],
  ],
);

judges('the stages of a fire passage', street({ actors: [standing(-10, 150)], rule: 'fire-passage' }), [
  [
    [],
    told('row', 0.5, [
      ['voice', 30, 3],
      ['opened', 60],
      ['updated', 90, 1],
      ['cleared', 161],
    ]),
  ],
  [
    ['prompt'],
    told('row', 0.5, [
      ['opened', 60],
      ['updated', 90, 1],
      ['cleared', 161],
    ]),
  ],
  [
    ['escalation'],
    told('row', 0.5, [
      ['voice', 30, 3],
      ['opened', 60],
      ['cleared', 161],
    ]),
  ],
  [
    ['prompt'],
    told('row', 0.5, [
      ['voice', 20, 3],
      ['opened', 60],
      ['updated', 90, 1],
      ['cleared', 161],
    ]),
  ],
]);
judges('a prompt without cause', street({ actors: stream(5, 100), rule: 'fire-passage' }), [
  [['prompt'], told('lane', 0.5, [['voice', 50, 3]])],
]);

const jam = street({ actors: [standing(-10, 100, 1, 0.25), standing(20, 120)], rule: 'gate-congestion' });
judges('two that are stuck together', jam, [
  [
    [],
    told('row', 0.4, [
      ['opened', 80.4],
      ['cleared', 111],
    ]),
  ],
  [['missed']],
  [
    ['early'],
    told('row', 0.4, [
      ['opened', 60],
      ['cleared', 111],
    ]),
  ],
  [
    ['late'],
    told('row', 0.4, [
      ['opened', 90],
      ['cleared', 111],
    ]),
  ],
  [['not cleared'], told('row', 0.4, [['opened', 80]])],
  [
    ['cleared early'],
    told('row', 0.4, [
      ['opened', 80],
      ['cleared', 100],
    ]),
  ],
  [
    ['cleared late'],
    told('row', 0.4, [
      ['opened', 80],
      ['cleared', 125],
    ]),
  ],
  [
    ['twice'],
    told('row', 0.4, [
      ['opened', 80],
      ['cleared', 111],
    ]),
    told('row', 0.4, [['opened', 115]]),
  ],
]);

test('a script says what it leaves open, and why', () => {
  assert.equal(isLeftOpen(change([1, 1])), undefined);
  assert.equal(isLeftOpen(change([1, 2], unseen)), undefined);
  assert.equal(isLeftOpen(change([1, 1], unseen)), 'untold');
  assert.equal(isLeftOpen(street({ actors: [standing(20, 81)] })), 'close');
});

/** All tracks and places of a street, one frame a line. */
const frames = (own: Partial<Script>) => [...framesOf(street({ endS: 60, ...own }))];
const idsAt = (own: Partial<Script>) =>
  new Set(frames(own).flatMap(({ tracks }) => tracks.map(({ id }) => id)));
const likesBetween = (own: Partial<Script>, fromS: number, toS: number) =>
  frames(own)
    .filter(({ atMs }) => atMs >= fromS * 1000 && atMs < toS * 1000)
    .flatMap(({ places: all = [] }) => all.map(({ like }) => like));

test('a tracker follows a car at 5 frames a second and loses one that is fast at 1', () => {
  const car = stream(10, 12);
  assert.equal(idsAt({ actors: car }).size, 1);
  assert.ok(idsAt({ actors: car, fps: 1 }).size >= 4);
});

test('what drives in has moved, what is found again has not; it is still two seconds after it stopped', () => {
  const tracks = (own: Partial<Script>) =>
    frames(own).flatMap(({ atMs, tracks: all }) => all.map((one) => ({ atMs, ...one })));
  const drivenIn = tracks({ actors: [standing(20, 50)] });
  assert.ok(drivenIn.filter(({ atMs }) => atMs > 20_000).every(({ moved = 0 }) => moved >= 1));
  assert.equal(drivenIn.find(({ still }) => still)?.atMs, 22_000);
  assert.equal(drivenIn.find(({ still }) => still)?.sinceMs, 20_000);
  const found = tracks({ actors: [standing(-10, 50)], idChanges: [{ actor: 0, atS: 29.9 }] });
  const again = found.filter(({ atMs }) => atMs >= 30_000 && atMs < 50_000);
  assert.ok(again.every(({ id, moved }) => id === 2 && moved === 0));
});

test('a place looks as it did while its car stands there, seen or not, and otherwise once it has left', () => {
  const actors = [standing(-10, 40)];
  const silent = { actors, silences: [{ actor: 0, fromS: 10, toS: 30 }] };
  assert.ok(
    frames(silent).every(({ atMs, tracks }) => tracks.length === 0 || atMs < 10_000 || atMs >= 30_000),
  );
  assert.equal(likesBetween(silent, 0, 2).length, 0);
  assert.ok(likesBetween(silent, 10, 30).every((like) => like >= 0.85));
  assert.equal(likesBetween(silent, 10, 30).length, 100);
  assert.ok(likesBetween(silent, 42, 60).every((like) => like <= 0.6));
});

test('a passer-by hides a place, changing light says nothing, and another of the same look looks the same', () => {
  const actors = [standing(-10, 58)];
  const hidden = likesBetween({ actors: [...actors, passer('person', 9, 0.5, 30, 2)] }, 29.5, 30.5);
  assert.ok(hidden.length > 0 && hidden.every((like) => like <= 0.6));
  assert.equal(likesBetween({ actors, lights: [{ fromS: 20, toS: 25 }] }, 20, 25).length, 0);
  const next = (look: number) => ({ actors: [standing(-10, 20), standing(30, 58, look)] });
  const old = (look: number) => frames(next(look)).filter(({ atMs }) => atMs > 31_000 && atMs < 58_000);
  const like = (look: number) => old(look).map(({ places: [first] = [] }) => first?.like ?? Number.NaN);
  assert.ok(like(1).every((value) => value >= 0.85));
  assert.ok(like(2).every((value) => value <= 0.6));
});

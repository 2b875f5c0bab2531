import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Moment, Thing } from './painted-scene.ts';
import { Painter, standing } from './painted-scene.ts';
import { anyObject, newForeground, play } from './play.ts';

const car = (x: number, track?: number): Thing => ({
  kind: 'car',
  look: 9,
  box: standing(x, 0.8, 0.28, 0.28),
  ...(track === undefined ? {} : { track }),
});
/** A car that stands until `leavesS` and has driven off four seconds later. */
const leaving = (leavesS: number, track?: number) => (t: number) => ({
  things: t < leavesS + 4 ? [car(0.5 + Math.max(0, t - leavesS) * 0.25, track)] : [],
});
const arriving = (t: number) => (t < 10 ? -0.2 + t * 0.07 : 0.5);

/** Scenes in which nothing is left behind. */
const scenes: readonly (readonly [string, (t: number) => Moment, number])[] = [
  ['light drops to 0.6', (t) => ({ gain: t < 20 ? 1 : 0.6 }), 60],
  ['light rises to 1.6', (t) => ({ gain: t < 20 ? 1 : 1.6 }), 60],
  ['light jumps up and down', (t) => ({ gain: [1, 0.6, 1.6, 0.8][Math.floor(t / 17) % 4] ?? 1 }), 100],
  ['dusk', (t) => ({ gain: Math.max(0.25, 1 - t / 240) }), 300],
  [
    'headlights sweep past',
    (t) => ({
      gain: 0.3,
      patches: [{ box: standing(((t / 6) % 2) - 0.5, 0.9, 0.15, 0.3), gain: 3, soft: 0.15 }],
    }),
    120,
  ],
  [
    'headlights stand still',
    (t) => ({
      gain: 0.3,
      patches: t < 20 ? [] : [{ box: standing(0.5, 0.9, 0.15, 0.3), gain: 3, soft: 0.15 }],
    }),
    120,
  ],
  [
    'a warm lamp goes on',
    (t) => ({
      gain: 0.4,
      patches:
        t < 20 ? [] : [{ box: standing(0.6, 0.6, 0.1, 0.1), gain: 2.2, soft: 0.3, tint: [1.1, 1, 0.75] }],
    }),
    120,
  ],
  [
    'a shadow passes',
    (t) => ({ patches: [{ box: standing(0.1 + t / 80, 0.8, 0.15, 0.3), gain: 0.45, soft: 0.01 }] }),
    80,
  ],
  [
    'a hard shadow appears and stays',
    (t) => ({
      patches:
        t < 20 ? [] : [{ box: standing(0.5, 0.8, 0.2, 0.3), gain: 0.45, soft: 0.004, tint: [0.95, 1, 1.08] }],
    }),
    150,
  ],
  [
    'the edge of a shadow moves with the sun',
    (t) => ({
      patches: [{ box: { x1: 0, x2: 0.2 + t / 3600, y1: 0.35, y2: 1 }, gain: 0.45, soft: 0.004 }],
    }),
    900,
  ],
  [
    'the sun comes out and throws four shadows',
    (t) => ({
      patches:
        t < 20
          ? []
          : [0.1, 0.35, 0.6, 0.85].map((x) => ({ box: standing(x, 0.8, 0.12, 0.4), gain: 0.4, soft: 0.004 })),
    }),
    100,
  ],
  [
    'leaves move',
    () => ({ things: [{ kind: 'leaves', look: 4, box: { x1: 0.6, y1: 0.2, x2: 0.95, y2: 0.6 } }] }),
    200,
  ],
  ['the camera shakes', (t) => ({ shift: [2 * Math.sin(t * 7.1), 1.5 * Math.sin(t * 5.3)] }), 120],
  ['infrared by turns', (t) => ({ infrared: (t >= 40 && t < 100) || t >= 150 }), 220],
  ['a car of the baseline departs', leaving(40, 1), 120],
  ['a car of the baseline, never detected, departs', leaving(40), 120],
  [
    'a person stands for five minutes',
    (t) => ({
      things: [
        {
          kind: 'person',
          look: 3,
          track: 1,
          box: standing(t < 15 ? -0.1 + t * 0.04 : 0.5, 0.75, 0.06, 0.27),
        },
      ],
    }),
    315,
  ],
  ['a car parks for ten minutes', (t) => ({ things: [car(arriving(t), 1)] }), 610],
  [
    'a parked car is lost by the detector for most of the time',
    (t) => ({ things: [car(arriving(t), t < 40 || t % 60 < 20 ? 1 + Math.floor(t / 60) : undefined)] }),
    400,
  ],
  [
    'a parked car throws a shadow beside itself',
    (t) => ({
      things: [car(arriving(t), 1)],
      patches: [{ box: standing(arriving(t) + 0.05, 0.9, 0.36, 0.14), gain: 0.5, soft: 0.01 }],
    }),
    150,
  ],
];

for (const [name, script, toS] of scenes)
  test(`no object: ${name}`, () => {
    assert.equal(anyObject(play(script, { fps: toS > 200 ? 1 : 2, toS, seed: 3 })), false);
  });

test('no object after a gap of a minute in which the light changed and a car departed', () => {
  const foreground = newForeground();
  const painter = new Painter(3);
  play(() => ({ things: [car(0.5, 1)] }), { toS: 30, foreground, painter });
  assert.equal(anyObject(play(() => ({ gain: 0.6 }), { fromS: 90, toS: 180, foreground, painter })), false);
});

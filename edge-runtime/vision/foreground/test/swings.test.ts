import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Moment, Painter, standing, type Thing } from './painted-scene.ts';
import { anyObject, newForeground, play } from './play.ts';

const door: Thing = { kind: 'open-door', look: 4, box: standing(0.3, 0.7, 0.09, 0.34) };
const carton: Thing = { kind: 'carton', look: 2, box: standing(0.6, 0.8, 0.07, 0.13) };

/** From 20 s on the door opens every 30 s, and stands open for `openS`. */
const swinging = (t: number, openS: number) => t >= 20 && (t - 20) % 30 < openS;

/** Short openings until a time, seconds; ten seconds later it stands open. */
const openAtLast = (t: number, untilS = 110) => (t < untilS ? swinging(t, 6) : t >= untilS + 10);

const isLit = (t: number) => Math.floor(t / 13) % 2 === 0;
/** After a change of light nothing is judged for 3 s: some openings are not seen, and seven are enough. */
const lights: readonly (readonly [name: string, light: (t: number) => Moment, untilS: number])[] = [
  ['by day', () => ({}), 110],
  ['in a dark corridor', () => ({ gain: 0.2 }), 110],
  ['in infrared', () => ({ infrared: true }), 110],
  [
    'while a motion sensor switches the lamps',
    (t) =>
      isLit(t) ? { patches: [{ box: standing(0.5, 0.5, 0.2, 0.2), gain: 1.3, soft: 0.3 }] } : { gain: 0.35 },
    230,
  ],
];
for (const [name, light, untilS] of lights)
  test(`${name}: a door that has swung may stand open, and a carton beside it is found`, () => {
    const cartonS = untilS + 60;
    const shown = play(
      (t) => ({
        ...light(t),
        things: [...(openAtLast(t, untilS) ? [door] : []), ...(t >= cartonS ? [carton] : [])],
      }),
      { toS: cartonS + 45 },
    );
    assert.equal(anyObject(shown, 0, cartonS), false);
    assert.equal(shown.at(-1)?.objects.length, 1);
  });

test('lamps that a motion sensor switches on and off leave nothing that lasts', () => {
  const fps = 2;
  for (const everyS of [5, 13, 40]) {
    const lamps = (t: number): Moment =>
      Math.floor(t / everyS) % 2 === 0
        ? { gain: 0.3 }
        : { patches: [{ box: standing(0.4, 0.4, 0.1, 0.1), gain: 1.6, soft: 0.35, tint: [1.1, 1, 0.8] }] };
    const shown = play(lamps, { toS: 400, fps });
    const frames = shown.filter(({ objects }) => objects.length > 0).length;
    // A lamp's pool may pass for a thing until the light changes; a rule waits for a minute.
    assert.ok(frames / fps <= 5, `every ${everyS} s: ${frames / fps} s`);
    assert.equal(anyObject(shown, 240), false);
  }
});

test('a door that stands open for longer than a thing needs is told of three times at most', () => {
  const shown = play((t) => ({ things: swinging(t, 20) ? [door] : [] }), { toS: 400 });
  const ids = new Set(shown.flatMap(({ objects }) => objects.map(({ id }) => id)));
  assert.ok(ids.size <= 3, `${ids.size} objects`);
  assert.equal(anyObject(shown, 120), false);
});

test('a thing that is put down again, each time elsewhere, is found each time', () => {
  const at = (n: number): Thing => ({ ...carton, box: standing(0.5 + 0.04 * (n % 3), 0.8, 0.07, 0.13) });
  const shown = play((t) => ({ things: swinging(t, 22) ? [at(Math.floor((t - 20) / 30))] : [] }), {
    toS: 320,
  });
  for (let n = 0; n < 9; n++)
    assert.equal(anyObject(shown, 20 + 30 * n, 50 + 30 * n), true, `the ${n + 1}. time`);
});

test('a thing that comes to the same spot every night is found every night', () => {
  const nightly = { fps: 0.2, toS: 6 * 3600 };
  const shown = play((t) => ({ things: t % 4200 > 3600 ? [carton] : [] }), nightly);
  for (let n = 0; n < 5; n++)
    assert.equal(anyObject(shown, 3600 + 4200 * n, 4200 + 4200 * n), true, `the ${n + 1}. night`);
});

test('a door that was learned is known after a restart', () => {
  const painter = new Painter(1);
  const before = newForeground();
  play((t) => ({ things: openAtLast(t) ? [door] : [] }), { toS: 150, foreground: before, painter });
  const after = newForeground();
  assert.ok(after.restore(before.save() ?? new Uint8Array()));
  const shown = play((t) => ({ things: t < 190 || t >= 220 ? [door] : [] }), {
    fromS: 160,
    toS: 300,
    foreground: after,
    painter,
  });
  assert.equal(anyObject(shown), false);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Box, iou } from '@gatehouse/contracts';
import { StaticForeground } from '../index.ts';
import { input, type Moment, Painter, standing, type Thing, tracksOf } from './painted-scene.ts';
import { anyObject, firstFoundS, newForeground, play, wholeFrame } from './play.ts';

/** Seconds from a thing being left alone to its being told of: 15 to be sure, 1.5 until what hid it is past, and some frames. */
const foundWithinS = 20;

const box = standing(0.5, 0.7, 0.07, 0.13);
const carton: Thing = { kind: 'carton', look: 5, box };

/** A person comes in from the left by 12 s, puts the thing down at 14 s, and has left to the right by 25 s. */
function courier(t: number): Thing[] {
  if (t < 6 || t > 25) return [];
  const x = t < 12 ? 0.5 - 0.09 * (12 - t) : t < 18 ? 0.5 : 0.5 + 0.085 * (t - 18);
  return [{ kind: 'person', look: 3, track: 1, box: standing(x, 0.73, 0.06, 0.27) }];
}

const delivery = (t: number, what: Thing = carton): Moment => ({
  things: [...(t >= 14 ? [what] : []), ...courier(t)],
});

for (const fps of [0.5, 1, 2, 5, 10])
  test(`at ${fps} frames a second a carton that a person puts down is found once the person has left it`, () => {
    const shown = play((t) => delivery(t), { fps, toS: 60 });
    const at = firstFoundS(shown);
    // Bare from 18.6 s on, when the courier's box is off it.
    assert.ok(at !== undefined && at > 18.6 + 15 && at < 18.6 + foundWithinS + 1 / fps, `found at ${at} s`);
    assert.ok(shown.every(({ objects }) => objects.length <= 1));
    const found = shown.at(-1)?.objects[0];
    assert.ok(found && iou(found.box, box) > 0.7, JSON.stringify(found));
    assert.ok(Math.abs(found.sinceMs / 1000 - 19) < 2.5 + 1 / fps, `since ${found.sinceMs}`);
  });

test('a carton that the detector takes for its bearer for some seconds is found once it no longer does', () => {
  const foreground = newForeground();
  const painter = new Painter(1);
  const { x1, y1, x2, y2 } = box;
  /** What is taken for a person is within the carton, as a person's box lies within the person. */
  const within = {
    x1: x1 + (x2 - x1) / 6,
    y1: y1 + (y2 - y1) / 6,
    x2: x2 - (x2 - x1) / 6,
    y2: y2 - (y2 - y1) / 6,
  };
  let foundS: number | undefined;
  for (let t = 0; t < 60; t += 0.5) {
    const things = t < 14 ? courier(t) : [carton];
    const tracks = t < 14 || t >= 24 ? tracksOf(things) : tracksOf([{ ...carton, box: within, track: 1 }]);
    const objects = foreground.step(painter.frame({ things }, t), input, tracks, 1000 * t);
    if (objects.length > 0) foundS ??= t;
  }
  // Hidden until 1.5 s after that box is lost.
  assert.ok(foundS !== undefined && foundS > 24 + 15 && foundS < 26 + foundWithinS, `found at ${foundS} s`);
});

test('it stays the same object for ten minutes of passers-by, and is gone seconds after it was taken away', () => {
  const passer = (t: number): Thing[] => {
    const x = ((t % 90) - 30) / 20;
    return x > -0.1 && x < 1.1
      ? [{ kind: 'person', look: 8, track: 100 + Math.floor(t / 90), box: standing(x, 0.74, 0.06, 0.3) }]
      : [];
  };
  const shown = play((t) => ({ things: [...(t >= 20 && t < 640 ? [carton] : []), ...passer(t)] }), {
    fps: 1,
    toS: 655,
  });
  const ids = new Set(shown.flatMap(({ objects }) => objects.map(({ id }) => id)));
  assert.equal(ids.size, 1);
  const at = firstFoundS(shown) ?? Number.NaN;
  assert.ok(at < 45, `found at ${at} s`);
  assert.ok(shown.filter(({ t }) => t >= at && t < 640).every(({ objects }) => objects.length === 1));
  const hidden = shown.filter(({ objects }) => objects[0]?.seen === false).length;
  assert.ok(hidden > 5 && hidden < 60, `hidden for ${hidden} s`);
  assert.equal(anyObject(shown, 645), false);
});

const things: readonly (readonly [string, Thing])[] = [
  ['black and white bags', { kind: 'bags', look: 3, box: standing(0.3, 0.8, 0.08, 0.1) }],
  ['a small far carton', { kind: 'carton', look: 2, box: standing(0.62, 0.5, 0.03, 0.05) }],
  ['a large near one', { kind: 'carton', look: 7, box: standing(0.4, 0.95, 0.25, 0.4) }],
];
for (const [name, thing] of things)
  test(`${name}: found`, () => {
    const at = firstFoundS(play((t) => ({ things: t >= 20 ? [thing] : [] }), { toS: 50 }));
    assert.ok(at !== undefined && at < 20 + foundWithinS, `found at ${at} s`);
  });

test('two things are two objects, and each goes by itself', () => {
  const other: Thing = { kind: 'bags', look: 3, box: standing(0.8, 0.85, 0.08, 0.1) };
  const shown = play(
    (t) => ({ things: [...(t >= 20 && t < 60 ? [carton] : []), ...(t >= 30 ? [other] : [])] }),
    { toS: 75 },
  );
  const at = (s: number) => shown.find(({ t }) => t >= s)?.objects.map(({ id }) => id);
  const [first, second] = at(55) ?? [];
  assert.ok(first !== undefined && second !== undefined && first !== second);
  assert.deepEqual(at(70), [second]);
});

const lights: readonly (readonly [string, (t: number) => Moment])[] = [
  ['the exposure jumps', (t) => ({ gain: t < 60 ? 1 : ([0.6, 1.5, 0.8, 1.2][Math.floor(t / 20) % 4] ?? 1) })],
  ['dusk falls', (t) => ({ gain: Math.max(0.25, 1 - t / 150) })],
  ['the camera switches to infrared and back', (t) => ({ infrared: t >= 70 && t < 120 })],
  ['the camera shakes', (t) => ({ shift: [1.5 * Math.sin(7.1 * t), Math.sin(5.3 * t)] })],
  ['it is night', () => ({ gain: 0.25 })],
];
for (const [name, light] of lights)
  test(`while ${name} a carton is found, kept as one object, and gone when it is taken away`, () => {
    const shown = play((t) => ({ ...light(t), things: t >= 20 && t < 150 ? [carton] : [] }), { toS: 160 });
    const at = firstFoundS(shown) ?? Number.NaN;
    assert.ok(at < 20 + foundWithinS, `found at ${at} s`);
    const ids = new Set(shown.flatMap(({ objects }) => objects.map(({ id }) => id)));
    assert.equal(ids.size, 1);
    assert.ok(shown.filter(({ t }) => t > at && t < 150).every(({ objects }) => objects.length === 1));
    assert.equal(anyObject(shown, 156), false);
  });

test('only what lies in a zone is reported', () => {
  const zones: [number, number][][] = [
    [
      [0.6, 0],
      [1, 0],
      [1, 1],
      [0.6, 1],
    ],
  ];
  const there: Box = standing(0.8, 0.7, 0.07, 0.13);
  const found = (thing: Thing) => {
    const foreground = new StaticForeground({ zones });
    return anyObject(play((t) => ({ things: t >= 10 ? [thing] : [] }), { toS: 40, foreground }));
  };
  assert.equal(found(carton), false);
  assert.equal(found({ ...carton, box: there }), true);
});

test('after a restart the baseline and the object are there again; a thing put down meanwhile is found', () => {
  const foreground = newForeground();
  const painter = new Painter(1);
  const script = (t: number): Moment => ({
    things: [
      ...(t >= 20 ? [carton] : []),
      ...(t >= 100 ? [{ kind: 'bags', look: 3, box: standing(0.8, 0.85, 0.08, 0.1) } as const] : []),
    ],
  });
  const before = play(script, { toS: 60, foreground, painter }).at(-1)?.objects ?? [];
  const bytes = foreground.save();
  assert.ok(bytes && bytes.length < 300_000);

  const after = newForeground();
  assert.equal(after.restore(bytes), true);
  const shown = play(script, { fromS: 120, toS: 160, foreground: after, painter });
  assert.deepEqual(
    shown[0]?.objects.map(({ id, sinceMs }) => ({ id, sinceMs })),
    before.map(({ id, sinceMs }) => ({ id, sinceMs })),
  );
  assert.equal(shown.at(-1)?.objects.length, 2);
});

test('without a stored baseline what is there at first is no object; damaged bytes are refused', () => {
  assert.equal(anyObject(play(() => ({ things: [carton] }), { toS: 60 })), false);
  const foreground = newForeground();
  play(() => ({}), { toS: 5, foreground });
  const bytes = foreground.save();
  assert.ok(bytes);
  const fresh = newForeground();
  for (const at of [0, 40, bytes.length - 1]) {
    const damaged: Uint8Array = Uint8Array.from(bytes);
    damaged[at] = 255 - (bytes[at] ?? 0);
    assert.equal(fresh.restore(damaged), false);
  }
  assert.equal(fresh.restore(bytes.subarray(0, 100)), false);
  assert.equal(fresh.restore(new Uint8Array()), false);
});

test('a person who retakes the baseline gives up what stands in it', () => {
  const foreground = newForeground();
  const painter = new Painter(1);
  const script = (t: number): Moment => ({ things: t >= 20 ? [carton] : [] });
  assert.equal(anyObject(play(script, { toS: 60, foreground, painter })), true);
  foreground.retakeBaseline();
  assert.equal(anyObject(play(script, { fromS: 60, toS: 100, foreground, painter })), false);
});

test('the same frames give the same objects, and frames that are not newer change nothing', () => {
  const once = play((t) => delivery(t), { toS: 45 });
  const foreground = newForeground();
  const painter = new Painter(1);
  const twice: unknown[] = [];
  for (let i = 0; i < 90; i++) {
    const t = i / 2;
    const moment = delivery(t);
    const frame = painter.frame(moment, t);
    const tracks = (moment.things ?? []).flatMap(({ kind, track, box: where }) =>
      kind === 'person' && track
        ? [{ id: track, class: 'person' as const, score: 0.8, box: where, seen: true, still: false }]
        : [],
    );
    twice.push(foreground.step(frame, input, tracks, 1000 * t));
    foreground.step(frame, input, [], 1000 * t);
    foreground.step(frame, input, [], 1000 * t - 400);
  }
  assert.deepEqual(
    twice,
    once.map(({ objects }) => objects),
  );
});

test('every blob that is looked at says which condition it meets and which not', () => {
  const foreground = new StaticForeground({ zones: wholeFrame });
  play((t) => ({ things: t >= 10 ? [carton] : [] }), { toS: 20, foreground });
  const [watched] = foreground.watched;
  assert.equal(watched?.judgement.is, 'not-still');
  const still = watched?.judgement.conditions.find(({ name }) => name === 'still-s');
  assert.deepEqual([still?.passed, still?.threshold], [false, 15]);
  assert.ok(watched?.judgement.conditions.some(({ name, passed }) => name === 'structure' && passed));
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@gatehouse/kit';
import type { InputShape } from '../../detect/detector.ts';
import { lumaOf } from '../../scene/luma.ts';
import { ViewHealth } from '../view-health.ts';

const input: InputShape = { width: 192, height: 108, fit: 'letterbox', pad: 114 };
type Rgb = readonly [number, number, number];

interface Wall {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
  readonly colour: Rgb;
}

/** A compound of buildings, kerbs and bushes, larger than the picture so that the camera can turn. */
function makeScene(seed: number): (x: number, y: number) => Rgb {
  const random = seededRandom(seed);
  const walls: Wall[] = Array.from({ length: 60 }, () => ({
    x: random() * 400 - 60,
    y: random() * 200 - 40,
    w: 6 + random() * 50,
    h: 6 + random() * 40,
    colour: [40 + random() * 180, 40 + random() * 180, 40 + random() * 180] as const,
  }));
  return (x, y) =>
    walls.findLast((wall) => x >= wall.x && x < wall.x + wall.w && y >= wall.y && y < wall.y + wall.h)
      ?.colour ?? [110, 120, 100];
}

type Look = (x: number, y: number) => Rgb;

/** Shows a camera one picture a second and says what is wrong after each. */
function camera(seed: number) {
  const random = seededRandom(seed + 1);
  const health = new ViewHealth();
  let atMs = 0;
  const open = () => health.conditions.filter((condition) => condition.open).map(({ terms }) => terms.name);
  const show = (seconds: number, look: Look) => {
    const seen = new Set<string>();
    const still = paint(look);
    for (let i = 0; i < seconds; i++) {
      atMs += 1000;
      const noise = Float32Array.from({ length: still.length / 3 }, () => (random() - 0.5) * 6);
      const planes = still.map((value, at) =>
        Math.max(0, Math.min(255, value + (noise[at % noise.length] ?? 0))),
      );
      const frame = { planes, sourceWidth: 1920, sourceHeight: 1080 };
      health.see(atMs, frame, input, lumaOf(frame, input));
      for (const name of open()) seen.add(name);
    }
    return [...seen];
  };
  return { show, open, health };
}

function paint(look: Look): Uint8Array {
  const planes = new Uint8Array(3 * input.width * input.height);
  for (let y = 0; y < input.height; y++)
    for (let x = 0; x < input.width; x++) {
      const [r, g, b] = look(x, y);
      [g, b, r].forEach((value, plane) => {
        planes[(plane * input.height + y) * input.width + x] = Math.max(0, Math.min(255, value));
      });
    }
  return planes;
}

const by =
  (scene: Look, change: (value: number) => number): Look =>
  (x, y) =>
    scene(x, y).map(change) as unknown as Rgb;
const infrared =
  (scene: Look): Look =>
  (x, y) => {
    const [r, g, b] = scene(x, y);
    const grey = 30 + 0.6 * (255 - (r * 2 + g + b) / 4);
    return [grey, grey, grey];
  };
const blurred =
  (scene: Look): Look =>
  (x, y) => {
    const sum: [number, number, number] = [0, 0, 0];
    for (let dy = -4; dy <= 4; dy++)
      for (let dx = -4; dx <= 4; dx++) {
        const [r, g, b] = scene(x + dx, y + dy);
        sum[0] += r / 81;
        sum[1] += g / 81;
        sum[2] += b / 81;
      }
    return sum;
  };

for (const seed of [1, 2])
  test(`what is wrong with a camera's view is told apart, and clears when it is over (scene ${seed})`, () => {
    const scene = makeScene(seed);
    const { show, open, health } = camera(seed);
    assert.deepEqual(show(125, scene), []);
    const troubles: readonly (readonly [string, number, Look])[] = [
      ['covered', 30, () => [70, 60, 50]],
      ['covered', 30, () => [2, 2, 2]],
      ['blinded', 30, () => [255, 255, 253]],
      ['moved', 40, (x, y) => scene(x + 16, y + 6)],
      ['moved', 40, makeScene(seed + 50)],
      ['blurred', 90, blurred(scene)],
    ];
    for (const [name, seconds, look] of troubles) {
      assert.deepEqual(show(seconds, look), [name]);
      assert.equal(health.blind, name === 'covered' || name === 'blinded', name);
      show(45, scene);
      assert.deepEqual(open(), [], `after ${name}`);
      assert.equal(health.blind, false);
    }
  });

test('dusk, a low sun, parked cars, and the change to infrared and back are nothing wrong', () => {
  const scene = makeScene(9);
  const { show } = camera(9);
  assert.deepEqual(show(125, scene), []);
  for (const look of [
    by(scene, (value) => value * 0.45),
    by(scene, (value) => 60 + value * 0.7),
    ((x, y) => (x < 60 ? by(scene, (value) => value * 0.5) : scene)(x, y)) satisfies Look,
    ((x, y) => (x > 40 && x < 110 && y > 60 ? [30, 30, 120] : scene(x, y))) satisfies Look,
    infrared(scene),
    scene,
  ])
    assert.deepEqual(show(75, look), []);
});

test('a hand before the lens for two seconds blinds at once and is no condition', () => {
  const scene = makeScene(4);
  const { show, health } = camera(4);
  show(125, scene);
  assert.deepEqual(
    show(2, () => [90, 60, 50]),
    [],
  );
  assert.equal(health.blind, true);
  show(2, scene);
  assert.equal(health.blind, false);
});

test('a person who re-takes the baseline ends a moved view', () => {
  const { show, open, health } = camera(5);
  show(125, makeScene(5));
  show(40, makeScene(6));
  assert.deepEqual(open(), ['moved']);
  health.retakeBaseline();
  show(125, makeScene(6));
  assert.deepEqual(open(), []);
});

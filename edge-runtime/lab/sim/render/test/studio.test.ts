import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Actor, Fixture, Moment, Pose, View, World } from '../../world.ts';
import { Studio } from '../studio.ts';

const view: View = {
  at: [0, 5, 12],
  lookAt: [0, 0.5, 0],
  fovRad: 0.8,
  rollRad: 0,
  widthPx: 480,
  heightPx: 270,
  shakePx: 0,
  noise: 2,
  exposure: 1,
  distortion: 0,
  infrared: false,
};

function worldOf(actors: readonly Actor[], fixtures: readonly Fixture[] = []): World {
  return {
    seed: 5,
    layout: { name: 'test', fixtures, surfaces: [], places: {} },
    light: {
      time: 'day',
      sunAzimuthRad: 1,
      sunHeightRad: 0.8,
      clouds: 0.2,
      rain: 0,
      wind: 0.5,
      lamps: false,
    },
    view,
    actors,
  };
}

function momentOf(...poses: readonly Partial<Pose>[]): Moment {
  const still: Pose = { id: 'thing', at: [0, 0], headingRad: 0, speedMps: 0, travelledM: 0 };
  return { tS: 1, poses: poses.map((pose) => ({ ...still, ...pose })), arms: [] };
}

/** A cardboard box of 0.6 x 0.45 x 0.45 m with nothing on it. */
const thing: Actor = { id: 'thing', kind: 'box', look: 1 };

/**
 * The pixel box of that cardboard box at a place, by a pinhole written out by hand: angles of the camera's
 * axis instead of a matrix, the lens inverted by bisection.
 */
function expectedBox([atX, atZ]: readonly [number, number], distortion = 0) {
  const down = Math.atan2(view.at[1] - view.lookAt[1], view.at[2]);
  const focal = view.heightPx / 2 / Math.tan(view.fovRad / 2);
  const corners = [-0.3, 0.3].flatMap((x) =>
    [0, 0.45].flatMap((y) => [-0.225, 0.225].map((z) => [x, y, z] as const)),
  );
  const seen = corners.map(([x, y, z]) => {
    const [rise, away] = [atYOf(y), view.at[2] - (atZ + z)];
    const depth = away * Math.cos(down) - rise * Math.sin(down);
    const up = away * Math.sin(down) + rise * Math.cos(down);
    const [u, v] = [(atX + x) / depth, up / depth];
    const r = Math.hypot(u, v);
    const shrink = r === 0 ? 1 : lens(r, distortion) / r;
    return [view.widthPx / 2 + focal * u * shrink, view.heightPx / 2 - focal * v * shrink] as const;
  });
  const [xs, ys] = [seen.map(([x]) => x), seen.map(([, y]) => y)];
  return { x1: Math.min(...xs), y1: Math.min(...ys), x2: Math.max(...xs), y2: Math.max(...ys) };
}

const atYOf = (y: number) => y - view.at[1];

function lens(r: number, k: number): number {
  let [low, high] = [0, r];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (middle * (1 + k * middle * middle) < r) low = middle;
    else high = middle;
  }
  return low;
}

let studio: Studio;
before(async () => {
  studio = await Studio.open();
});
after(async () => {
  await studio?.[Symbol.asyncDispose]();
});

for (const { name, at, distortion } of [
  { name: 'in the middle', at: [0, 0], distortion: 0 },
  { name: 'aside', at: [3.2, 2.5], distortion: 0 },
  { name: 'aside, through a lens that distorts', at: [-4, 3], distortion: 0.12 },
] as const)
  test(`a box of known size ${name} is labelled where it must be seen, within 2 px`, async () => {
    await studio.setWorld(worldOf([thing]));
    const [label] = await studio.label(momentOf({ at }), { ...view, distortion });
    const expected = expectedBox(at, distortion);
    assert.ok(label);
    for (const box of [label.box, label.whole])
      for (const edge of ['x1', 'y1', 'x2', 'y2'] as const)
        assert.ok(
          Math.abs(box[edge] - expected[edge]) <= 2,
          `${edge}: ${box[edge]}, expected ${expected[edge].toFixed(1)}`,
        );
    assert.ok(label.visible > 0.95, String(label.visible));
    assert.equal(label.cut, false);
    assert.equal(label.class, 'clutter');
  });

test('what a wall hides half of is half visible, and whole in its whole box', async () => {
  // The wall's edge lies in the plane that the camera looks along, and so does the box's middle.
  const wall: Fixture = { kind: 'wall', from: [0, 2], to: [6, 2], heightM: 3, look: 1 };
  await studio.setWorld(worldOf([thing], [wall]));
  const [label] = await studio.label(momentOf({ at: [0, 0] }), view);
  const expected = expectedBox([0, 0]);
  assert.ok(label);
  assert.ok(Math.abs(label.visible - 0.5) < 0.06, String(label.visible));
  assert.ok(Math.abs(label.box.x2 - view.widthPx / 2) <= 4, String(label.box.x2));
  assert.ok(Math.abs(label.whole.x2 - expected.x2) <= 2, String(label.whole.x2));
});

test('what the edge of the picture halves is cut and half visible', async () => {
  await studio.setWorld(worldOf([thing]));
  const { x1, x2 } = expectedBox([0, 0]);
  // Turned by so much that the box's middle is on the left edge: its distance aside over its depth is half
  // the angle of view's.
  const edge = (view.widthPx / view.heightPx) * Math.tan(view.fovRad / 2);
  const down = Math.atan2(view.at[1] - view.lookAt[1], view.at[2]);
  const asideAt = (yaw: number) =>
    (12 * Math.sin(yaw)) / (12 * Math.cos(yaw) * Math.cos(down) + 4.775 * Math.sin(down));
  let yaw = 0;
  while (asideAt(yaw) < edge) yaw += 0.0005;
  const turned: View = { ...view, lookAt: [12 * Math.sin(yaw), view.lookAt[1], 12 - 12 * Math.cos(yaw)] };
  const [label] = await studio.label(momentOf({ at: [0, 0] }), turned);
  assert.ok(label);
  assert.equal(label.cut, true);
  assert.equal(label.box.x1, 0);
  assert.ok(label.visible > 0.3 && label.visible < 0.7, String(label.visible));
  assert.ok(label.whole.x2 < x2 - x1);
});

test('a wall that hides all leaves no label, and who is not in the moment has none', async () => {
  const wall: Fixture = { kind: 'wall', from: [-6, 2], to: [6, 2], heightM: 3, look: 1 };
  await studio.setWorld(worldOf([thing, { ...thing, id: 'absent' }], [wall]));
  assert.deepEqual(await studio.label(momentOf({ at: [0, 0] }), view), []);
});

test('a rider is a person of its own on a two-wheeler that goes without', async () => {
  await studio.setWorld(worldOf([{ id: 'bike', kind: 'ebike', look: 3, rider: true }]));
  const labels = await studio.label(momentOf({ id: 'bike', headingRad: 0.4 }), view);
  assert.deepEqual(
    labels.map(({ id, class: labelClass }) => [id, labelClass]),
    [
      ['bike', 'motorcycle'],
      ['bike/rider', 'person'],
    ],
  );
});

test('the same world and moment make the same picture and labels, whatever was drawn between; another frame has other noise', async () => {
  const world = worldOf([
    { id: 'car', kind: 'sedan', look: 9 },
    { id: 'walker', kind: 'person', look: 4 },
  ]);
  const moment = momentOf(
    { id: 'car', headingRad: 0.7 },
    { id: 'walker', at: [3, 1], speedMps: 1.2, travelledM: 0.4 },
  );
  await studio.setWorld(world);
  const first = await studio.draw(moment, view, 7);
  await studio.setWorld(worldOf([thing]));
  await studio.draw(momentOf({ at: [1, 1] }), { ...view, distortion: 0.1 }, 3);
  await studio.setWorld(world);
  const second = await studio.draw(moment, view, 7);
  assert.deepEqual(second.labels, first.labels);
  assert.equal(first.labels.length, 2);
  assert.ok(second.pixels.equals(first.pixels));
  const other = await studio.draw(moment, view, 8);
  assert.ok(!other.pixels.equals(first.pixels));
  assert.deepEqual(other.labels, first.labels);
});

test('a picture shows what its labels say: the car differs from the empty scene inside its box, not far from it', async () => {
  const world = worldOf([{ id: 'car', kind: 'suv', look: 2 }]);
  const still = { ...view, noise: 0 };
  await studio.setWorld(world);
  const { pixels, labels } = await studio.draw(momentOf({ id: 'car' }), still, 0);
  const empty = (await studio.draw(momentOf(), still, 0)).pixels;
  const box = labels[0]?.box;
  assert.ok(box);
  const changed = (x: number, y: number) =>
    [0, 1, 2].some(
      (c) => Math.abs((pixels[(y * 480 + x) * 4 + c] ?? 0) - (empty[(y * 480 + x) * 4 + c] ?? 0)) > 12,
    );
  const middle = [Math.round((box.x1 + box.x2) / 2), Math.round((box.y1 + box.y2) / 2)] as const;
  assert.ok(changed(...middle));
  assert.ok(!changed(10, 10) && !changed(470, 260));
});

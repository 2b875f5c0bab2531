import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Ground } from '../../world.ts';
import { fixtureFootprint, overlaps, within } from '../footprint.ts';
import { sites } from '../index.ts';

const all = Object.values(sites);
const [x, z] = [0, 1] as const;

function extent(polygon: readonly Ground[], axis: 0 | 1): number {
  const values = polygon.map((corner) => corner[axis]);
  return Math.max(...values) - Math.min(...values);
}

test('the fire lane is at least 4 m wide and 5 m off the wall (GB 50016-2014, 7.1.8)', () => {
  const lane = sites.lane.places['fire-lane'] ?? [];
  assert.ok(extent(lane, z) >= 4);
  const wall = sites.lane.fixtures.find(({ kind }) => kind === 'building');
  assert.ok(wall);
  const facade = Math.max(...fixtureFootprint(wall).map((corner) => corner[z]));
  assert.ok(Math.min(...lane.map((corner) => corner[z])) - facade >= 5);
});

test('parking bays measure 2.5 by 5.3 m', () => {
  const bays = Object.entries(sites.lane.places).filter(([name]) => name.startsWith('bay-'));
  assert.equal(bays.length, 20);
  for (const [name, bay] of bays) {
    assert.ok(Math.abs(extent(bay, x) - 2.5) < 1e-9, name);
    assert.ok(Math.abs(extent(bay, z) - 5.3) < 1e-9, name);
  }
});

test('cameras hang 3 to 8 m high', () => {
  for (const site of all)
    for (const [name, { at }] of Object.entries(site.cameras))
      assert.ok(at[1] >= 3 && at[1] <= 8, `${site.name}/${name}: ${at[1]}`);
});

test('no door, whose porch would fill the picture, is within 6 m of a camera', () => {
  for (const site of all)
    for (const [name, { at }] of Object.entries(site.cameras))
      for (const fixture of site.fixtures)
        for (const door of fixture.kind === 'building' ? (fixture.doors ?? []) : []) {
          const apart = Math.hypot(door[0] - at[0], door[1] - at[2]);
          assert.ok(apart >= 6, `${site.name}/${name}: a door ${apart} m away`);
        }
});

test('no building, wall or hedge stands in a place where something can happen', () => {
  for (const site of all)
    for (const [name, place] of Object.entries(site.places))
      for (const fixture of site.fixtures) {
        if (!['building', 'wall', 'hedge', 'guard-house'].includes(fixture.kind)) continue;
        assert.ok(!overlaps(fixtureFootprint(fixture), place), `${site.name}/${name}: ${fixture.kind}`);
      }
});

test('overlaps and within agree with squares laid out by hand', () => {
  const square = (left: number, top: number): Ground[] => [
    [left, top],
    [left + 2, top],
    [left + 2, top + 2],
    [left, top + 2],
  ];
  const diamond: Ground[] = [
    [3, 1],
    [4, 2],
    [3, 3],
    [2, 2],
  ];
  assert.ok(overlaps(square(0, 0), square(1, 1)));
  assert.ok(!overlaps(square(0, 0), square(2.1, 0)));
  // Their outlines' boxes overlap, they themselves do not.
  assert.ok(
    !overlaps(
      square(0, 0),
      diamond.map(([a, b]): Ground => [a - 0.4, b + 0.6]),
    ),
  );
  assert.ok(within([1, 1], square(0, 0)) && within([1, 1], square(0, 0).reverse()));
  assert.ok(!within([3, 1], square(0, 0)));
});

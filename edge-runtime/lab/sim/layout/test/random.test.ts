import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sizes } from '../../sizes.ts';
import { labelClassOf } from '../../world.ts';
import { actorFootprint, fixtureFootprint, overlaps, within } from '../footprint.ts';
import { lensOf, project } from '../projection.ts';
import { type RandomWorld, randomWorld } from '../random.ts';
import { heldOutFamilies, trainFamilies } from '../random-families.ts';

const seeds = fc.integer({ min: 0, max: 0x7fff_ffff });
const families = fc.constantFrom('train' as const, 'held-out' as const);

function assertSound({ world, moments, views }: RandomWorld): void {
  const kinds = new Map(world.actors.map((actor) => [actor.id, actor.kind]));
  const solid = world.layout.fixtures.map(fixtureFootprint);
  assert.equal(kinds.size, world.actors.length);
  assert.equal(moments.length, views.length);
  for (const [i, { poses }] of moments.entries()) {
    assert.ok(poses.length <= 25);
    const lens = lensOf(views[i] ?? world.view);
    const footprints = poses.map(({ id, at, headingRad }) => {
      const kind = kinds.get(id);
      assert.ok(kind, `${id} is in no list of actors`);
      assert.ok(
        project(lens, [at[0], sizes[kind].heightM / 2, at[1]]).depthM > 0,
        `${id} is behind the camera`,
      );
      return actorFootprint(kind, at, headingRad);
    });
    for (const [a, one] of footprints.entries()) {
      assert.ok(!solid.some((other) => overlaps(one, other)), 'stands in something solid');
      assert.ok(!footprints.slice(a + 1).some((other) => overlaps(one, other)), 'two stand in one place');
    }
  }
}

test('any seed gives a world in which everything stands in its own place and in front of the camera', () => {
  fc.assert(
    fc.property(seeds, families, (seed, family) => assertSound(randomWorld(seed, family))),
    {
      numRuns: 60,
      examples: [
        [0, 'train'],
        [0x7fff_ffff, 'held-out'],
      ],
    },
  );
});

test('cameras hang in no building and 1.5 to 12 m high', () => {
  for (let seed = 0; seed < 100; seed++) {
    const { world, views } = randomWorld(seed);
    for (const { at } of views) {
      assert.ok(at[1] >= 1.5 && at[1] <= 12);
      const buildings = world.layout.fixtures.filter(({ kind }) => kind === 'building');
      assert.ok(!buildings.some((one) => within([at[0], at[2]], fixtureFootprint(one))), `seed ${seed}`);
    }
  }
});

test('the same seed gives the same world, another seed or family another', () => {
  assert.deepEqual(randomWorld(7), randomWorld(7));
  assert.notDeepEqual(randomWorld(7).world, randomWorld(8).world);
  assert.notDeepEqual(randomWorld(7).world, randomWorld(7, 'held-out').world);
});

test('training and measuring share no way of laying a compound out', () => {
  const [train, heldOut] = [Object.keys(trainFamilies), Object.keys(heldOutFamilies)];
  assert.deepEqual(
    train.filter((name) => heldOut.includes(name)),
    [],
  );
  const names = (family: 'train' | 'held-out') =>
    new Set(
      Array.from({ length: 60 }, (_, seed) => randomWorld(seed, family).world.layout.name.split('-')[0]),
    );
  assert.deepEqual([...names('train')].sort(), train.sort());
  assert.deepEqual([...names('held-out')].sort(), heldOut.sort());
});

test('pictures hold all classes, near and far, crowded and empty', () => {
  const worlds = Array.from({ length: 150 }, (_, seed) => randomWorld(seed));
  const counts: number[] = [];
  const heights: number[] = [];
  const classes = new Map<string, number>();
  for (const { world, moments, views } of worlds)
    for (const [i, { poses }] of moments.entries()) {
      const view = views[i] ?? world.view;
      const lens = lensOf(view);
      const kinds = new Map(world.actors.map((actor) => [actor.id, actor.kind]));
      const counted = poses.filter(({ id }) => labelClassOf[kinds.get(id) ?? 'box'] !== 'clutter');
      counts.push(counted.length);
      for (const { id, at } of counted) {
        const kind = kinds.get(id) ?? 'box';
        classes.set(labelClassOf[kind], (classes.get(labelClassOf[kind]) ?? 0) + 1);
        const height = sizes[kind].heightM;
        heights.push((height * lens.focalPx) / project(lens, [at[0], height / 2, at[1]]).depthM);
      }
    }
  const share = (list: readonly number[], is: (value: number) => boolean) =>
    list.filter(is).length / list.length;
  const empty = share(counts, (count) => count === 0);
  assert.ok(empty > 0.03 && empty < 0.12, `${empty} are empty`);
  assert.ok(share(counts, (count) => count >= 10) > 0.15);
  assert.ok(share(heights, (px) => px >= 12 && px <= 200) > 0.8);
  assert.ok(share(heights, (px) => px < 24) > 0.2 && share(heights, (px) => px > 60) > 0.1);
  for (const name of ['person', 'car', 'truck', 'motorcycle'])
    assert.ok((classes.get(name) ?? 0) > 200, name);
});

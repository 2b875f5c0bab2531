import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crossingSides, Zone } from '@gatehouse/contracts';
import fc from 'fast-check';
import { actorFootprint, within } from '../../layout/footprint.ts';
import { groundAt, lensOf, project } from '../../layout/projection.ts';
import { randomWorld } from '../../layout/random.ts';
import { sizes } from '../../sizes.ts';
import { scenarioFile, scenarioNames } from '../files.ts';
import { loadScenario } from '../load.ts';
import { worldOf } from '../scenario-world.ts';
import { sidecarOf } from '../sidecar.ts';
import { statedStays } from '../stays.ts';
import { zonePolygon } from '../zones.ts';

for (const name of scenarioNames())
  test(`${name}: its zones are zones of a site file, and lie where the places are`, () => {
    const loaded = loadScenario(scenarioFile(name));
    const { view } = worldOf(loaded).world;
    const lens = lensOf(view);
    for (const zone of sidecarOf(loaded).zones) {
      const { polygon } = Zone.parse(zone);
      assert.equal(crossingSides(polygon), undefined);
      const place = loaded.site.places[zone.id] ?? [];
      const middle: [number, number] = [0, 1].map(
        (axis) => polygon.reduce((sum, corner) => sum + (corner[axis as 0 | 1] ?? 0), 0) / polygon.length,
      ) as [number, number];
      // Every corner, moved a hundredth towards the middle, is a point of the place on the ground.
      for (const [x, y] of polygon) {
        const [px, py] = [x + (middle[0] - x) / 100, y + (middle[1] - y) / 100];
        const ground = groundAt(lens, px * view.widthPx, py * view.heightPx);
        assert.ok(ground && within(ground, place), `${zone.id}: ${x}, ${y} is ${ground}`);
      }
    }
  });

for (const name of scenarioNames())
  test(`${name}: whoever must be noticed is in the picture, whole`, () => {
    const loaded = loadScenario(scenarioFile(name));
    const { world, momentAt } = worldOf(loaded);
    const { view } = world;
    const lens = lensOf(view);
    const zones = new Set(loaded.scenario.zones.map(({ place }) => place));
    for (const { actor, kind, place, fromS } of statedStays(loaded.cast.map((role) => role.actor))) {
      const pose = momentAt(fromS + 0.1).poses.find(({ id }) => id === actor);
      if (!zones.has(place) || !pose) continue;
      for (const [x, z] of actorFootprint(kind, pose.at, pose.headingRad))
        for (const y of [0, sizes[kind].heightM]) {
          const seen = project(lens, [x, y, z]);
          assert.ok(seen.x >= 0 && seen.x <= view.widthPx, `${actor} at ${fromS} s: x ${seen.x}`);
          assert.ok(seen.y >= 0 && seen.y <= view.heightPx, `${actor} at ${fromS} s: y ${seen.y}`);
        }
    }
  });

test('a square of the ground straight below a camera is a square of the picture', () => {
  // 10 m up and (all but) straight down; 90 degrees and 200 pixels make 10 pixels a metre on the ground.
  const view = { ...worldOf(loadScenario(scenarioFile('parking-rain'))).world.view, distortion: 0 };
  const down = {
    ...view,
    at: [0, 10, 1e-6] as const,
    lookAt: [0, 0, 0] as const,
    fovRad: Math.PI / 2,
    widthPx: 200,
    heightPx: 200,
  };
  const square = [
    [-2, -2],
    [2, -2],
    [2, 2],
    [-2, 2],
  ] as const;
  assert.deepEqual(zonePolygon(square, down), [
    [0.4, 0.4],
    [0.6, 0.4],
    [0.6, 0.6],
    [0.4, 0.6],
  ]);
  // Half outside the picture: cut off at its edge.
  const beside = square.map(([x, z]) => [x + 10, z] as const);
  assert.deepEqual(zonePolygon(beside, down), [
    [0.9, 0.4],
    [1, 0.4],
    [1, 0.6],
    [0.9, 0.6],
  ]);
  assert.deepEqual(
    zonePolygon(
      square.map(([x, z]) => [x + 20, z] as const),
      down,
    ),
    [],
  );
});

test('any place through any camera gives a sound polygon, or none', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 5000 }), (seed) => {
      const { world, views } = randomWorld(seed);
      for (const view of views)
        for (const place of Object.values(world.layout.places)) {
          const polygon = zonePolygon(place, view);
          if (polygon.length === 0) continue;
          assert.ok(polygon.length >= 3 && polygon.length <= 32);
          assert.ok(polygon.flat().every((value) => value >= 0 && value <= 1));
        }
    }),
    { numRuns: 60 },
  );
});

test('rules are written as the product knows them', () => {
  const zones = sidecarOf(loadScenario(scenarioFile('fire-passage-tricycle'))).zones;
  const [rule] = Zone.parse(zones[0]).rules;
  assert.equal(rule?.kind, 'fire-passage');
  assert.deepEqual(rule?.kind === 'fire-passage' && rule.classes, [
    'car',
    'bus',
    'truck',
    'motorcycle',
    'bicycle',
  ]);
});

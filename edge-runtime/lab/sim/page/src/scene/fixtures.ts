import type { Fixture, Ground } from '../../../world.ts';
import type { Layer } from '../picture/layers.ts';
import { Throws } from '../throws.ts';
import { building } from './building.ts';
import { type Coat, type P3, type Rgb, StaticMesh } from './mesh.ts';
import { bush, hedge, tree } from './plants.ts';

/** Things that stand still: opaque ones, and those with holes (leaves, bars). */
export interface FixtureMeshes {
  readonly solid: StaticMesh;
  readonly cutout: StaticMesh;
}

type Of<K extends Fixture['kind']> = Extract<Fixture, { kind: K }>;

const steel: Coat = { layer: 'white', rgb: [0.5, 0.51, 0.53], gloss: 0.25 };
const dark: Coat = { layer: 'white', rgb: [0.16, 0.17, 0.18] };

export const plain = (rgb: Rgb, gloss = 0, layer: Layer = 'white'): Coat => ({ layer, rgb, gloss });

/** Draws all fixtures of a layout. */
export function fixtureMeshes(fixtures: readonly Fixture[]): FixtureMeshes {
  const meshes = { solid: new StaticMesh(), cutout: new StaticMesh() };
  for (const fixture of fixtures) draw(meshes, fixture);
  return meshes;
}

function draw({ solid, cutout }: FixtureMeshes, fixture: Fixture): void {
  switch (fixture.kind) {
    case 'building':
      building(solid, fixture);
      return;
    case 'wall':
    case 'fence':
      barrier(solid, cutout, fixture);
      return;
    case 'hedge':
      hedge(solid, cutout, fixture);
      return;
    case 'tree':
      tree(solid, cutout, fixture);
      return;
    case 'bush':
      bush(cutout, fixture);
      return;
    case 'barrier-gate':
      gatePost(solid, fixture);
      return;
    default:
      furniture[fixture.kind](solid, fixture);
      return;
  }
}

function barrier(
  solid: StaticMesh,
  cutout: StaticMesh,
  { kind, from, to, heightM, look }: Of<'wall' | 'hedge' | 'fence'>,
): void {
  const t = new Throws(look, 51);
  const [dx, dz] = [to[0] - from[0], to[1] - from[1]];
  const length = Math.hypot(dx, dz);
  const heading = Math.atan2(dz, dx);
  const middle: Ground = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
  if (kind === 'wall') {
    const tone = t.uniform(0.6, 0.95);
    const coat = t.chance(0.35)
      ? plain([0.85, 0.8, 0.78], 0, 'brick')
      : plain([tone, tone * 0.98, tone * t.uniform(0.85, 0.97)], 0, 'wall');
    solid.box([middle[0], heightM / 2, middle[1]], [length, heightM, 0.24], heading, coat, { tile: 2.4 });
    solid.box(
      [middle[0], heightM + 0.05, middle[1]],
      [length + 0.1, 0.1, 0.36],
      heading,
      plain([0.6, 0.58, 0.55], 0, 'wall'),
    );
    return;
  }
  const paint: Coat = {
    layer: 'fence',
    rgb: t.pick<Rgb>([
      [0.15, 0.16, 0.17],
      [0.85, 0.86, 0.86],
      [0.2, 0.35, 0.25],
    ]),
  };
  const tiles = length / 1.2;
  const [a, b]: [P3, P3] = [
    [from[0], 0, from[1]],
    [to[0], 0, to[1]],
  ];
  const top = (p: P3): P3 => [p[0], heightM, p[2]];
  cutout.quad([a, b, top(b), top(a)], [-dz / length, 0, dx / length], paint, [
    [0, 1],
    [tiles, 1],
    [tiles, 0],
    [0, 0],
  ]);
  for (let i = 0; i <= length; i += 2.4) {
    const at: P3 = [from[0] + (dx * i) / length, heightM / 2, from[1] + (dz * i) / length];
    solid.box(at, [0.07, heightM, 0.07], heading, { ...paint, layer: 'white' });
  }
}

function local(at: Ground, headingRad: number, a: number, y: number, b: number): P3 {
  const [c, s] = [Math.cos(headingRad), Math.sin(headingRad)];
  return [at[0] + a * c - b * s, y, at[1] + a * s + b * c];
}

type Furniture = 'lamp' | 'bollard' | 'sign' | 'hydrant' | 'bench' | 'bin-row' | 'guard-house';

const furniture: Readonly<Record<Furniture, (mesh: StaticMesh, fixture: Of<Furniture>) => void>> = {
  lamp(mesh, { at, headingRad }) {
    mesh.tube([at[0], 0, at[1]], [at[0], 4.5, at[1]], 0.075, 0.05, dark);
    mesh.tube([at[0], 4.4, at[1]], local(at, headingRad, 0.8, 4.7, 0), 0.035, 0.03, dark, 5);
    mesh.box(local(at, headingRad, 0.9, 4.68, 0), [0.5, 0.08, 0.2], headingRad, {
      ...steel,
      rgb: [0.8, 0.8, 0.78],
      glow: 0,
    });
    mesh.box([at[0], 0.2, at[1]], [0.22, 0.4, 0.22], headingRad, dark);
  },
  bollard(mesh, { at, look }) {
    const paint = plain(look % 2 ? [0.75, 0.6, 0.1] : [0.6, 0.6, 0.62], 0.2);
    mesh.tube([at[0], 0, at[1]], [at[0], 0.75, at[1]], 0.07, 0.07, paint, 8);
    mesh.tube([at[0], 0.5, at[1]], [at[0], 0.6, at[1]], 0.075, 0.075, plain([0.8, 0.1, 0.08]), 8);
    mesh.tube([at[0], 0.75, at[1]], [at[0], 0.79, at[1]], 0.07, 0.01, paint, 8);
  },
  sign(mesh, { at, headingRad }) {
    mesh.tube([at[0], 0, at[1]], [at[0], 2.3, at[1]], 0.03, 0.03, steel, 6);
    const board = (front: number): [P3, P3, P3, P3] => [
      local(at, headingRad, front, 1.55, 0.33 * Math.sign(front)),
      local(at, headingRad, front, 1.55, -0.33 * Math.sign(front)),
      local(at, headingRad, front, 2.35, -0.33 * Math.sign(front)),
      local(at, headingRad, front, 2.35, 0.33 * Math.sign(front)),
    ];
    const n: P3 = [Math.cos(headingRad), 0, Math.sin(headingRad)];
    mesh.quad(board(0.05), n, plain([1, 1, 1], 0.1, 'sign'), [
      [0, 1],
      [1, 1],
      [1, 0],
      [0, 0],
    ]);
    mesh.quad(board(-0.05), [-n[0], 0, -n[2]], plain([0.55, 0.56, 0.58], 0.1));
  },
  hydrant(mesh, { at }) {
    const red = plain([0.72, 0.08, 0.06], 0.25);
    mesh.tube([at[0], 0, at[1]], [at[0], 0.62, at[1]], 0.1, 0.09, red, 8);
    mesh.tube([at[0], 0.62, at[1]], [at[0], 0.74, at[1]], 0.1, 0.02, red, 8);
    mesh.tube([at[0] - 0.18, 0.45, at[1]], [at[0] + 0.18, 0.45, at[1]], 0.05, 0.05, red, 6);
  },
  bench(mesh, { at, headingRad, look }) {
    const wood = plain(look % 2 ? [0.45, 0.3, 0.2] : [0.5, 0.45, 0.4], 0.05);
    for (let i = 0; i < 4; i++)
      mesh.box(local(at, headingRad, -0.2 + i * 0.13, 0.45, 0), [0.1, 0.04, 1.6], headingRad, wood);
    for (const y of [0.65, 0.8])
      mesh.box(local(at, headingRad, -0.27, y, 0), [0.04, 0.1, 1.6], headingRad, wood);
    for (const b of [-0.65, 0.65])
      mesh.box(local(at, headingRad, -0.02, 0.22, b), [0.45, 0.44, 0.07], headingRad, dark);
  },
  'bin-row'(mesh, { at, headingRad, look }) {
    const t = new Throws(look, 52);
    for (let i = 0; i < 4; i++) {
      const paint = plain(
        t.pick<Rgb>([
          [0.1, 0.32, 0.16],
          [0.12, 0.2, 0.42],
          [0.25, 0.25, 0.27],
          [0.5, 0.12, 0.1],
        ]),
        0.1,
      );
      mesh.box(local(at, headingRad, 0, 0.5, -1 + i * 0.68), [0.55, 0.9, 0.55], headingRad, paint);
      mesh.box(local(at, headingRad, 0, 0.99, -1 + i * 0.68), [0.64, 0.08, 0.62], headingRad, paint);
    }
  },
  'guard-house'(mesh, { at, headingRad }) {
    const wall = plain([0.86, 0.85, 0.82], 0.05, 'wall');
    mesh.box([at[0], 0.5, at[1]], [3, 1, 2.4], headingRad, wall, { tile: 2 });
    mesh.box([at[0], 1.5, at[1]], [2.86, 1.05, 2.26], headingRad, {
      layer: 'white',
      rgb: [0.13, 0.16, 0.18],
      gloss: 0.8,
    });
    for (const [a, b] of [
      [1.42, 1.12],
      [1.42, -1.12],
      [-1.42, 1.12],
      [-1.42, -1.12],
      [0.2, 1.14],
      [0.2, -1.14],
    ] as const)
      mesh.box(local(at, headingRad, a, 1.5, b), [0.12, 1.1, 0.12], headingRad, wall);
    mesh.box([at[0], 2.25, at[1]], [3, 0.45, 2.4], headingRad, plain([0.2, 0.34, 0.6], 0.2));
    mesh.box([at[0], 2.55, at[1]], [3.5, 0.16, 2.9], headingRad, plain([0.7, 0.7, 0.7], 0, 'concrete'));
  },
};

function gatePost(mesh: StaticMesh, { at, headingRad }: Of<'barrier-gate'>): void {
  mesh.box([at[0], 0.5, at[1]], [0.36, 1.0, 0.3], headingRad, plain([0.85, 0.55, 0.1], 0.3));
  mesh.box([at[0], 1.03, at[1]], [0.4, 0.08, 0.34], headingRad, dark);
}

/** Barrier arms as far up as they are: red and white, rebuilt each moment. */
export function armMesh(fixtures: readonly Fixture[], arms: readonly number[]): StaticMesh {
  const mesh = new StaticMesh();
  const gates = fixtures.filter((fixture) => fixture.kind === 'barrier-gate');
  gates.forEach(({ at, headingRad, armM }, gate) => {
    const lift = ((arms[gate] ?? 0) * Math.PI) / 2.1;
    const along = (r: number): P3 => local(at, headingRad, r * Math.cos(lift), 0.92 + r * Math.sin(lift), 0);
    const pieces = Math.max(2, Math.round(armM / 0.5));
    for (let i = 0; i < pieces; i++) {
      const paint = plain(i % 2 ? [0.8, 0.1, 0.08] : [0.92, 0.92, 0.9], 0.15);
      mesh.tube(along((armM * i) / pieces), along((armM * (i + 1)) / pieces), 0.055, 0.055, paint, 6);
    }
  });
  return mesh;
}

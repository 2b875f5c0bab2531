import type { Ground, Surface } from '../../../world.ts';
import { Throws } from '../throws.ts';
import type { Body } from './cast.ts';
import { type Coat, type P3, type Rgb, StaticMesh } from './mesh.ts';

export interface GroundMeshes {
  readonly floors: StaticMesh;
  /** Painted on the floors, blended. */
  readonly marks: StaticMesh;
  /** Kerbs, which stand up. */
  readonly raised: StaticMesh;
}

type Of<K extends Surface['kind']> = Extract<Surface, { kind: K }>;
type Floor = 'asphalt' | 'paving' | 'grass' | 'concrete' | 'brick';

/** Metres a texture tile covers. */
const tileM: Readonly<Record<Floor, number>> = { asphalt: 4, paving: 2.4, grass: 3, concrete: 5, brick: 1.9 };

/** Range of brightness of each kind of floor, sRGB: fresh asphalt is dark, old asphalt grey. */
const tones: Readonly<Record<Floor, readonly [from: number, to: number]>> = {
  asphalt: [0.42, 0.78],
  paving: [0.6, 0.92],
  grass: [0.75, 1],
  concrete: [0.6, 0.88],
  brick: [0.7, 1],
};

/** Height between floors that lie on each other: enough for the depth buffer at 100 m. */
const step = 0.0025;

export function groundMeshes(surfaces: readonly Surface[]): GroundMeshes {
  const meshes = { floors: new StaticMesh(), marks: new StaticMesh(), raised: new StaticMesh() };
  const earth: Coat = { layer: 'concrete', rgb: [0.62, 0.61, 0.58] };
  meshes.floors.floor(
    [
      [-400, -400],
      [400, -400],
      [400, 400],
      [-400, 400],
    ],
    -0.02,
    6,
    earth,
  );
  let level = 0;
  for (const surface of surfaces) {
    if ('polygon' in surface && surface.kind !== 'fire-lane' && surface.kind !== 'bay') level++;
    draw(meshes, surface, level * step);
  }
  return meshes;
}

function draw({ floors, marks, raised }: GroundMeshes, surface: Surface, y: number): void {
  switch (surface.kind) {
    case 'kerb':
      kerb(raised, surface);
      return;
    case 'fire-lane':
      fireLane(marks, surface.polygon, markLevel);
      return;
    case 'bay':
      bay(marks, surface);
      return;
    case 'stain':
    case 'puddle':
    case 'manhole':
    case 'crack':
    case 'arrow':
      mark(marks, surface);
      return;
    default: {
      const t = new Throws(surface.look, 81);
      const tone = t.uniform(...tones[surface.kind]);
      const warm = t.uniform(-0.05, 0.05);
      const rgb: Rgb = [Math.min(1, tone + warm), tone, Math.min(1, tone - warm)];
      floors.floor(surface.polygon, y, tileM[surface.kind] * t.uniform(0.85, 1.2), {
        layer: surface.kind,
        rgb,
      });
      return;
    }
  }
}

/** Marks lie above all floors: 30 levels of floors fit below. */
const markLevel = 0.09;

function kerb(mesh: StaticMesh, { line, heightM }: Of<'kerb'>): void {
  for (let i = 0; i + 1 < line.length; i++) {
    const [[x1, z1], [x2, z2]] = [line[i] as Ground, line[i + 1] as Ground];
    const length = Math.hypot(x2 - x1, z2 - z1);
    mesh.box(
      [(x1 + x2) / 2, heightM / 2, (z1 + z2) / 2],
      [length, heightM, 0.15],
      Math.atan2(z2 - z1, x2 - x1),
      { layer: 'concrete', rgb: [0.85, 0.84, 0.82] },
      { tile: 1 },
    );
  }
}

/** A painted line of some width between two points. */
function line(mesh: StaticMesh, from: Ground, to: Ground, widthM: number, y: number, coat: Coat): void {
  const [dx, dz] = [to[0] - from[0], to[1] - from[1]];
  const length = Math.hypot(dx, dz) || 1;
  const [ox, oz] = [(-dz / length) * (widthM / 2), (dx / length) * (widthM / 2)];
  const corners: [P3, P3, P3, P3] = [
    [from[0] - ox, y, from[1] - oz],
    [to[0] - ox, y, to[1] - oz],
    [to[0] + ox, y, to[1] + oz],
    [from[0] + ox, y, from[1] + oz],
  ];
  const u = (from[0] + from[1]) * 0.31;
  mesh.quad(corners, [0, 1, 0], coat, [
    [u, 0],
    [u + length / 2, 0],
    [u + length / 2, widthM / 2],
    [u, widthM / 2],
  ]);
}

const yellow: Coat = { layer: 'line', rgb: [0.92, 0.72, 0.12], alpha: 0.9 };

function fireLane(mesh: StaticMesh, polygon: readonly Ground[], y: number): void {
  const sides = polygon.map((from, i) => [from, polygon[(i + 1) % polygon.length] as Ground] as const);
  for (const [from, to] of sides) line(mesh, from, to, 0.15, y, yellow);
  const longest = sides.reduce(
    (best, side) => (lengthOf(side) > lengthOf(best) ? side : best),
    sides[0] ?? [
      [0, 0],
      [1, 0],
    ],
  );
  const [from, to] = longest;
  const along: Ground = [(to[0] - from[0]) / lengthOf(longest), (to[1] - from[1]) / lengthOf(longest)];
  const middle = polygon.reduce<Ground>(
    (sum, [x, z]) => [sum[0] + x / polygon.length, sum[1] + z / polygon.length],
    [0, 0],
  );
  hatching(mesh, polygon, along, y);
  // Letters are read from the long side that is nearer to positive z, where the cameras of the layouts hang.
  const reading: Ground = along[0] >= 0 ? along : [-along[0], -along[1]];
  const half = Math.min(7, lengthOf(longest) * 0.42);
  const at = (a: number, b: number): P3 => [
    middle[0] + reading[0] * a - reading[1] * b,
    y + 0.002,
    middle[1] + reading[1] * a + reading[0] * b,
  ];
  mesh.quad(
    [at(-half, 0.8), at(half, 0.8), at(half, -0.8), at(-half, -0.8)],
    [0, 1, 0],
    { ...yellow, layer: 'fireText', alpha: 1 },
    [
      [0, 0.12],
      [1, 0.12],
      [1, 0.005],
      [0, 0.005],
    ],
  );
}

function lengthOf([from, to]: readonly [Ground, Ground]): number {
  return Math.hypot(to[0] - from[0], to[1] - from[1]);
}

/** Slanted lines in the outer quarters of both long sides, leaving the middle to the letters. */
function hatching(mesh: StaticMesh, polygon: readonly Ground[], along: Ground, y: number): void {
  const across: Ground = [-along[1], along[0]];
  const project = (axis: Ground) => polygon.map(([x, z]) => x * axis[0] + z * axis[1]);
  const [as, bs] = [project(along), project(across)];
  const [a1, a2, b1, b2] = [Math.min(...as), Math.max(...as), Math.min(...bs), Math.max(...bs)];
  const at = (a: number, b: number): Ground => [along[0] * a + across[0] * b, along[1] * a + across[1] * b];
  const band = (b2 - b1) * 0.24;
  for (let a = a1 + 0.3; a + band < a2; a += 1.5) {
    line(mesh, at(a, b1), at(a + band, b1 + band), 0.12, y, yellow);
    line(mesh, at(a + band, b2 - band), at(a, b2), 0.12, y, yellow);
  }
}

function bay(mesh: StaticMesh, { polygon, look }: Of<'bay'>): void {
  const t = new Throws(look, 82);
  const coat: Coat = {
    layer: 'line',
    rgb: t.chance(0.8) ? [0.92, 0.92, 0.9] : [0.9, 0.72, 0.15],
    alpha: t.uniform(0.5, 0.95),
  };
  polygon.forEach((from, i) => {
    line(mesh, from, polygon[(i + 1) % polygon.length] as Ground, 0.1, markLevel, coat);
  });
}

const markCoats: Readonly<Record<Of<'stain' | 'puddle' | 'manhole' | 'crack' | 'arrow'>['kind'], Coat>> = {
  stain: { layer: 'blot', rgb: [0.13, 0.12, 0.11], alpha: 0.75 },
  puddle: { layer: 'blot', rgb: [0.2, 0.2, 0.2], alpha: 1, gloss: 1 },
  manhole: { layer: 'manhole', rgb: [0.36, 0.34, 0.33], gloss: 0.15 },
  crack: { layer: 'crack', rgb: [0.12, 0.12, 0.12], alpha: 0.7 },
  arrow: { layer: 'arrow', rgb: [0.92, 0.92, 0.9], alpha: 0.9 },
};

function mark(
  mesh: StaticMesh,
  { kind, at, radiusM, headingRad }: Of<'stain' | 'puddle' | 'manhole' | 'crack' | 'arrow'>,
): void {
  const layer = { stain: 0, puddle: 1, crack: 2, manhole: 3, arrow: 4 }[kind] * 0.001;
  decal(
    mesh,
    at,
    radiusM,
    kind === 'arrow' ? radiusM * 0.6 : radiusM,
    headingRad,
    markLevel + 0.003 + layer,
    markCoats[kind],
  );
}

/** A texture laid on the ground, `a` by `b` metres from its middle, its top towards the heading's left. */
function decal(
  mesh: StaticMesh,
  at: Ground,
  a: number,
  b: number,
  headingRad: number,
  y: number,
  coat: Coat,
): void {
  const [c, s] = [Math.cos(headingRad), Math.sin(headingRad)];
  const place = (i: number, k: number): P3 => [
    at[0] + i * a * c - k * b * s,
    y,
    at[1] + i * a * s + k * b * c,
  ];
  mesh.quad([place(-1, -1), place(1, -1), place(1, 1), place(-1, 1)], [0, 1, 0], coat);
}

/** The darkness under anything that stands on the ground; it needs no sun. */
export function shadeMesh(
  bodies: readonly Body[],
  extents: readonly { readonly a: number; readonly b: number }[],
): StaticMesh {
  const mesh = new StaticMesh();
  bodies.forEach(({ pose }, i) => {
    const { a, b } = extents[i] ?? { a: 0, b: 0 };
    if (a > 0)
      decal(mesh, pose.at, a, b, pose.headingRad, (pose.liftM ?? 0) + markLevel + 0.012, {
        layer: 'shade',
        rgb: [0, 0, 0],
        alpha: 0.62,
      });
  });
  return mesh;
}

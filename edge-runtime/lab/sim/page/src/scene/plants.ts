import type { Fixture } from '../../../world.ts';
import { Throws } from '../throws.ts';
import type { Coat, P3, Rgb, StaticMesh } from './mesh.ts';

type Of<K extends Fixture['kind']> = Extract<Fixture, { kind: K }>;

const greens: readonly Rgb[] = [
  [0.85, 1, 0.75],
  [0.7, 0.85, 0.6],
  [1, 1, 0.65],
  [0.75, 0.95, 0.8],
  [1, 0.85, 0.5],
];

/** A card of leaves with the normal of the crown it belongs to, so that crowns are lit as round things. */
function card(mesh: StaticMesh, t: Throws, middle: P3, size: number, normal: P3, coat: Coat): void {
  const [turn, tilt] = [t.uniform(0, 6.28), t.uniform(-0.9, 0.9)];
  const along: P3 = [Math.cos(turn), 0, Math.sin(turn)];
  const up: P3 = [-Math.sin(turn) * Math.sin(tilt), Math.cos(tilt), Math.cos(turn) * Math.sin(tilt)];
  const at = (a: number, b: number): P3 => [
    middle[0] + (along[0] * a + up[0] * b) * size,
    middle[1] + (along[1] * a + up[1] * b) * size,
    middle[2] + (along[2] * a + up[2] * b) * size,
  ];
  mesh.quad([at(-0.5, -0.5), at(0.5, -0.5), at(0.5, 0.5), at(-0.5, 0.5)], normal, coat);
}

function crown(
  mesh: StaticMesh,
  t: Throws,
  middle: P3,
  radii: P3,
  count: number,
  sway: number,
  rgb: Rgb,
): void {
  for (let i = 0; i < count; i++) {
    const [turn, rise] = [t.uniform(0, 6.28), t.uniform(-1, 1)];
    const flat = Math.sqrt(1 - rise * rise);
    const n: P3 = [flat * Math.cos(turn), rise, flat * Math.sin(turn)];
    const out = t.uniform(0.45, 0.95);
    const place: P3 = [
      middle[0] + n[0] * radii[0] * out,
      middle[1] + n[1] * radii[1] * out,
      middle[2] + n[2] * radii[2] * out,
    ];
    const shade = t.uniform(0.75, 1.05) * (0.7 + 0.3 * out);
    const coat: Coat = {
      layer: 'leaves',
      rgb: [Math.min(1, rgb[0] * shade), Math.min(1, rgb[1] * shade), Math.min(1, rgb[2] * shade)],
      alpha: Math.min(1, 0.55 + 0.45 * out * (0.6 + 0.4 * rise)),
      sway,
    };
    card(mesh, t, place, radii[0] * t.uniform(0.6, 0.95), [n[0], n[1] * 0.8 + 0.2, n[2]], coat);
  }
}

/** A trunk with a crown of several clusters; conifers and palms are not grown. */
export function tree(
  solid: StaticMesh,
  cutout: StaticMesh,
  { at, heightM, look }: Of<'tree' | 'bush'>,
): void {
  const t = new Throws(look, 61);
  const bark: Coat = { layer: 'wall', rgb: [0.42, 0.35, 0.29] };
  const trunk = heightM * t.uniform(0.28, 0.42);
  const thick = 0.05 + heightM * 0.018;
  const fork: P3 = [at[0] + t.uniform(-0.1, 0.1), trunk, at[1] + t.uniform(-0.1, 0.1)];
  solid.tube([at[0], 0, at[1]], fork, thick * 1.25, thick * 0.8, bark, 7);
  const rgb = t.pick(greens);
  const wide = heightM * t.uniform(0.2, 0.3);
  const clusters = t.int(3, 5);
  for (let i = 0; i < clusters; i++) {
    const turn = (6.28 * i) / clusters + t.uniform(-0.4, 0.4);
    const out = wide * t.uniform(0.35, 0.7);
    const middle: P3 = [
      at[0] + out * Math.cos(turn),
      trunk + (heightM - trunk) * t.uniform(0.25, 0.65),
      at[1] + out * Math.sin(turn),
    ];
    solid.tube(fork, middle, thick * 0.5, thick * 0.2, bark, 5);
    crown(cutout, t, middle, [wide * 0.8, wide * 0.7, wide * 0.8], 13, 1, rgb);
  }
  crown(
    cutout,
    t,
    [at[0], trunk + (heightM - trunk) * 0.68, at[1]],
    [wide * 0.85, wide * 0.9, wide * 0.85],
    16,
    1,
    rgb,
  );
}

export function bush(cutout: StaticMesh, { at, heightM, look }: Of<'tree' | 'bush'>): void {
  const t = new Throws(look, 62);
  const r = heightM * t.uniform(0.5, 0.75);
  crown(cutout, t, [at[0], heightM * 0.45, at[1]], [r, heightM * 0.5, r], 26, 0.3, t.pick(greens));
}

/** A clipped hedge: a leafy block with cards that break its edges. */
export function hedge(
  solid: StaticMesh,
  cutout: StaticMesh,
  { from, to, heightM, look }: Of<'wall' | 'hedge' | 'fence'>,
): void {
  const t = new Throws(look, 63);
  const [dx, dz] = [to[0] - from[0], to[1] - from[1]];
  const length = Math.hypot(dx, dz);
  const rgb = t.pick(greens);
  const coat: Coat = { layer: 'hedge', rgb };
  solid.box(
    [(from[0] + to[0]) / 2, heightM / 2, (from[1] + to[1]) / 2],
    [length, heightM, 0.8],
    Math.atan2(dz, dx),
    coat,
    { tile: 1.6 },
  );
  const cards = Math.min(90, Math.round(length * 4));
  for (let i = 0; i < cards; i++) {
    const [a, side] = [t.uniform(0, 1), t.uniform(-0.42, 0.42)];
    const place: P3 = [
      from[0] + dx * a - (dz / length) * side,
      heightM * t.uniform(0.75, 1.02),
      from[1] + dz * a + (dx / length) * side,
    ];
    card(cutout, t, place, t.uniform(0.25, 0.45), [0, 1, 0], { layer: 'leaves', rgb, sway: 0.15 });
  }
}

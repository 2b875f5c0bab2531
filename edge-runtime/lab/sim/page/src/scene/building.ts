import type { Fixture } from '../../../world.ts';
import type { Layer } from '../picture/layers.ts';
import { Throws } from '../throws.ts';
import type { Coat, P3, Rgb, StaticMesh } from './mesh.ts';

type Building = Extract<Fixture, { kind: 'building' }>;

const walls: readonly Rgb[] = [
  [0.92, 0.89, 0.82],
  [0.85, 0.78, 0.7],
  [0.95, 0.95, 0.93],
  [0.78, 0.62, 0.54],
  [0.72, 0.73, 0.74],
  [0.88, 0.82, 0.66],
  [0.68, 0.52, 0.44],
  [0.93, 0.86, 0.8],
];

/**
 * A block of flats: a darker ground floor, storeys of one facade, doors with canopies, a parapet. Facade
 * tiles are 6.4 by 6 m.
 */
export function building(mesh: StaticMesh, { at, size, headingRad, look, doors = [] }: Building): void {
  const t = new Throws(look, 71);
  const layer = t.pick<Layer>([
    'plainFacade',
    'plainFacade',
    'balconies',
    'balconies',
    'oldFacade',
    'ribbons',
  ]);
  const rgb = t.pick(walls);
  const base = Math.min(3.2, size[1]);
  const shops = doors.length > 0 && size[1] < 8 ? t.chance(0.7) : t.chance(0.15);
  const ground: Coat = shops
    ? { layer: 'shops', rgb: [1, 1, 1] }
    : {
        layer: t.pick<Layer>(['wall', 'oldFacade', 'brick']),
        rgb: [rgb[0] * 0.8, rgb[1] * 0.8, rgb[2] * 0.8],
      };
  const roof: Coat = { layer: 'concrete', rgb: [0.6, 0.6, 0.6] };
  mesh.box([at[0], base / 2, at[1]], [size[0], base, size[2]], headingRad, ground, { tile: 6.2, top: roof });
  const rest = size[1] - base;
  if (rest > 0.5) {
    mesh.box(
      [at[0], base + rest / 2, at[1]],
      [size[0], rest, size[2]],
      headingRad,
      { layer, rgb },
      { tile: 6.2, top: roof, bottom: false },
    );
    mesh.box([at[0], base, at[1]], [size[0] + 0.16, 0.22, size[2] + 0.16], headingRad, {
      layer: 'wall',
      rgb: [0.85, 0.84, 0.82],
    });
    mesh.box([at[0], size[1] + 0.2, at[1]], [size[0] + 0.2, 0.5, size[2] + 0.2], headingRad, {
      layer: 'wall',
      rgb,
    });
    balconyRows(mesh, { at, size, headingRad, base, rgb, t });
  }
  for (const door of doors) doorway(mesh, [door[0], 0, door[1]], headingRad, rgb);
}

interface Rows {
  readonly at: readonly [number, number];
  readonly size: readonly [number, number, number];
  readonly headingRad: number;
  readonly base: number;
  readonly rgb: Rgb;
  readonly t: Throws;
}

/** Balconies that stand out and air conditioners, on both long sides, up to the floors that a camera sees. */
function balconyRows(mesh: StaticMesh, { at, size, headingRad, base, rgb, t }: Rows): void {
  const [c, s] = [Math.cos(headingRad), Math.sin(headingRad)];
  const spot = (a: number, y: number, b: number): P3 => [at[0] + a * c - b * s, y, at[1] + a * s + b * c];
  const pale: Rgb = [Math.min(1, rgb[0] * 1.08), Math.min(1, rgb[1] * 1.08), Math.min(1, rgb[2] * 1.08)];
  const every = t.chance(0.6) ? 6.2 : 0;
  for (let y = base + 0.5; y < Math.min(size[1] - 2, 16); y += 3.1)
    for (let a = -size[0] / 2 + 2.5; a < size[0] / 2 - 2; a += 3.1) {
      for (const side of [1, -1]) {
        const out = (side * size[2]) / 2;
        if (every > 0 && Math.floor(a / 3.1) % 2 === 0)
          mesh.box(
            spot(a, y + 0.1, out + side * 0.55),
            [2.6, 1.1, 1.1],
            headingRad,
            { layer: 'wall', rgb: pale },
            { tile: 3 },
          );
        else if (t.chance(0.4))
          mesh.box(spot(a + 1, y + 0.2, out + side * 0.2), [0.8, 0.55, 0.36], headingRad, {
            layer: 'white',
            rgb: [0.86, 0.86, 0.83],
          });
      }
    }
}

function doorway(mesh: StaticMesh, [x, , z]: P3, headingRad: number, rgb: Rgb): void {
  mesh.box([x, 1.15, z], [1.9, 2.3, 0.3], headingRad, { layer: 'white', rgb: [0.2, 0.19, 0.18], gloss: 0.3 });
  mesh.box([x, 1.2, z], [0.08, 2.2, 0.36], headingRad, {
    layer: 'white',
    rgb: [0.55, 0.55, 0.55],
    gloss: 0.2,
  });
  mesh.box([x, 2.65, z], [3, 0.18, 2.6], headingRad, { layer: 'wall', rgb });
  mesh.box([x, 0.07, z], [2.6, 0.14, 2.2], headingRad, { layer: 'concrete', rgb: [0.8, 0.8, 0.8] });
}

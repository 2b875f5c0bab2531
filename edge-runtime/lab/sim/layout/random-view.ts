import type { Ground, Layout, Light, Space, View } from '../world.ts';
import type { Dice } from './dice.ts';
import { fixtureFootprint, overlaps, within } from './footprint.ts';
import { turned } from './shapes.ts';

const degree = Math.PI / 180;

/** A quarter of training pictures are infrared or at night; half are plain day. */
export function randomLight(dice: Dice): Light {
  const time = dice.weighted({ day: 6, dusk: 2, night: 3 });
  const overcast = dice.chance(0.35);
  return {
    time,
    sunAzimuthRad: dice.uniform(0, 2 * Math.PI),
    sunHeightRad: (time === 'day' ? dice.uniform(15, 85) : dice.uniform(2, 25)) * degree,
    clouds: overcast ? dice.uniform(0.6, 1) : dice.uniform(0, 0.5),
    rain: dice.chance(0.15) ? dice.uniform(0.2, 1) : 0,
    wind: dice.uniform(0, 1),
    lamps: time === 'night' ? dice.chance(0.85) : time === 'dusk' && dice.chance(0.5),
  };
}

/** Mounting of a camera: most as in a compound, some nearly straight down, some near faces, some far off. */
const mounts = {
  usual: { height: [3, 8], down: [9, 50], fov: [35, 75], away: [0.3, 1] },
  steep: { height: [4, 12], down: [55, 88], fov: [40, 80], away: [0, 0.7] },
  close: { height: [1.5, 3], down: [-2, 20], fov: [45, 95], away: [0.1, 0.7] },
  far: { height: [6, 12], down: [8, 22], fov: [35, 50], away: [0.8, 1.4] },
} as const;

/**
 * A camera of a layout: in no building, and with an open view ahead of it. `radiusM` is the distance worth
 * seeing.
 */
export function randomView(dice: Dice, layout: Layout, radiusM: number, time: Light['time']): View {
  const mount = mounts[dice.weighted({ usual: 65, steep: 9, close: 14, far: 12 })];
  const infrared = time === 'night' && dice.chance(0.4);
  const noise = time === 'night' ? dice.uniform(1, 11) : dice.uniform(0, 5);
  const optics = {
    fovRad: dice.uniform(mount.fov[0], mount.fov[1]) * degree,
    rollRad: dice.chance(0.3) ? dice.uniform(-6, 6) * degree : 0,
    widthPx: 512,
    heightPx: 288,
    shakePx: 0,
    noise,
    exposure: Math.exp(dice.uniform(-0.55, 0.45)),
    distortion: dice.chance(0.4) ? dice.uniform(0.01, 0.12) : 0,
    infrared,
  };
  for (let attempt = 0; ; attempt++) {
    const heightM = dice.uniform(mount.height[0], mount.height[1]);
    const turn = dice.uniform(0, 2 * Math.PI);
    const away = radiusM * dice.uniform(mount.away[0], mount.away[1]);
    const at: Space = [away * Math.cos(turn), heightM, away * Math.sin(turn)];
    const down = dice.uniform(mount.down[0], mount.down[1]) * degree;
    // Mostly inwards, where things are.
    const bearing = turn + Math.PI + dice.uniform(-0.9, 0.9);
    const lookAt: Space = [
      at[0] + Math.cos(bearing) * Math.cos(down),
      at[1] - Math.sin(down),
      at[2] + Math.sin(bearing) * Math.cos(down),
    ];
    if (attempt >= 60 || openView(layout, at, bearing, down)) return { at, lookAt, ...optics };
  }
}

/** True if a camera hangs in the open and nothing tall stands right in front of it. */
function openView(layout: Layout, at: Space, bearing: number, down: number): boolean {
  const place: Ground = [at[0], at[2]];
  const reach = Math.min(14, at[1] / Math.tan(Math.max(down, 0.15)));
  const ahead: Ground = [
    place[0] + (reach / 2) * Math.cos(bearing),
    place[1] + (reach / 2) * Math.sin(bearing),
  ];
  const corridor = turned(ahead, reach + 0.6, 1.2, bearing);
  return layout.fixtures.every((fixture) => {
    if (!['building', 'wall', 'hedge', 'fence', 'guard-house', 'tree', 'bush'].includes(fixture.kind))
      return true;
    const footprint = fixtureFootprint(fixture);
    return !within(place, footprint) && !overlaps(corridor, footprint);
  });
}

import { Vector3 } from 'three';
import type { Ground, Moment, Pose, Space, World } from '../../../world.ts';
import { Throws } from '../throws.ts';

/** The lights of a world: colours in the linear units that `shaders.ts` develops. */
export interface Lighting {
  readonly sun: Vector3;
  readonly sunLight: Vector3;
  readonly skyLight: Vector3;
  readonly groundLight: Vector3;
  readonly zenith: Vector3;
  readonly horizon: Vector3;
  readonly lampLight: Vector3;
  readonly lamps: readonly Space[];
  readonly litWindows: number;
  readonly infrared: number;
  readonly fog: number;
}

export interface Beam {
  readonly at: Space;
  readonly aim: Space;
}

/** A source that shines into the lens. */
export interface Glare {
  readonly at: Space;
  readonly sizeM: number;
  readonly strength: number;
  readonly rgb: readonly [number, number, number];
}

/** As many as the shaders loop over; farther ones are dropped. */
export const mostLights = 12;

interface Mood {
  readonly sun: readonly [number, number, number];
  readonly sky: readonly [number, number, number];
  readonly ground: readonly [number, number, number];
  readonly zenith: readonly [number, number, number];
  readonly horizon: readonly [number, number, number];
}

const moods: Readonly<Record<'day' | 'overcast' | 'dusk' | 'night', Mood>> = {
  day: {
    sun: [2.3, 2.15, 1.9],
    sky: [0.42, 0.52, 0.7],
    ground: [0.22, 0.2, 0.18],
    zenith: [0.3, 0.5, 0.95],
    horizon: [1.0, 1.1, 1.2],
  },
  overcast: {
    sun: [0, 0, 0],
    sky: [1.15, 1.2, 1.27],
    ground: [0.4, 0.4, 0.39],
    zenith: [1.0, 1.05, 1.1],
    horizon: [1.2, 1.22, 1.24],
  },
  dusk: {
    sun: [0.75, 0.42, 0.2],
    sky: [0.26, 0.29, 0.4],
    ground: [0.12, 0.11, 0.11],
    zenith: [0.12, 0.16, 0.32],
    horizon: [0.62, 0.44, 0.34],
  },
  night: {
    sun: [0.02, 0.025, 0.035],
    sky: [0.045, 0.05, 0.065],
    ground: [0.03, 0.028, 0.026],
    zenith: [0.008, 0.01, 0.018],
    horizon: [0.05, 0.045, 0.045],
  },
};

function mixed(a: readonly number[], b: readonly number[], share: number): Vector3 {
  const one = (i: number) => (a[i] ?? 0) * (1 - share) + (b[i] ?? 0) * share;
  return new Vector3(one(0), one(1), one(2));
}

/** The light of a world, seen from `eye`. */
export function lightingOf({ light, layout, seed }: World, infrared: boolean, eye: Space): Lighting {
  const { time, clouds, rain, sunAzimuthRad, sunHeightRad } = light;
  const mood = moods[time];
  const dull = time === 'day' ? moods.overcast : { ...mood, sun: [0, 0, 0] };
  const covered = Math.min(1, Math.max(clouds ** 1.3, rain * 0.9));
  const dim = 1 - 0.35 * rain;
  const low = time === 'day' ? Math.min(1, 0.45 + sunHeightRad) : 1;
  const t = new Throws(seed, 91);
  const warm = t.uniform(0, 1);
  const lampTone = warm < 0.5 ? [1, 0.72, 0.42] : [0.92, 0.97, 1];
  return {
    sun: new Vector3(
      Math.cos(sunAzimuthRad) * Math.cos(sunHeightRad),
      Math.max(0.05, Math.sin(sunHeightRad)),
      Math.sin(sunAzimuthRad) * Math.cos(sunHeightRad),
    ).normalize(),
    sunLight: mixed(mood.sun, dull.sun, covered).multiplyScalar(low),
    skyLight: mixed(mood.sky, dull.sky, covered).multiplyScalar(dim * (0.6 + 0.4 * low)),
    groundLight: mixed(mood.ground, dull.ground, covered).multiplyScalar(dim),
    zenith: mixed(mood.zenith, dull.zenith, covered).multiplyScalar(dim),
    horizon: mixed(mood.horizon, dull.horizon, covered).multiplyScalar(dim),
    lampLight: new Vector3(...(lampTone as [number, number, number])).multiplyScalar(light.lamps ? 17 : 0),
    lamps:
      light.lamps && !infrared
        ? lampsOf(layout.fixtures, eye)
        : light.lamps
          ? lampsOf(layout.fixtures, eye).slice(0, 3)
          : [],
    litWindows: time === 'night' ? t.uniform(0.05, 0.4) : time === 'dusk' ? t.uniform(0, 0.25) : 0,
    infrared: infrared ? t.uniform(0.8, 1.6) : 0,
    fog: 0.0011 + 0.006 * rain + (clouds > 0.7 ? t.uniform(0, 0.003) : 0),
  };
}

/** The lamps' heads and the doors' lights, nearest to the camera first. */
function lampsOf(fixtures: World['layout']['fixtures'], eye: Space): Space[] {
  const heads = fixtures.flatMap((fixture): Space[] => {
    if (fixture.kind === 'lamp')
      return [
        [
          fixture.at[0] + 0.9 * Math.cos(fixture.headingRad),
          4.6,
          fixture.at[1] + 0.9 * Math.sin(fixture.headingRad),
        ],
      ];
    if (fixture.kind === 'guard-house')
      return [
        [fixture.at[0] + 1.9, 2.4, fixture.at[1]],
        [fixture.at[0] - 1.9, 2.4, fixture.at[1]],
      ];
    return [];
  });
  const away = ([x, , z]: Space) => Math.hypot(x - eye[0], z - eye[2]);
  return heads.sort((a, b) => away(a) - away(b)).slice(0, mostLights);
}

/** Places of a vehicle's lamps, from its middle: along it, upwards, sideways (0 for a single one). */
export interface LampPlaces {
  readonly x: number;
  readonly y: number;
  readonly half: number;
}

/**
 * The beams of the vehicles that have their headlights on, one each; farther than `mostLights` in the list
 * there are none.
 */
export function beamsOf(moment: Moment, lampsAt: (id: string) => LampPlaces): Beam[] {
  const lit = moment.poses.filter(({ headlights }) => headlights).slice(0, mostLights);
  return lit.map((pose) => {
    const lamps = lampsAt(pose.id);
    const [c, s] = [Math.cos(pose.headingRad), Math.sin(pose.headingRad)];
    return { at: lampPlace(pose, lamps, lamps.x, 0), aim: [c * 0.985, -0.17, s * 0.985] };
  });
}

/** The lamps of vehicles that shine towards `eye`: bright in front, red behind. */
export function glaresOf(moment: Moment, lampsAt: (id: string) => LampPlaces, eye: Space): Glare[] {
  return moment.poses.flatMap((pose): Glare[] => {
    const { headlights = false, brakeLights = false, headingRad } = pose;
    const lamps = lampsAt(pose.id);
    const sides = lamps.half > 0 ? [lamps.half, -lamps.half] : [0];
    const ahead: Ground = [Math.cos(headingRad), Math.sin(headingRad)];
    const red = brakeLights ? 0.45 : headlights ? 0.2 : 0;
    return sides.flatMap((side): Glare[] => {
      const front = lampPlace(pose, lamps, lamps.x + 0.05, side);
      const rear = lampPlace(pose, lamps, -lamps.x - 0.05, side);
      const white = headlights ? facing(ahead, front, eye) ** 2 : 0;
      const back = red * facing([-ahead[0], -ahead[1]], rear, eye) ** 2;
      return [
        { at: front, sizeM: 1.5, strength: white, rgb: [1, 0.97, 0.9] },
        { at: rear, sizeM: 0.5, strength: back, rgb: [1, 0.08, 0.04] },
      ];
    });
  });
}

function lampPlace({ at, headingRad }: Pose, { y }: LampPlaces, a: number, b: number): Space {
  const [c, s] = [Math.cos(headingRad), Math.sin(headingRad)];
  return [at[0] + a * c - b * s, y, at[1] + a * s + b * c];
}

/** 1 right in front of a lamp, 0 from beside and behind. */
function facing(aim: Ground, at: Space, eye: Space): number {
  const [dx, dz] = [eye[0] - at[0], eye[2] - at[2]];
  return Math.max(0, (aim[0] * dx + aim[1] * dz) / (Math.hypot(dx, dz, eye[1] - at[1]) || 1));
}

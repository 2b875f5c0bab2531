import { Dice } from '../layout/dice.ts';
import { layoutOf } from '../layout/index.ts';
import {
  type Actor,
  type Light,
  labelClassOf,
  type Moment,
  type Pose,
  type View,
  type World,
} from '../world.ts';
import type { Role } from './cast.ts';
import { seedOf } from './crowds.ts';
import { type LoadedScenario, loadScenario } from './load.ts';
import type { Scenario } from './schema.ts';
import { drivingState, poseOf } from './timeline.ts';

/** A scenario as a world, and the world at any moment of it. */
export interface ScenarioWorld {
  readonly name: string;
  readonly scenario: Scenario;
  readonly world: World;
  /** Depends on `tS` (0 to the duration) and on nothing that was asked before. */
  readonly momentAt: (tS: number) => Moment;
}

/** Loads a scenario file; throws as `loadScenario` does. */
export function scenarioWorld(file: string): ScenarioWorld {
  return worldOf(loadScenario(file));
}

/** The world of a scenario that is loaded already. */
export function worldOf({ name, scenario, site, cast }: LoadedScenario): ScenarioWorld {
  const world: World = {
    seed: scenario.seed,
    layout: layoutOf(site),
    light: lightOf(scenario),
    view: viewOf(scenario, site.cameras),
    actors: cast.map(({ actor }): Actor => {
      const { id, kind, rider } = actor;
      const look = actor.look ?? seedOf(scenario.seed, id);
      return rider === undefined ? { id, kind, look } : { id, kind, look, rider };
    }),
  };
  const gates = site.fixtures.filter(({ kind }) => kind === 'barrier-gate').length;
  const momentAt = (tS: number): Moment => ({
    tS,
    poses: cast.flatMap((role) => {
      const pose = dressed(role, scenario, tS);
      return pose ? [pose] : [];
    }),
    arms: Array.from({ length: gates }, (_, gate) => armAt(scenario.arms[gate] ?? [], tS)),
    ...(scenario.light.flicker > 0 && { lamps: lampsAt(scenario, tS) }),
  });
  return { name, scenario, world, momentAt };
}

function lightOf({ light }: Scenario): Light {
  const { time, clouds, rain, wind, lamps } = light;
  return {
    time,
    clouds,
    rain,
    wind,
    lamps,
    sunAzimuthRad: radians(light.sunAzimuthDeg),
    sunHeightRad: radians(light.sunHeightDeg),
  };
}

function viewOf({ camera, size, picture }: Scenario, cameras: LoadedScenario['site']['cameras']): View {
  const mount = cameras[camera];
  if (!mount) throw new RangeError(`no camera ${camera}`);
  const { at, lookAt, fovDeg } = mount;
  const [widthPx, heightPx] = size;
  return { at, lookAt, fovRad: radians(fovDeg), rollRad: 0, widthPx, heightPx, ...picture };
}

function dressed({ actor, timeline }: Role, { light, seed }: Scenario, tS: number): Pose | undefined {
  const labelClass = labelClassOf[actor.kind];
  const pose = poseOf(actor.id, labelClass === 'person', timeline, tS);
  if (!pose) return undefined;
  if (labelClass === 'person') {
    const carrying = actor.carries && tS < (actor.carriesUntilS ?? Number.POSITIVE_INFINITY);
    return carrying ? { ...pose, carries: 1 + seedOf(seed, `${actor.id} carries`) } : pose;
  }
  if (labelClass === 'clutter') return pose;
  const { brakes, underWay } = drivingState(timeline, tS);
  const dark = light.time !== 'day';
  const headlights = actor.headlights === 'on' || (actor.headlights === 'auto' && dark && underWay);
  return { ...pose, headlights, brakeLights: brakes };
}

/** A lamp that fails is out or on for at least so long: two frames at 5 fps. */
const flickerS = 0.4;

/** Lamps that flicker: out in a seeded share of all moments. */
function lampsAt({ seed, light: { flicker } }: Scenario, tS: number): number {
  const dice = new Dice(seedOf(seed, `flicker ${Math.floor(tS / flickerS)}`));
  return dice.chance(flicker) ? 0 : 1;
}

/** Seconds in which an arm rises or falls. */
const armS = 3;

/** Height of an arm, 0 to 1: each command moves it from its place at that time. */
function armAt(commands: readonly { readonly at: number; readonly up: boolean }[], tS: number): number {
  let [up, sinceS, target] = [0, 0, 0];
  const moved = (untilS: number) => {
    const most = (untilS - sinceS) / armS;
    return up + Math.min(Math.max(target - up, -most), most);
  };
  for (const command of commands) {
    if (command.at > tS) break;
    up = moved(command.at);
    [sinceS, target] = [command.at, command.up ? 1 : 0];
  }
  return moved(tS);
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}

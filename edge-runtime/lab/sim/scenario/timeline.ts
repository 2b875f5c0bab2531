import type { Ground, Pose } from '../world.ts';
import type { Motion } from './motion.ts';
import { type Path, unwound } from './path.ts';
import type { StepKey } from './schema.ts';

/** An actor that stays in one spot. Seconds of the scenario. */
export interface Still {
  readonly kind: 'still';
  readonly fromS: number;
  readonly toS: number;
  readonly at: Ground;
  readonly headingRad: number;
  readonly does: StepKey;
  readonly travelledM: number;
}

/** An actor that is under way. */
export interface Going {
  readonly kind: 'going';
  readonly fromS: number;
  readonly toS: number;
  readonly path: Path;
  readonly motion: Motion;
  /** -1 while reversing. */
  readonly direction: 1 | -1;
  readonly travelledM: number;
}

export type Segment = Still | Going;

/** When an actor is in the world, and where. */
export interface Timeline {
  readonly segments: readonly Segment[];
}

/** Seconds in which a person turns around. */
const turnS = 0.6;

/** An actor's pose at a moment, or `undefined` while it is not in the world. */
export function poseOf(id: string, person: boolean, { segments }: Timeline, tS: number): Pose | undefined {
  const index = segments.findIndex(({ fromS, toS }) => tS >= fromS && tS < toS);
  const segment = segments[index];
  if (!segment) return undefined;
  const now = stateOf(segment, tS);
  const before = segments[index - 1];
  const sinceS = tS - segment.fromS;
  const takesS = Math.min(turnS, segment.toS - segment.fromS);
  if (!person || !before || sinceS >= takesS) return { id, ...now };
  const from = stateOf(before, before.toS).headingRad;
  const share = (1 - Math.cos((Math.PI * sinceS) / takesS)) / 2;
  return { id, ...now, headingRad: from + share * (unwound(now.headingRad, from) - from) };
}

function stateOf(segment: Segment, tS: number): Omit<Pose, 'id'> {
  const { travelledM } = segment;
  if (segment.kind === 'still') {
    const posture =
      segment.does === 'sits' ? 'sitting' : segment.does === 'crouches' ? 'crouching' : 'upright';
    return { at: segment.at, headingRad: segment.headingRad, speedMps: 0, travelledM, posture };
  }
  const { direction, motion, path, fromS } = segment;
  const { travelledM: along, speedMps } = motion.at(tS - fromS);
  const { at, headingRad } = path.at(along);
  return {
    at,
    headingRad: direction < 0 ? headingRad + Math.PI : headingRad,
    speedMps: direction * speedMps,
    travelledM: travelledM + direction * along,
    posture: 'upright',
  };
}

/** A driver's state at a moment: braking or waiting with a foot on the brake, and under way or not. */
export function drivingState(
  { segments }: Timeline,
  tS: number,
): { readonly brakes: boolean; readonly underWay: boolean } {
  const segment = segments.find(({ fromS, toS }) => tS >= fromS && tS < toS);
  if (!segment) return { brakes: false, underWay: false };
  const sinceS = tS - segment.fromS;
  if (segment.kind === 'going') return { brakes: sinceS > segment.motion.brakesAtS, underWay: true };
  const arrived = segments[0] !== segment;
  return {
    brakes: segment.does === 'waits' || (arrived && sinceS < 2),
    underWay: segment.does === 'waits' || (arrived && sinceS < 3) || segment.toS - tS < 2,
  };
}

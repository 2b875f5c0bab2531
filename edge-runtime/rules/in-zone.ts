import { type CrowdRule, insidePolygon, type TrackFrame } from '@gatehouse/contracts';
import type { Member } from './gathering.ts';
import { type Ground, learn, rowsOf, standingHeight, unknownGround } from './ground.ts';
import { feet, follow, medianSpeed, type Person } from './people.ts';
import { isSuspect, type Pose, posed } from './pose.ts';
import type { RuleContext } from './rule.ts';

/** Knowledge of the people of a picture from the frames so far. */
export interface Known {
  readonly people: readonly Person[];
  readonly ground: Ground;
  /** Poses that nobody is seen in now. */
  readonly left: readonly Pose[];
}

export const nobodyKnown: Known = { people: [], ground: unknownGround, left: [] };

/** The people in the zone in a frame. */
export interface InZone {
  readonly members: readonly Member[];
  /** They have not moved for so long that a coat or a poster is likelier. They make no crowd. */
  readonly suspects: readonly Member[];
  /** The number of those who walk through. */
  readonly walking: number;
}

/** The people who stand or sit in the zone, the suspects among them and the number who walk through. */
export function look(
  before: Known,
  { tracks, atMs }: TrackFrame,
  { zone, params, moment }: RuleContext<CrowdRule>,
): { readonly known: Known; readonly inZone: InZone } {
  const { aspect } = moment;
  const seen = tracks.filter((track) => track.seen);
  const persons = seen.filter((track) => track.class === 'person');
  const followed = follow(before.people, persons, atMs, aspect);
  const inPose = posed(followed.people, [...before.left, ...posesOf(followed.gone)], atMs, aspect);
  const { ground, people } = learn(before.ground, inPose.people, seen, atMs, aspect);
  const rows = rowsOf(ground);
  const members: Member[] = [];
  const suspects: Member[] = [];
  let walking = 0;
  for (const person of people) {
    const at = feet(person.box, aspect);
    if (!insidePolygon([at[0] / aspect, at[1]], zone.polygon)) continue;
    const height = standingHeight(rows, person.box);
    const speed = medianSpeed(person, height);
    const walks = speed === undefined || speed >= params.walkingSpeed;
    const member = { at, height, box: person.box };
    if (person.pose && isSuspect(person.pose)) suspects.push(member);
    else if (params.walkThrough === 'count' || !walks) members.push(member);
    else if (speed !== undefined) walking++;
  }
  return { known: { people, ground, left: inPose.left }, inZone: { members, suspects, walking } };
}

/** The part that holds on a timeline that starts anew: the times at which somebody was somewhere do not. */
export function rebasedKnown({ people, ground, left }: Known, atMs: number): Known {
  const poses = [...left, ...posesOf(people)];
  const past = poses.map((pose) => ({ ...pose, lastMs: Math.min(pose.lastMs, atMs) }));
  return { people: [], ground, left: past };
}

function posesOf(people: readonly Person[]): Pose[] {
  return people.flatMap(({ pose }) => (pose ? [pose] : []));
}

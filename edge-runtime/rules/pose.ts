import type { Box } from '@gatehouse/contracts';
import { lasting, watchedMs } from './life.ts';
import { newPlace, type Place, settle } from './place.ts';

/**
 * How somebody stands or sits, and for how long so. A coat on a chair, a poster or a statue is taken for a
 * person and keeps its pose for hours; people do not. A pose belongs to a place, so that neither changed
 * track ids nor a detector that misses it begin it anew.
 */
export interface Pose {
  /** Follows slow change only: a shadow moves, a detector drifts. */
  readonly place: Place;
  /** The last box that belongs to it, and its track: a hint only. */
  readonly box: Box;
  readonly trackId: number | null;
  readonly lastMs: number;
  /** Mean change of the box from frame to frame, in box heights: the jitter of the detector. */
  readonly jitter: number;
  /**
   * How far the left, right, top and bottom edge have been from the place of late, in box heights, with their
   * signs, so that jitter averages out.
   */
  readonly lean: readonly number[];
  /** For so long the edges have been off the place without a break. */
  readonly offMs: number;
  /** Time seen in this pose. */
  readonly keptMs: number;
}

/** A person who keeps one pose for so long may be none. */
const suspectMs = 3_600_000;
/**
 * An edge moves by this part of the box height when somebody sits up, leans or turns: 4 cm of a seated
 * person. The mean of some seconds is compared, because a person who moves must be noticed in any jitter.
 * Single persons of held frames with noise and changing light are off by less than 0.5 % half of the time,
 * by up to 3 % for 99 % of it (six scenes and two detectors, 22 person-minutes, no pose broken). People in
 * the clips, who stand, work or wait, break a pose every 40 s.
 */
const leastMove = 0.04;
const leanMs = 5_000;
/** An edge counts as so far off at most: a passer-by cuts a box in half for two seconds. */
const mostLean = 0.12;
/** One box is of a pose if its edges are this near, or two mean steps of the jitter, if that is more. */
const nearPose = 0.05;
const stepsOfJitter = 2;
/** A pose off its place for so long is another; a passer-by hides a part of it for less. */
const changedMs = 5_000;
/** A box that changes by this every frame is of somebody who gestures; what is still, by up to 2.1 %. */
const restless = 0.05;
/** A change of one frame counts as so much at most: a passer-by may cut a box in half. */
const mostChange = 0.1;
/** Memory of the jitter. */
const jitterMs = 60_000;
/** Unseen for longer counts as unseen. */
const gapMs = 10_000;
/** A pose that nobody is seen in is remembered over a reboot; that of a suspect over a day and a night. */
const forgetMs = 120_000;
const forgetSuspectMs = 24 * 3_600_000;
/** A pose that was kept for less is not worth remembering. */
const leastKeptMs = 10_000;
/** Most poses that nobody is seen in now (drop policy: drop-shortest). */
const maxLeft = 64;

/** Somebody as seen in a frame. */
interface Seen {
  readonly box: Box;
  readonly trackId: number | null;
}

function newPose({ box, trackId }: Seen, atMs: number): Pose {
  return {
    place: newPlace(box),
    box,
    trackId,
    lean: [0, 0, 0, 0],
    lastMs: atMs,
    jitter: 0,
    offMs: 0,
    keptMs: 0,
  };
}

export function isSuspect({ keptMs }: Pose): boolean {
  return keptMs >= suspectMs;
}

/** The pose after one more box of the same person. */
function keepPose(pose: Pose, seen: Seen, atMs: number, aspect: number): Pose {
  const { box, trackId } = seen;
  const passedMs = watchedMs(pose.lastMs, atMs, gapMs);
  const share = passedMs / (jitterMs + passedMs);
  const change = Math.min(mostChange, heightsBetween(pose.box, box, aspect));
  const jitter = pose.jitter + share * (change - pose.jitter);
  const towards = passedMs / (leanMs + passedMs);
  const off = edgesBetween(pose.place.box, box, aspect);
  const lean = pose.lean.map((mean, n) => mean + towards * (bounded(off[n] ?? 0) - mean));
  const offMs = lasting(pose.offMs, farthest(lean) > leastMove, passedMs);
  if (offMs >= changedMs || jitter > restless) return { ...newPose(seen, atMs), jitter };
  const place = offMs > 0 ? pose.place : settle(pose.place, box, passedMs);
  return { place, box, trackId, lean, lastMs: atMs, jitter, offMs, keptMs: pose.keptMs + passedMs };
}

/**
 * The people of a frame with their poses. Who is new goes on with the pose that was left at their place, so
 * that a coat that was not detected for a while is known again. Somebody with another track who is elsewhere
 * at once may be a neighbour: the pose stays where it was.
 * @param left poses that nobody was seen in
 */
export function posed<T extends Seen & { readonly lastMs: number; readonly pose?: Pose }>(
  people: readonly T[],
  left: readonly Pose[],
  atMs: number,
  aspect: number,
): { readonly people: T[]; readonly left: Pose[] } {
  const free = new Set(remembered(left, atMs));
  const known = people.map((person) => {
    if (person.lastMs < atMs) return person;
    const { pose, trackId, box } = person;
    const isNeighbour = pose !== undefined && pose.trackId !== trackId && !fits(pose, box, aspect);
    if (isNeighbour && pose.keptMs >= leastKeptMs) free.add(pose);
    const own = pose && !isNeighbour ? keepPose(pose, person, atMs, aspect) : newPose(person, atMs);
    if (own.keptMs >= changedMs) return { ...person, pose: own };
    const found = [...free].find((one) => fits(one, box, aspect));
    if (!found) return { ...person, pose: own };
    free.delete(found);
    return { ...person, pose: keepPose(found, person, atMs, aspect) };
  });
  return { people: known, left: [...free] };
}

/** The poses to remember of those that nobody is seen in, longest first. */
function remembered(poses: readonly Pose[], atMs: number): Pose[] {
  return poses
    .filter((pose) => pose.keptMs >= leastKeptMs)
    .filter((pose) => atMs - pose.lastMs <= (isSuspect(pose) ? forgetSuspectMs : forgetMs))
    .toSorted((a, b) => b.keptMs - a.keptMs)
    .slice(0, maxLeft);
}

/** True if a box is one of somebody in this pose. */
function fits(pose: Pose, box: Box, aspect: number): boolean {
  const tolerance = Math.max(nearPose, stepsOfJitter * pose.jitter);
  return heightsBetween(pose.place.box, box, aspect) <= tolerance;
}

/** The farthest that an edge is from where it was, in heights of the first box. */
function heightsBetween(a: Box, b: Box, aspect: number): number {
  return farthest(edgesBetween(a, b, aspect));
}

/** How far each edge of the second box is from that of the first, in heights of the first. */
function edgesBetween(a: Box, b: Box, aspect: number): number[] {
  const height = a.y2 - a.y1;
  const across = [b.x1 - a.x1, b.x2 - a.x2].map((part) => (part * aspect) / height);
  const down = [b.y1 - a.y1, b.y2 - a.y2].map((part) => part / height);
  return [...across, ...down];
}

function farthest(edges: readonly number[]): number {
  return Math.max(...edges.map(Math.abs));
}

function bounded(part: number): number {
  return Math.max(-mostLean, Math.min(mostLean, part));
}

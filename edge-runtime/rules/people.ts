import type { Box, Point, Track } from '@gatehouse/contracts';
import type { Pose } from './pose.ts';

/** Where somebody's feet were at a time, in picture heights on both axes. */
interface Step {
  readonly atMs: number;
  readonly x: number;
  readonly y: number;
}

/**
 * Somebody as seen of late: enough to tell standing from walking through. Lost after moments out of sight.
 */
export interface Person {
  /** The track last seen as this person: a hint only. */
  readonly trackId: number | null;
  readonly box: Box;
  readonly lastMs: number;
  /** Oldest first. */
  readonly steps: readonly Step[];
  /** Bands of the ground that it has taught its height. */
  readonly taught?: readonly number[];
  readonly pose?: Pose;
}

/** Most people of one zone and rule that are followed (drop policy: drop-newest). */
const maxPeople = 200;
/**
 * Steps of a walk are this far apart at least, so that jitter is small against a stride at any frame rate.
 */
const stepMs = 400;
/** Steps that are kept: four speeds tell walking from standing within 1.6 s. */
const maxSteps = 5;
/** Speeds it takes to say anything. */
const leastSpeeds = 2;
/** Out of sight for this long somebody still counts: people in a crowd hide one another for moments. */
const memoryMs = 2_000;
/**
 * The distance that somebody can be from where they were: half a box height of jitter, and a walk of 1.5
 * heights a second.
 */
const reachHeights = 0.5;
const reachHeightsPerS = 1.5;
const longestReachHeights = 1.5;
/** The person with the same track id goes first. After a longer pause the tracker may have started anew. */
const idsLastMs = 2_000;

/** Feet in picture heights, so that distances are the same along both axes. */
export function feet({ x1, x2, y2 }: Box, aspect: number): Point {
  return [((x1 + x2) / 2) * aspect, y2];
}

export function heightOf({ y1, y2 }: Box): number {
  return y2 - y1;
}

/** A person, by place in the list, and a track that could be theirs. */
interface Pairing {
  readonly p: number;
  readonly track: Track;
  /** The distance from where they were, in box heights. */
  readonly heights: number;
}

/**
 * Takes a frame's persons in. Each is the person who had the same track id, else the nearest one there
 * before, so that a change of ids loses nobody's walk. `gone` are those who have not been seen for too long.
 * @param tracks of people, seen in this frame
 */
export function follow(
  people: readonly Person[],
  tracks: readonly Track[],
  atMs: number,
  aspect: number,
): { readonly people: Person[]; readonly gone: Person[] } {
  const trackOf = new Map<number, Track>();
  const free = new Set(tracks);
  // First the people who keep an id, then the rest: most keep it, so that few pairs of all have to be
  // compared.
  for (const sameId of [true, false]) {
    const pairs = people.flatMap((person, p) =>
      trackOf.has(p) ? [] : pairings(person, p, { sameId, tracks: free, atMs, aspect }),
    );
    pairs.sort((a, b) => a.heights - b.heights);
    for (const { p, track } of pairs) {
      if (trackOf.has(p) || !free.has(track)) continue;
      trackOf.set(p, track);
      free.delete(track);
    }
  }
  const gone: Person[] = [];
  const known = people.flatMap((person, p) => {
    const track = trackOf.get(p);
    if (track) return [stepped(person, track, atMs, aspect)];
    if (atMs - person.lastMs <= memoryMs) return [person];
    gone.push(person);
    return [];
  });
  const fresh = [...free].map((track) => newcomer(track, atMs, aspect));
  return { people: [...known, ...fresh].slice(0, maxPeople), gone };
}

function pairings(
  person: Person,
  p: number,
  {
    sameId,
    tracks,
    atMs,
    aspect,
  }: { sameId: boolean; tracks: Iterable<Track>; atMs: number; aspect: number },
): Pairing[] {
  const idHolds = atMs - person.lastMs <= idsLastMs;
  const pairs: Pairing[] = [];
  for (const track of tracks) {
    if ((idHolds && person.trackId === track.id) !== sameId) continue;
    const heights = heightsApart(person, track, atMs, aspect);
    if (heights !== undefined) pairs.push({ p, track, heights });
  }
  return pairs;
}

/**
 * The distance that somebody would have gone to a track's place, in their box heights; `undefined` if too
 * far.
 */
function heightsApart(person: Person, track: Track, atMs: number, aspect: number): number | undefined {
  const [x, y] = feet(track.box, aspect);
  const [px, py] = feet(person.box, aspect);
  const heights = Math.hypot(x - px, y - py) / heightOf(person.box);
  const elapsedS = (atMs - person.lastMs) / 1000;
  const reach = Math.min(longestReachHeights, reachHeights + reachHeightsPerS * elapsedS);
  return heights > reach ? undefined : heights;
}

function stepped(person: Person, track: Track, atMs: number, aspect: number): Person {
  const last = person.steps.at(-1);
  const [x, y] = feet(track.box, aspect);
  const steps =
    last && atMs - last.atMs < stepMs ? person.steps : [...person.steps, { atMs, x, y }].slice(-maxSteps);
  return { ...person, trackId: track.id, box: track.box, lastMs: atMs, steps };
}

function newcomer(track: Track, atMs: number, aspect: number): Person {
  const [x, y] = feet(track.box, aspect);
  return { trackId: track.id, box: track.box, lastMs: atMs, steps: [{ atMs, x, y }] };
}

/**
 * Median speed of late, heights a second; `undefined` while too little was seen. The median is taken of each
 * axis with its sign, so that somebody who strays to and fro stands. The lower of two middle ones counts, so
 * that a stop is seen soon.
 * @param height that speeds are measured in, in picture heights
 */
export function medianSpeed({ steps }: Person, height: number): number | undefined {
  if (steps.length <= leastSpeeds) return undefined;
  const across: number[] = [];
  const down: number[] = [];
  for (let i = 1; i < steps.length; i++) {
    const [before, step] = [steps[i - 1] as Step, steps[i] as Step];
    const elapsedS = (step.atMs - before.atMs) / 1000;
    across.push((step.x - before.x) / elapsedS);
    down.push((step.y - before.y) / elapsedS);
  }
  return Math.hypot(lowerMedian(across), lowerMedian(down)) / height;
}

/** Sorts `values`. */
function lowerMedian(values: number[]): number {
  values.sort((a, b) => a - b);
  const low = values[Math.floor((values.length - 1) / 2)] ?? 0;
  const high = values[Math.floor(values.length / 2)] ?? 0;
  return Math.abs(low) <= Math.abs(high) ? low : high;
}

import type { Box, Track } from '@gatehouse/contracts';
import { feet, heightOf, medianSpeed, type Person } from './people.ts';
import { veiledBy } from './place.ts';

/**
 * Heights of people who walked by, by the row of their feet, both in picture heights: the newest of each band
 * of rows, oldest first. Somebody seated has a short box; what the ground in the picture measures is told by
 * the people who stand there. They are learned from those who walk, because who walks stands upright.
 */
export type Ground = readonly (readonly Walker[])[];
type Walker = readonly [row: number, height: number];

/** Bands from the top of the picture to its bottom. */
const bands = 10;
/** Walkers of a band that are kept (drop policy: drop-oldest). */
const maxWalkers = 15;
/** Fewer walkers of a band say nothing: one or two of them may be children. */
const leastWalkers = 5;
/** Beyond the outermost known rows their height is taken for so much of the picture. */
const reachRows = 0.1;
/** Own box heights a second, over a whole walk: a third of a brisk step, above what anybody sways. */
const walks = 0.4;
/** Somebody on foot is taller than wide by this; with an open umbrella, a cart or a cycle not. */
const upright = 1.5;
/** A box nearer to the edge of the picture may go on beyond it. */
const edge = 0.01;
/**
 * Standing height as a multiple of somebody's own box. Nobody is taller than they stand: where those who
 * walked by were shorter, a group of fourteen fell apart. Head and shoulders above a table are a third.
 */
const leastOfOwn = 1;
const mostOfOwn = 4;

export const unknownGround: Ground = Array.from({ length: bands }, () => []);

/** The middle of each band that is known, by rising row. */
export function rowsOf(ground: Ground): Walker[] {
  return ground
    .filter((walkers) => walkers.length >= leastWalkers)
    .map((walkers) => [median(walkers.map(([row]) => row)), median(walkers.map(([, height]) => height))]);
}

/**
 * The height that somebody would have if they stood where the feet of a box are, in picture heights; that of
 * the box where it is not known.
 * @param rows known ones, by rising row
 */
export function standingHeight(rows: readonly Walker[], box: Box): number {
  const own = heightOf(box);
  const above = rows.findLast(([row]) => row <= box.y2);
  const below = rows.find(([row]) => row > box.y2);
  const height = above && below ? between(above, below, box.y2) : heldTo(above ?? below, box.y2);
  return Math.min(mostOfOwn * own, Math.max(leastOfOwn * own, height ?? own));
}

/** The ground of a flat yard rises in the picture evenly, and so do the heights on it. */
function between([rowAbove, above]: Walker, [rowBelow, below]: Walker, row: number): number {
  return above + ((row - rowAbove) / (rowBelow - rowAbove)) * (below - above);
}

function heldTo(outermost: Walker | undefined, row: number): number | undefined {
  return outermost && Math.abs(row - outermost[0]) <= reachRows ? outermost[1] : undefined;
}

/**
 * Learns from the people who walk in a frame, from each once in a band, so that a child at play does not
 * become the measure of a yard.
 * @param seen all tracks that are seen in the frame: what stands before somebody cuts their box
 */
export function learn(
  ground: Ground,
  people: readonly Person[],
  seen: readonly Track[],
  atMs: number,
  aspect: number,
): { readonly ground: Ground; readonly people: Person[] } {
  let after = ground;
  const taught = people.map((person) => {
    const band = Math.min(bands - 1, Math.floor(person.box.y2 * bands));
    if (person.lastMs < atMs || person.taught?.includes(band)) return person;
    if (!walksUpright(person, aspect) || isCut(person, seen)) return person;
    const walker: Walker = [round(feet(person.box, aspect)[1]), round(heightOf(person.box))];
    after = after.map((walkers, n) => (n === band ? [...walkers, walker].slice(-maxWalkers) : walkers));
    return { ...person, taught: [...(person.taught ?? []), band] };
  });
  return { ground: after, people: taught };
}

function walksUpright(person: Person, aspect: number): boolean {
  const { box } = person;
  const speed = medianSpeed(person, heightOf(box));
  return speed !== undefined && speed >= walks && heightOf(box) >= upright * (box.x2 - box.x1) * aspect;
}

function isCut({ box, trackId }: Person, seen: readonly Track[]): boolean {
  if (Math.min(box.x1, box.y1, 1 - box.x2, 1 - box.y2) < edge) return true;
  return seen.some((other) => other.id !== trackId && veiledBy(box, other.box));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** A ten-thousandth of the picture: the state stays small. */
function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}

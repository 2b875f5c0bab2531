/** Vehicles and passers-by of a street. Imports nothing of the product (see script.ts). */
import type { Span } from '../scenes/script.ts';
import { type Actor, carSize, frontY, laneY, rowY, type Waypoint } from './script.ts';

const car = { is: 'vehicle', width: carSize, height: carSize } as const;
/** Vehicles on the lane come into the picture here, and go out of it there. */
const edges = { fromX: -0.05, toX: 1.05 };
/** From one place of a queue to the next, in lengths. */
export const queueLengths = 1.25;
/** The first places of a queue; the others wait to the left of the zone. */
export const queueX = (place: number) => 0.8 - place * queueLengths * carSize;

interface Visit {
  readonly look: number;
  readonly x: number;
  /** Not after 0: it is there before the first frame. */
  readonly arriveS: number;
  readonly leaveS: number;
  /** Lengths a second. */
  readonly comes: number;
  readonly goes: number;
}

/** The way from the upper edge of the picture to the row slants: one can leave while another comes. */
const aside = 0.45;
const wayLengths = Math.hypot(aside, rowY) / carSize;

/** It stands in the row; it comes from the upper left and leaves to the upper right, after further stands. */
export function parked(
  { look, x, arriveS, leaveS, comes, goes }: Visit,
  shifts: readonly Stop[] = [],
): Actor {
  const stops = [{ x, fromS: arriveS, toS: leaveS }, ...shifts];
  const last = stops.at(-1) as Stop;
  const arrives = arriveS > 0 ? [{ atS: arriveS - wayLengths / comes, x: x - aside, y: 0 }] : [];
  const leaves = { atS: last.toS + wayLengths / goes, x: last.x + aside, y: 0 };
  return { ...car, look, path: [...arrives, ...stops.flatMap((stop) => stand(stop, rowY)), leaves] };
}

interface Stop extends Span {
  readonly x: number;
}

function stand({ x, fromS, toS }: Stop, y: number): Waypoint[] {
  return [
    { atS: fromS, x, y },
    { atS: toS, x, y },
  ];
}

/** It stands or moves up on the lane, and comes and goes along it, unless it is there from the first. */
export function onLane(look: number, stops: readonly Stop[], comes: number, goes: number): Actor {
  const [first, last] = [stops[0] as Stop, stops.at(-1) as Stop];
  const arrives =
    first.fromS > 0
      ? [{ atS: first.fromS - (first.x - edges.fromX) / carSize / comes, x: edges.fromX, y: laneY }]
      : [];
  const leaves = { atS: last.toS + (edges.toX - last.x) / carSize / goes, x: edges.toX, y: laneY };
  return { ...car, look, path: [...arrives, ...stops.flatMap((stop) => stand(stop, laneY)), leaves] };
}

/** It drives along the lane and never stands; `atS` it is in the middle. */
export function passing(look: number, atS: number, speed: number): Actor {
  const half = (0.5 - edges.fromX) / carSize / speed;
  return {
    ...car,
    look,
    path: [
      { atS: atS - half, x: edges.fromX, y: laneY },
      { atS: atS + half, x: edges.toX, y: laneY },
    ],
  };
}

/** Someone or something crosses in front of the row and hides each place for so long. */
export function passer(is: Actor['is'], look: number, x: number, atS: number, hidesS: number): Actor {
  const width = is === 'person' ? 0.1 : 0.2;
  const speed = width / hidesS;
  return {
    is,
    look,
    width,
    height: 0.3,
    path: [
      { atS: atS - (x - edges.fromX) / speed, x: edges.fromX, y: frontY },
      { atS: atS + (edges.toX - x) / speed, x: edges.toX, y: frontY },
    ],
  };
}

/** A truck stops in front of a place of the row; it comes from below and leaves so. */
export function blocking(look: number, x: number, { fromS, toS }: Span): Actor {
  const below = { x, y: 1.3 };
  return {
    is: 'vehicle',
    look,
    width: 0.2,
    height: 0.3,
    path: [{ atS: fromS - 2, ...below }, ...stand({ x, fromS, toS }, frontY), { atS: toS + 2, ...below }],
  };
}

/** Traffic and queues at random. Imports nothing of the product (see script.ts). */
import fc from 'fast-check';
import { pick, unit } from '../scenes/scripts.ts';
import { onLane, passing, queueLengths, queueX } from './makers.ts';
import { type Actor, carSize } from './script.ts';

/** The thresholds that the times of a street are drawn for. */
export interface Terms {
  readonly rule: string;
  readonly dwellS: number;
  readonly clearS: number;
}

/** Looks of vehicles: all alike, or each its own. The looks of the row and of passers-by begin elsewhere. */
const lookOf = (alike: boolean, n: number) => (alike ? 100 : 100 + n);

export const trafficDraws = fc.record({
  fromS: unit,
  lastsS: unit,
  speed: unit,
  headwayS: unit,
  scatter: unit,
  alike: fc.boolean(),
  parkedBefore: fc.option(fc.record({ x: unit, length: unit, long: fc.boolean() })),
  stops: fc.option(fc.record({ x: unit, length: unit, long: fc.boolean() })),
});
type TrafficDraws = typeof trafficDraws extends fc.Arbitrary<infer T> ? T : never;

/**
 * Cars one after another on the lane. Before them one may have stood there; the last of them may stop, and
 * stay.
 */
export function traffic(d: TrafficDraws, { dwellS }: Terms): Actor[] {
  // Evenly on a scale of speeds: 0.1 to 3 lengths a second.
  const speed = 0.1 * 30 ** d.speed;
  const least = queueLengths / speed;
  const headwayS = pick(d.headwayS, 0.8, 4);
  const cars: Actor[] = [];
  const stopOf = ({ length, long }: { length: number; long: boolean }) =>
    long ? pick(length, dwellS + 8, dwellS + 40) : pick(length, 4, dwellS - 8);
  const xOf = (x: number) => 0.25 + Math.round(x * 10) / 20;
  let atS = pick(d.fromS, 0, 10);
  if (d.parkedBefore) {
    const [x, leaveS] = [xOf(d.parkedBefore.x), stopOf(d.parkedBefore)];
    cars.push(onLane(lookOf(d.alike, 0), [{ x, fromS: -10, toS: leaveS }], 1, Math.max(speed, 0.5)));
    // The first of the traffic comes to the place when it is gone.
    atS = leaveS + Math.max(2, least) + Math.max(0, 0.5 - x) / carSize / speed;
  }
  const untilS = atS + pick(d.lastsS, dwellS - 10, dwellS + 40);
  for (let n = 1; atS < untilS; n++) {
    cars.push(passing(lookOf(d.alike, n), atS, speed));
    // Never evenly: in step with the frames, one after another would be seen at the same spot.
    atS += Math.max(headwayS, least) * (1 + 0.4 * ((n * (0.618 + d.scatter / 10)) % 1));
  }
  if (d.stops) {
    const x = xOf(d.stops.x);
    const fromS = atS + (x - 0.5) / carSize / speed;
    cars.push(onLane(lookOf(d.alike, cars.length), [{ x, fromS, toS: fromS + stopOf(d.stops) }], speed, 1));
  }
  return cars;
}

export const queueDraws = fc.record({
  cars: fc.integer({ min: 2, max: 7 }),
  steps: fc.array(unit, { minLength: 2, maxLength: 9 }),
  standsS: unit,
  movesS: unit,
  lagS: unit,
  scatter: unit,
  alike: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  /** From this car on they really stay at some step. */
  stays: fc.option(fc.record({ car: fc.nat(6), step: fc.nat(8), length: unit })),
});
type QueueDraws = typeof queueDraws extends fc.Arbitrary<infer T> ? T : never;

/** Longer than a car of a queue stands at one place before it moves up. */
export const longestStandS = 28;

/** A queue that moves up a place at a time; the first drives off each time. */
export function queue(d: QueueDraws, terms: Terms): Actor[] {
  const longest = Math.min(longestStandS, terms.dwellS - 8);
  const movesS = pick(d.movesS, 0.8, 4);
  const lagS = pick(d.lagS, 0.1, 0.8);
  const baseS = pick(d.standsS, 3, Math.min(25, longest));
  // Scatter of the standing times by up to 40 % either way.
  const steps = d.steps.map((u) => Math.min(longest, baseS * (1 + 0.8 * d.scatter * (u - 0.5))));
  const stay = d.stays && {
    car: d.stays.car % d.cars,
    step: d.stays.step % steps.length,
    lastsS: pick(d.stays.length, terms.dwellS + 8, terms.dwellS + 40),
  };
  return Array.from({ length: d.cars }, (_, car) => {
    const stops: { x: number; fromS: number; toS: number }[] = [];
    let movedS = -10;
    let stepS = 0;
    for (const [n, standsS] of steps.entries()) {
      stepS += standsS + movesS;
      const place = car - n;
      const staying = stay && car >= stay.car && n >= stay.step ? stay.lastsS : 0;
      const goesS = stepS - movesS + staying + Math.max(0, place) * lagS;
      stops.push({ x: queueX(place), fromS: movedS, toS: goesS });
      movedS = goesS + movesS;
      // A queue that was stuck at an entrance dissolves at once.
      const dissolves = staying > 0 && terms.rule === 'gate-congestion';
      if (place <= 0 || dissolves) break;
    }
    return onLane(lookOf(d.alike, car), stops, 1, queueLengths / movesS);
  });
}

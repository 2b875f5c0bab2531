/** Vehicles that stand in the row, at random. Imports nothing of the product (see script.ts). */
import fc from 'fast-check';
import type { Span } from '../scenes/script.ts';
import { pick, unit } from '../scenes/scripts.ts';
import { parked } from './makers.ts';
import type { Terms } from './moving.ts';
import { type Actor, rowX } from './script.ts';

const speeds = fc.record({ comes: unit, goes: unit });
const speedOf = (u: number) => 0.5 + Math.round(u * 15) / 10;

export const rowDraws = fc.array(
  fc.record({
    atStart: fc.boolean(),
    first: unit,
    length: unit,
    long: fc.oneof({ weight: 2, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
    speeds,
  }),
  { minLength: 1, maxLength: 3 },
);
type RowDraws = typeof rowDraws extends fc.Arbitrary<infer T> ? T : never;

function stayFor(length: number, long: boolean, { dwellS }: Terms): number {
  return long ? pick(length, dwellS + 8, dwellS + 60) : pick(length, 6, dwellS - 8);
}

/** One after another along the row, each for itself. */
export function row(draws: RowDraws, terms: Terms): Actor[] {
  return draws.map(({ atStart, first, length, long, speeds: { comes, goes } }, n) => {
    const arriveS = atStart ? -10 : pick(first, 13, 30);
    const leaveS = Math.max(0, arriveS) + stayFor(length, long, terms);
    const [x, look] = [rowX[n] as number, n];
    return parked({ look, x, arriveS, leaveS, comes: speedOf(comes), goes: speedOf(goes) });
  });
}

export const replacedDraws = fc.record({
  others: fc.array(fc.record({ atStart: fc.boolean(), length: unit, long: fc.boolean(), speeds }), {
    maxLength: 1,
  }),
  occupants: fc.array(
    fc.record({
      length: unit,
      long: fc.boolean(),
      awayS: unit,
      alike: fc.boolean(),
      seen: fc.constantFrom('seen', 'seen', 'leaving', 'coming', 'neither', 'restart'),
      speeds,
    }),
    { minLength: 2, maxLength: 3 },
  ),
});
type ReplacedDraws = typeof replacedDraws extends fc.Arbitrary<infer T> ? T : never;

/**
 * One leaves, another comes to the same place after `awayS`. Both drives are detected, or one, or neither,
 * with a detector that is silent about the rest; or the box restarts meanwhile.
 */
export function replaced(d: ReplacedDraws, terms: Terms) {
  const actors: Actor[] = [];
  const silences: (Span & { actor: number })[] = [];
  const pauses: (Span & { restart: boolean })[] = [];
  let arriveS = -10;
  for (const [n, { length, long, awayS, alike, speeds: own }] of d.occupants.entries()) {
    const [comes, goes] = [speedOf(own.comes), speedOf(own.goes)];
    const leaveS = Math.max(0, arriveS) + stayFor(length, long, terms);
    const look = n > 0 && alike ? (actors.at(-1)?.look ?? 0) : 10 + n;
    actors.push(parked({ look, x: rowX[1] as number, arriveS, leaveS, comes, goes }));
    const nextS = leaveS + pick(awayS, 2, 20);
    const next = d.occupants[n + 1]?.seen;
    if (next === 'coming' || next === 'neither')
      silences.push({ actor: n, fromS: leaveS - 1, toS: leaveS + 20 });
    if (next === 'leaving' || next === 'neither')
      silences.push({ actor: n + 1, fromS: nextS - 20, toS: nextS + 0.1 });
    if (next === 'restart') pauses.push({ fromS: leaveS - 1, toS: nextS + 1, restart: true });
    arriveS = nextS;
  }
  const beside = row(
    d.others.map((one) => ({ ...one, first: 0 })),
    terms,
  );
  return { actors: [...actors, ...beside], silences, pauses };
}

export const shiftDraws = fc.record({
  atStart: fc.boolean(),
  first: unit,
  stops: fc.array(
    fc.record({ is: fc.constantFrom('brief', 'settled', 'nearly', 'long'), length: unit, drive: unit }),
    { minLength: 2, maxLength: 3 },
  ),
  speeds,
});
type ShiftDraws = typeof shiftDraws extends fc.Arbitrary<infer T> ? T : never;

/** One vehicle that shifts along the row: after a brief stand, after it has settled, or as an incident. */
export function shifting(d: ShiftDraws, { dwellS, clearS }: Terms): Actor[] {
  const lengthOf = ({ is, length }: { is: string; length: number }) => {
    const settled = Math.max(30, dwellS / 2) + 3;
    if (is === 'brief') return pick(length, 5, Math.min(30, dwellS / 2) - 4);
    if (is === 'nearly') return dwellS - 8;
    return is === 'settled' && settled < dwellS - 8
      ? pick(length, settled, dwellS - 8)
      : pick(length, dwellS + 8, dwellS + 30);
  };
  const stops = d.stops.map((stop, n) => ({ ...stop, x: rowX[n] as number, lastsS: lengthOf(stop) }));
  const arriveS = d.atStart ? -10 : pick(d.first, 13, 30);
  let fromS = Math.max(0, arriveS);
  const spans = stops.map(({ x, lastsS, drive }) => {
    const span = { x, fromS, toS: fromS + lastsS };
    // Two lengths, as fast as a track can follow at a frame a second, and before the first stay is over.
    fromS = span.toS + pick(drive, 2, clearS - 2);
    return span;
  });
  const [first, ...others] = spans as [{ x: number; fromS: number; toS: number }];
  const { comes, goes } = d.speeds;
  return [
    parked(
      { look: 0, x: first.x, arriveS, leaveS: first.toS, comes: speedOf(comes), goes: speedOf(goes) },
      others,
    ),
  ];
}
